/**
 * The CSMS's page on a desk and in a hand, light and dark: nothing sticks out sideways, and with UPDATE_SCREENSHOTS=1 the pictures of the
 * README are made anew (docs/images).
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { Feed } from "../../tools/csms/feed.ts";
import { startCsmsPage, type CsmsPage } from "../../tools/csms/page.ts";
import { startStation, type Station } from "../../tools/sim/sim.ts";
import { describeInBrowser, until } from "./browser.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const UPDATE = process.env.UPDATE_SCREENSHOTS === "1";
const SCREENS = [
  { name: "desktop", viewport: { width: 1500, height: 1250 }, deviceScaleFactor: 1 },
  { name: "phone", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
];

describeInBrowser("CSMS's page on screens", ({ test, open }) => {
  let csms: Csms;
  let served: CsmsPage;
  let station: Station | undefined;

  beforeEach(async () => {
    const feed = new Feed();
    csms = await startCsms({ log: (entry) => feed.log(entry), now: () => station?.now() ?? Date.now() });
    served = await startCsmsPage(feed, { csms }, 0);
  });
  afterEach(async () => {
    await station?.close();
    station = undefined;
    await served.close();
    await csms.close();
  });

  /** One charge is over, another one runs, some variables are known. */
  async function scene(): Promise<void> {
    station = await startStation({ csms: csms.url, timeScale: 1 });
    const { post, state } = station;
    const transaction = async (): Promise<string | null> => (await state()).evses[0].transactionId;
    await until("registered", async () => (await state()).registration === "Accepted");
    await post("/evse/1/plug");
    await post("/evse/1/ev", { draw: true, amps: 16 });
    for (let charge = 0; charge < 2; charge++) {
      await post("/tap", { idToken: "04A1B2C3" });
      await until("charging", async () => (await transaction()) !== null);
      await post("/clock", { advance: 300 });
      if (charge === 0) await csms.call("CS001", "RequestStopTransaction", { transactionId: await transaction() });
      if (charge === 0) await until("over", async () => (await transaction()) === null);
    }
    const names = ["OCPPCommCtrlr.HeartbeatInterval", "TxCtrlr.EVConnectionTimeOut", "SampledDataCtrlr.TxUpdatedInterval"];
    const getVariableData = names
      .map((name) => name.split("."))
      .map(([one, other]) => ({ component: { name: one }, variable: { name: other } }));
    await csms.call("CS001", "GetVariables", { getVariableData });
  }

  test("fits a desk and a phone, light and dark", async () => {
    await scene();
    for (const { name, viewport, deviceScaleFactor } of SCREENS) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, complaints } = await open(served.url, { viewport, deviceScaleFactor, colorScheme });
        await page.locator(".tx.running").waitFor();
        await page.getByText("The schema has nothing against it.").waitFor();
        await page.getByText(/^3 learnt/).waitFor();
        const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(content <= width, `${name}: ${content} px wide in ${width}`);
        assert.deepEqual(complaints, []);
        if (UPDATE) {
          mkdirSync(IMAGES, { recursive: true });
          await page.screenshot({ path: `${IMAGES}csms-${name}-${colorScheme}.png` });
        }
        await page.close();
      }
    }
  });
});
