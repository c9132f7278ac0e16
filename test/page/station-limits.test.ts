/** The station's page under load and in trouble: markup in payloads, many frames, a long day, a dead simulator, two windows. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { HistoryRow } from "../../tools/page/history.ts";
import { startStation } from "../../tools/sim/sim.ts";
import { describeInBrowser, heapBytes, until } from "./browser.ts";
import { closeAll, closing, FakeSimulator, stationBench } from "./station-bench.ts";

const MARKUP = `<img src=x onerror="document.title='hacked'"><script>document.title='hacked'</script>`;
const MOST_HEAP = 200_000_000;

/** Longest pause between two drawings of the page from now on, ms. */
async function watchPauses(page: Page): Promise<() => Promise<number>> {
  // As text: what the test runner's compiler adds to functions is not there in the page.
  await page.evaluate(`{
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      document.body.dataset.pause = String(Math.max(Number(document.body.dataset.pause ?? 0), now - last));
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }`);
  return () => page.evaluate(() => Number(document.body.dataset.pause));
}

function updated(k: number): string {
  return JSON.stringify([
    2,
    `m${k}`,
    "TransactionEvent",
    {
      eventType: "Updated",
      timestamp: "2026-01-01T00:00:00Z",
      triggerReason: "MeterValuePeriodic",
      seqNo: k,
      transactionInfo: { transactionId: "4111692317-1-6", chargingState: "Charging" },
      evse: { id: 1, connectorId: 1 },
      meterValue: [
        { timestamp: "2026-01-01T00:00:00Z", sampledValue: [{ value: k, measurand: "Energy.Active.Import.Register" }] },
      ],
    },
  ]);
}

describeInBrowser("station page under load", ({ test, open }) => {
  afterEach(closeAll);

  test("shows markup in payloads, actions and errors as text and runs nothing", async () => {
    const { csms, url } = await stationBench();
    const { page } = await open(url);
    await page.locator(".frame").first().waitFor();
    for (const [id, action] of [
      [MARKUP.slice(0, 36), "DataTransfer"],
      ["x", MARKUP],
    ]) {
      csms.raw("CS001", JSON.stringify([2, id, action, { vendorId: MARKUP, data: MARKUP }]));
    }
    const row = page.locator(".frame.in", { hasText: "<img src=x onerror=" }).first();
    await row.click();
    await page.locator(".payload", { hasText: "<script>document.title='hacked'</script>" }).first().waitFor();
    await page.getByText("Another card, another reader").click();
    await page.getByLabel("Number of the card").fill(MARKUP.slice(0, 30));
    await page.getByRole("button", { name: "Present", exact: true }).click();
    await page.locator(".toast").waitFor();
    assert.equal(await page.title(), "Charging station");
    assert.equal(await page.locator("#messages img, #messages script, .toast img").count(), 0);
    const policy = (await fetch(url)).headers.get("content-security-policy") ?? "";
    assert.match(policy, /script-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(await (await fetch(url)).text(), /<script>|<style| on[a-z]+=| style=/);
  });

  test("marks frames that are against the schema, and finds them", async () => {
    const { csms, url } = await stationBench();
    const { page } = await open(url);
    await page.locator(".frame").first().waitFor();
    csms.raw("CS001", `[2,"bad","Reset",{"type":"Sometimes"}]`);
    await page.getByLabel("Faults only").check();
    const row = page.locator(".frame.fault:visible");
    await row.waitFor();
    assert.match(await row.innerText(), /Reset/);
    await row.click();
    await page.locator(".faults", { hasText: "PropertyConstraintViolation" }).waitFor();
  });

  test("keeps up with 200 frames a second for 10 s without freezing", async function () {
    const fake = await FakeSimulator.open();
    const { page, complaints } = await open(fake.url);
    await page.locator(".charger").first().waitFor();
    const longest = await watchPauses(page);
    const start = performance.now();
    while (performance.now() - start < 10_000) {
      const due = Math.floor((performance.now() - start) / 5);
      while (fake.frames.length < due) {
        const k = fake.frames.length + 1;
        if (k % 2 === 1) fake.send("out", updated(k));
        else fake.send("in", `[3,"m${k - 1}",{}]`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { length } = fake.frames;
    assert.ok(length > 1900, `${length} frames were sent`);
    const sent = performance.now();
    await page.getByText(`${length} messages`).waitFor();
    const lag = performance.now() - sent;
    const pause = await longest();
    const heap = await heapBytes(page);
    console.log(
      `        ${length} frames: ${lag.toFixed(0)} ms behind, longest pause ${pause.toFixed(0)} ms, heap ${(heap / 1e6).toFixed(1)} MB`,
    );
    assert.ok(lag < 2000, `${lag} ms behind`);
    assert.ok(pause < 1500, `a pause of ${pause} ms`);
    assert.deepEqual(complaints, []);
  });

  test("takes a day of history and 50,000 frames in less than 200 MB, and still answers", async () => {
    const fake = await FakeSimulator.open();
    const day = 86_400_000;
    const begin = Date.now() - day;
    const rows = fake.view.history as HistoryRow[];
    for (let n = 1; n <= 100_000; n++) {
      const t = begin + (n * day) / 100_000;
      rows.push([n, t, 1 + (n % 2), n % 7 === 0 ? 0 : 6 + (n % 10), 16, n, `tx${Math.floor(n / 5000)}`]);
    }
    for (let k = 1; k <= 50_000; k++) {
      const text = k % 2 === 1 ? updated(k) : `[3,"m${k - 1}",{}]`;
      fake.frames.push({ k, t: begin + (k * day) / 50_000, dir: k % 2 === 1 ? "out" : "in", text });
    }
    const { page, complaints } = await open(fake.url);
    await page.locator("#plots-range").selectOption("86400000");
    await page.getByText(/^\d{5} messages$/).waitFor({ timeout: 20_000 });
    await page.waitForTimeout(6000);
    const longest = await watchPauses(page);
    const start = performance.now();
    await page.getByLabel("Search in messages").fill(`"seqNo":49997,`);
    await page.getByText(/^1 of \d+$/).waitFor();
    const found = performance.now() - start;
    await page.waitForTimeout(2500);
    const heap = await heapBytes(page);
    console.log(
      `        a day: heap ${(heap / 1e6).toFixed(1)} MB, search ${found.toFixed(0)} ms, longest pause ${(await longest()).toFixed(0)} ms`,
    );
    assert.ok(heap < MOST_HEAP, `${heap} bytes`);
    assert.ok((await longest()) < 1500);
    assert.deepEqual(complaints, []);
  });

  test("says that the simulator is gone, and takes up a new one at the same address", async () => {
    const { station, csms, url } = await stationBench();
    const { page } = await open(url);
    await page.locator(".frame", { hasText: "BootNotification" }).first().waitFor();
    await station.close();
    await page.getByRole("alert").getByText("The simulator is gone.").waitFor();
    closing(await startStation({ csms: csms.url, port: Number(new URL(url).port), evses: 1 }));
    await page.getByRole("alert").waitFor({ state: "hidden" });
    await until("one EVSE", async () => (await page.locator(".charger").count()) === 1);
    await page.locator(".frame", { hasText: "BootNotification" }).first().waitFor();
  });

  test("agrees with a second window", async () => {
    const { url } = await stationBench();
    const [first, second] = [(await open(url)).page, (await open(url)).page];
    await first.getByRole("button", { name: "Plug the cable in" }).first().click();
    await second.getByText("The cable is in. Who pays?").waitFor();
    await second.getByRole("button", { name: "Present a card" }).click();
    await first.getByText("Anna’s card: Accepted").waitFor();
    await second.getByRole("button", { name: "Freeze" }).click();
    await first.getByRole("button", { name: "Unfreeze" }).waitFor();
    const shown = async (page: Page): Promise<unknown> => [
      await page.locator(".advice").allInnerTexts(),
      await page.locator(".charger").evaluateAll((drawings) => drawings.map((one) => one.getAttribute("aria-label"))),
      await page.locator(".frame:visible").allInnerTexts(),
      await page.locator("#station .chip").first().innerText(),
    ];
    await until("the same", async () => JSON.stringify(await shown(first)) === JSON.stringify(await shown(second)));
  });
});
