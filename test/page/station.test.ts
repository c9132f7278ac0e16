/** The station's page in a browser: a person charges, pulls the network, cuts the power, and sees what happens. */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { describeInBrowser, until } from "./browser.ts";
import { closeAll, stationBench } from "./station-bench.ts";

function point(page: Page, id: number): Locator {
  return page.getByRole("article", { name: `Charging point ${id}` });
}

/** Presses the blue button, which must say `label`. */
async function follow(page: Page, id: number, label: string): Promise<void> {
  await point(page, id).locator(".next-step").getByRole("button", { name: label }).click();
}

/** Follows the blue button until the car charges. */
async function charge(page: Page, id: number): Promise<void> {
  await follow(page, id, "Plug the cable in");
  await follow(page, id, "Present a card");
  await follow(page, id, "Let the car charge");
  await point(page, id).getByText("Charging with 3.68 kW").waitFor();
}

async function advance(page: Page, jump: string): Promise<void> {
  const button = page.getByRole("button", { name: jump, exact: true });
  await button.click();
  await page.locator(`button[aria-busy="true"]`).waitFor({ state: "detached" });
}

describeInBrowser("station page", ({ test, open }) => {
  afterEach(closeAll);

  test("charges a car, stops it and lets it go by following the blue button alone", async () => {
    const { station, csms, url } = await stationBench();
    const { page, complaints } = await open(url);
    await charge(page, 2);
    const [, evse] = (await station.state()).evses;
    assert.deepEqual([evse.plugged, evse.pilot, evse.contactor, evse.locked, evse.amps], [true, "C", true, true, 16]);
    await point(page, 2)
      .getByRole("img", { name: /EVSE 2: Charging; 3\.68 kW, .*locked, contactor closed, pilot C/ })
      .waitFor();
    await advance(page, "+10 min");
    await follow(page, 2, "Stop: present the card");
    await point(page, 2)
      .getByText(/Done: the car has got 0\.6\d\d kWh/)
      .waitFor();
    await follow(page, 2, "Unplug the cable");
    await point(page, 2).getByText("A car has come.").waitFor();
    // By search: the list draws only the frames that are in sight.
    await page.getByRole("searchbox", { name: "Search in messages" }).fill("Ended");
    await page.locator(".frame", { hasText: "TransactionEvent Ended" }).first().waitFor();
    assert.equal((await station.state()).evses[1].plugged, false);
    assert.deepEqual([csms.violations, csms.findings, complaints], [[], [], []]);
  });

  test("pulls the network: the queue grows, is shown, and drains when the network is back", async () => {
    const { station, url } = await stationBench();
    const { page } = await open(url);
    await charge(page, 1);
    await page.getByRole("button", { name: "Pull the network" }).click();
    await advance(page, "+10 min");
    const queue = page.locator(".gauge", { hasText: "Queue" });
    await queue.getByText(/\d+ events wait/).waitFor();
    await point(page, 1)
      .getByText(/It goes on charging\. The network is cut\. \d+ events wait on flash/)
      .waitFor();
    await follow(page, 1, "Connect the network");
    await advance(page, "+1 min");
    await queue.getByText("Empty").waitFor();
    assert.equal((await station.state()).queue.events, 0);
    await page.locator(".frame", { hasText: "offline" }).first().waitFor();
  });

  test("cuts the power while the station writes flash in mid-charge: the transaction is closed after the power is back", async () => {
    const { station, csms, url } = await stationBench();
    const { page } = await open(url);
    await charge(page, 1);
    const { transactionId } = (await station.state()).evses[0];
    await page.getByText("Fail while writing flash").click();
    await page.getByLabel("Flash operations until the power fails").fill("1");
    await page.getByLabel("torn").check();
    await page.getByRole("button", { name: "Arm" }).click();
    await page.getByText("fails in flash operation 1").waitFor();
    await advance(page, "+1 min");
    await page.locator("#facts").getByText("Power off").waitFor();
    await follow(page, 1, "Switch the power on");
    await point(page, 1).getByRole("button", { name: "Unplug", exact: true }).waitFor();
    await until("closed", async () => (await station.state()).evses[0].transactionId === null);
    await page
      .locator(".frame", { hasText: /TransactionEvent Ended.*PowerLoss/ })
      .first()
      .waitFor();
    const known = csms.stations.get("CS001")?.transactions.get(transactionId ?? "");
    assert.ok(known?.ended, "the CSMS knows the end");
  });

  test("shows what the CSMS thinks of a card, faults and a lock that sticks", async () => {
    const { url } = await stationBench();
    const { page } = await open(url);
    await follow(page, 1, "Plug the cable in");
    await page.getByRole("button", { name: /^Stolen/ }).click();
    await page.getByText("Stolen’s card: Blocked").waitFor();
    const one = point(page, 1);
    await one.getByText("Faults", { exact: true }).click();
    await one.getByRole("button", { name: "Break" }).click();
    await one.getByText("Something is broken: GroundFailure.").waitFor();
    await one.getByText("EVSE 1: Faulted").waitFor();
    await follow(page, 1, "Repair it");
    await one.getByText("EVSE 1: Occupied").waitFor();
    await one.getByRole("button", { name: "Lock sticks" }).click();
    await one.getByText("unlocked, stuck").waitFor();
  });

  test("shows the settings, finds one, and marks what the CSMS has set", async () => {
    const { csms, url } = await stationBench();
    const { page } = await open(url);
    await page.getByLabel("Search in settings").fill("HeartbeatI");
    const row = page.getByRole("row", { name: /OCPPCommCtrlr\.HeartbeatInterval/ });
    await row.waitFor();
    assert.equal(await page.locator("#settings-table tbody tr").count(), 1);
    const component = { name: "OCPPCommCtrlr" };
    const variable = { name: "HeartbeatInterval" };
    await csms.call("CS001", "SetVariables", { setVariableData: [{ component, variable, attributeValue: "777" }] });
    await row.getByText("set by the CSMS").waitFor();
    assert.match(await row.innerText(), /777 s/);
  });

  test("is driven by keyboard, and everything that can be used has a name", async () => {
    const { station, url } = await stationBench();
    const { page } = await open(url);
    const blue = point(page, 1).locator(".next-step button");
    await blue.waitFor();
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press("Tab");
      if (await blue.evaluate((button) => button === document.activeElement)) break;
    }
    assert.match(await blue.evaluate((button) => getComputedStyle(button).outlineStyle), /solid/, "the focus is seen");
    await page.keyboard.press("Enter");
    await until("plugged", async () => (await station.state()).evses[0].plugged);

    await page.getByRole("listbox", { name: "Messages" }).focus();
    await page.keyboard.press("Home");
    await page.getByRole("region", { name: "Message BootNotification" }).getByText("chargingStation").first().waitFor();
    await page.keyboard.press("Escape");

    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, input, select, a, [tabindex]")]
        .filter((one) => {
          const labels = (one as HTMLInputElement).labels?.length ?? 0;
          return (
            !one.hidden && labels === 0 && !one.ariaLabel && !one.getAttribute("aria-labelledby") && !one.textContent?.trim()
          );
        })
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(nameless, []);
  });
});
