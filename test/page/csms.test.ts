/** The CSMS's page in a real browser, with a real station behind it. */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "playwright-core";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { Feed } from "../../tools/csms/feed.ts";
import { startCsmsPage, type CsmsPage } from "../../tools/csms/page.ts";
import { parseScenario } from "../../tools/scenario/file.ts";
import { Recorder } from "../../tools/scenario/record.ts";
import { startStation, type Station } from "../../tools/sim/sim.ts";
import { BOOT, FakeStation, transactionEvent } from "../csms/fake-station.ts";
import { describeInBrowser, heapBytes } from "./browser.ts";

const MARKUP = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

describeInBrowser("the CSMS's page", ({ test, open }) => {
  let csms: Csms;
  let served: CsmsPage;
  let page: Page;
  let complaints: string[];
  let station: Station | undefined;
  let recorder: Recorder | undefined;
  /** The connection is refused on purpose. */
  let goneExpected: boolean;

  beforeEach(async () => {
    const feed = new Feed();
    const now = (): number => station?.now() ?? Date.now();
    csms = await startCsms({ protocols: ["ocpp2.0.1", "ocpp1.6"], log: (entry) => feed.log(entry), now });
    const record = async (body: unknown): Promise<{ status: number; body: object }> =>
      recorder ? recorder.call(body) : { status: 200, body: { recording: false, steps: 0 } };
    served = await startCsmsPage(feed, { csms, record, profileChosen: (profile) => recorder?.profile(profile) }, 0);
    complaints = [];
    goneExpected = false;
  });
  afterEach(async () => {
    await station?.close();
    station = undefined;
    recorder = undefined;
    await served.close();
    await csms.close();
    assert.deepEqual(goneExpected ? [] : complaints, [], "errors in the browser");
  });

  /** A registered station whose time runs. */
  async function withStation(): Promise<Station> {
    station = await startStation({ csms: csms.url, timeScale: 1 });
    recorder = new Recorder(station);
    await csms.waitFor(() => csms.stations.get("CS001")?.registration === "Accepted", 8000, "registered");
    return station;
  }

  async function show(options: BrowserContextOptions = {}): Promise<void> {
    ({ page, complaints } = await open(served.url, options));
  }

  const shown = (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor({ timeout: 8000 });

  test("starts and stops a transaction from the forms, filled in as they come", async () => {
    const { post } = await withStation();
    await post("/evse/1/plug");
    await post("/evse/1/ev", { draw: true });
    await show();
    await page.selectOption("#command-action", "RequestStartTransaction");
    await shown("The schema has nothing against it.");
    await page.getByLabel("remoteStartId").fill("41");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("#command-answers").getByText("Accepted, after").waitFor();
    await page
      .locator(".tx.running")
      .getByText(/^Charging · .* · card 04A1B2C3 · /)
      .waitFor({ timeout: 8000 });
    const [transaction] = csms.stations.get("CS001")!.running();
    assert.equal((transaction.events[0].payload.transactionInfo as { remoteStartId: number }).remoteStartId, 41);

    await page.locator(".tx.running summary").click();
    await page.locator(".tx-body").getByText("RemoteStart").waitFor();
    await page.getByRole("button", { name: "Payload" }).first().click();
    await page.locator(".tx-body .payload").getByText('"remoteStartId"').waitFor();

    await page.selectOption("#command-action", "RequestStopTransaction");
    assert.equal(await page.getByLabel("transactionId").inputValue(), transaction.id);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText(/^ended: Remote · /).waitFor({ timeout: 8000 });
    assert.equal(transaction.stoppedReason, "Remote");
    await page
      .locator(".frame")
      .getByText(/Ended #\d+ RemoteStop/)
      .waitFor();
  });

  test("a charge is started and stopped by one button each", async () => {
    const { post, state } = await withStation();
    await post("/evse/1/plug");
    await show();
    await page.getByRole("button", { name: "Start a charge" }).click();
    await page.locator(".tx.running").waitFor({ timeout: 8000 });
    await page.getByRole("button", { name: "Stop the charge" }).click();
    await page.getByText(/^ended: Remote/).waitFor({ timeout: 8000 });
    assert.equal((await state()).evses[0].transactionId, null);
  });

  test("the profile reject is felt by the station at once", async () => {
    const { post, state } = await withStation();
    await post("/evse/1/plug");
    await show();
    await page.getByLabel("The CSMS is").selectOption("reject");
    await csms.waitFor(() => csms.otherwise !== null);
    await post("/tap", { idToken: "04A1B2C3" });
    await page
      .locator(".frame")
      .getByText(/^\s*: Invalid/)
      .waitFor({ timeout: 8000 });
    assert.equal((await state()).evses[0].transactionId, null);
    await page.getByLabel("The CSMS is").selectOption("accept");
    await csms.waitFor(() => csms.otherwise === null);
    await post("/tap", { idToken: "04A1B2C3" });
    await page.locator(".tx.running").waitFor({ timeout: 8000 });
  });

  test("markup in whatever a station says is shown as text", async () => {
    const fake = await FakeStation.connect(csms.url, encodeURIComponent("<b>CS</b>"));
    const self = { model: MARKUP.slice(0, 20), vendorName: "<b>bold</b>", firmwareVersion: MARKUP.slice(0, 50) };
    await fake.call("BootNotification", { reason: "PowerUp", chargingStation: self });
    await fake.call("TransactionEvent", transactionEvent("Started", 0, 1, { transactionInfo: { transactionId: "<i>tx</i>" } }));
    const component = { name: MARKUP.slice(0, 50) };
    const reportData = [{ component, variable: { name: "<u>v</u>" }, variableAttribute: [{ value: MARKUP }] }];
    await fake.call("NotifyReport", { requestId: 1, generatedAt: "2026-01-01T00:00:00Z", seqNo: 0, reportData });
    await fake.call("DataTransfer", { vendorId: MARKUP, data: MARKUP });
    fake.send(`[2,"<b>","${MARKUP.replaceAll('"', '\\"')}",{"<script>":1}]`);
    fake.send(MARKUP);
    fake.answers.DataTransfer = () => ({
      status: "Accepted",
      data: MARKUP,
      statusInfo: { reasonCode: "<b>", additionalInfo: MARKUP },
    });
    await show();
    await page.locator(".frame").getByText("DataTransfer").first().click();
    await page.locator(".frame-detail").getByText("<img src=x onerror").first().waitFor();
    await page.locator(".tx summary").click();
    await page.getByRole("button", { name: "Payload" }).first().click();
    await page.selectOption("#command-action", "DataTransfer");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("#command-answers").getByText("onerror").first().waitFor();
    await page.locator("#variables-table").getByText(MARKUP).first().waitFor();
    await page.getByRole("button", { name: "<b>CS</b>" }).waitFor();
    await page.locator("#log-list").getByText("not JSON").waitFor();
    assert.equal(await page.locator("main :is(img, script, b, i, u)").count(), 0);
    assert.equal(await page.title(), "CSMS");
    fake.end();
  });

  test("a payload against the schema is held back with the fault, and sent anyway when wanted", async () => {
    const fake = await FakeStation.connect(csms.url, "CS1");
    await fake.call("BootNotification", BOOT);
    fake.answers.GetVariables = () => ({ getVariableResult: [] });
    await show();
    await page.selectOption("#command-action", "GetVariables");
    await page.getByLabel("Remove this item of getVariableData").click();
    await shown(/OccurrenceConstraintViolation: GetVariables.req\/getVariableData/);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForTimeout(200);
    assert.ok(!fake.received.some((text) => text.includes("GetVariables")));
    await page.getByRole("button", { name: "Send anyway" }).click();
    await page.locator("#command-answers").getByText("answered, after").waitFor();
    assert.ok(fake.received.some((text) => text.endsWith('"GetVariables",{"getVariableData":[]}]')));
    await page.getByText("Payload as JSON").click();
    await page
      .getByRole("textbox", { name: "Payload as JSON" })
      .fill('{"getVariableData":[{"component":{"name":"Typed"},"variable":{"name":"By hand"}}]}');
    await shown("The schema has nothing against it.");
    assert.equal(await page.getByLabel("name").first().inputValue(), "Typed");
    fake.end();
  });

  test("the form makes nested groups, lists, selects and optional members", async () => {
    const fake = await FakeStation.connect(csms.url, "CS1");
    fake.answers.SetChargingProfile = () => ({ status: "Accepted" });
    await show();
    await page.selectOption("#command-action", "SetChargingProfile");
    await page.getByLabel("chargingProfilePurpose").selectOption("ChargingStationMaxProfile");
    await page.getByLabel("limit").nth(1).fill("8.5");
    await page.getByRole("button", { name: "+ item of chargingSchedulePeriod" }).click();
    await page.getByLabel("startPeriod").nth(2).fill("2400");
    await page.getByRole("button", { name: "Remove duration" }).click();
    await page.getByRole("button", { name: "+ minChargingRate" }).click();
    await page.keyboard.type("6");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator("#command-answers").getByText("Accepted, after").waitFor();
    const sent = fake.received.find((text) => text.includes("SetChargingProfile"))!;
    const { chargingProfile } = (JSON.parse(sent) as unknown[])[3] as { chargingProfile: Record<string, unknown> };
    const [schedule] = chargingProfile.chargingSchedule as Record<string, unknown>[];
    assert.equal(chargingProfile.chargingProfilePurpose, "ChargingStationMaxProfile");
    assert.deepEqual(schedule.chargingSchedulePeriod, [
      { startPeriod: 0, limit: 10 },
      { startPeriod: 1800, limit: 8.5 },
      { startPeriod: 2400, limit: 0 },
    ]);
    assert.deepEqual([schedule.duration, schedule.minChargingRate], [undefined, 6]);
    assert.deepEqual(csms.violations, []);
    fake.end();
  });

  test("a click records, the next one saves a scenario that can be read", async () => {
    const { post } = await withStation();
    await show();
    await page.getByRole("button", { name: "Record" }).click();
    await page.getByRole("button", { name: "Stop and save" }).waitFor();
    await post("/evse/1/plug");
    await csms.waitFor(() => csms.stations.get("CS001")!.connectors.get("1/1")?.status === "Occupied");
    await page.getByLabel("The CSMS is").selectOption("reject");
    await csms.waitFor(() => csms.otherwise !== null);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Stop and save" }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const { steps } = parseScenario(Buffer.concat(chunks).toString("utf8"), download.suggestedFilename());
    assert.ok(steps.some((step) => step.post === "/evse/1/plug"));
    assert.ok(steps.some(({ profile }) => profile === "reject"));
    assert.ok(steps.some(({ expect }) => expect?.some(({ sends }) => sends === "StatusNotification")));
  });

  test("says that the CSMS is gone, and is there again with it", async () => {
    const fake = await FakeStation.connect(csms.url, "CS1");
    await fake.call("BootNotification", BOOT);
    await show();
    await page.getByRole("button", { name: "CS1" }).waitFor();
    goneExpected = true;
    const { port } = new URL(served.url);
    await served.close();
    await page.getByRole("alert").getByText("The CSMS is gone").waitFor({ timeout: 8000 });
    served = await startCsmsPage(new Feed(), { csms }, Number(port));
    await page.getByRole("alert").waitFor({ state: "hidden", timeout: 8000 });
    fake.end();
  });

  test("thousands of frames, hundreds a second, leave it quick and small", async () => {
    const fake = await FakeStation.connect(csms.url, "CS1");
    await fake.call("BootNotification", BOOT);
    await show();
    await page.getByRole("button", { name: "CS1" }).waitFor();
    const data = "x".repeat(1500);
    for (let i = 0; i < 2100; i++) {
      await fake.call("DataTransfer", { vendorId: "org.example", data });
      if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await page
      .locator(".frames-tools .quiet")
      .getByText(/^[456]\d{3} messages$/)
      .waitFor();
    const began = Date.now();
    await page.getByRole("searchbox", { name: "Search in messages" }).fill("PowerUp");
    await page
      .locator(".frames-tools .quiet")
      .getByText(/^\d of/)
      .waitFor();
    assert.ok(Date.now() - began < 2000, `a search takes ${Date.now() - began} ms`);
    assert.ok((await page.locator("main *").count()) < 1500, "only what is in sight is there");
    const bytes = await heapBytes(page);
    assert.ok(bytes < 60e6, `${bytes} bytes`);
    fake.end();
  });

  test("two stations, each with its own; narrow as a phone, dark, by keyboard alone", async () => {
    const one = await FakeStation.connect(csms.url, "CS1");
    const two = await FakeStation.connect(csms.url, "CS2", { protocols: ["ocpp1.6"] });
    await one.call("BootNotification", BOOT);
    await two.call("BootNotification", { chargePointVendor: "Old", chargePointModel: "One" });
    await show({ colorScheme: "dark", viewport: { width: 390, height: 800 } });
    await page.getByRole("button", { name: "CS2" }).waitFor();
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert.equal(overflow, 0, "nothing is wider than the phone");
    assert.notEqual(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(243, 245, 247)");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "To the commands");
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "CS2") break;
    }
    await page.keyboard.press("Enter");
    await page.locator("#command-station").getByText("to CS2").waitFor();
    await page.locator("#command-action option[value=RemoteStartTransaction]").waitFor({ state: "attached" });
    await page.locator(".frame").getByText("Old One").waitFor();
    assert.equal(await page.locator(".frame").getByText("Test Fake").count(), 0);
    one.end();
    two.end();
  });
});
