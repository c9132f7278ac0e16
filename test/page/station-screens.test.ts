/**
 * The station's page on a desk and in a hand, light and dark: nothing sticks out sideways, and with UPDATE_SCREENSHOTS=1 the pictures of the
 * README are made anew (docs/images).
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describeInBrowser, until } from "./browser.ts";
import { closeAll, stationBench, type StationBench } from "./station-bench.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const UPDATE = process.env.UPDATE_SCREENSHOTS === "1";

const SCREENS = [
  { name: "desktop", viewport: { width: 1500, height: 1760 }, deviceScaleFactor: 1 },
  { name: "phone", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
];

/** A car charges at EVSE 1; the network was away for a while. At EVSE 2 a car has been plugged in. */
async function scene({ station }: StationBench): Promise<void> {
  const calls: [path: string, body?: object][] = [
    ["/evse/1/plug"],
    ["/tap", { idToken: "04A1B2C3", type: "ISO14443" }],
    ["/evse/1/ev", { draw: true, amps: 16 }],
    ["/clock", { advance: 420 }],
    ["/evse/1/ev", { draw: true, amps: 10 }],
    ["/network", { up: false }],
    ["/clock", { advance: 300 }],
    ["/network", { up: true }],
    ["/clock", { advance: 240 }],
    ["/evse/1/ev", { draw: true, amps: 16 }],
    ["/evse/2/plug"],
    ["/clock", { advance: 20 }],
  ];
  for (const [path, body] of calls) {
    const { status } = await station.post(path, body);
    assert.equal(status, 200, path);
  }
  await until("drained", async () => (await station.state()).queue.events === 0);
}

async function ready(page: Page, before: () => Promise<void> = async () => undefined): Promise<void> {
  await page.locator(".charger").first().waitFor();
  await before();
  await page.getByText("Charging with 3.68 kW").waitFor();
  await page.getByText("The cable is in. Who pays?").waitFor();
  await page.locator("#plots-range").selectOption("1800000");
  // Curves and words are fetched after the frames.
  await page.waitForTimeout(1800);
}

describeInBrowser("station page on screens", ({ test, open }) => {
  afterEach(closeAll);

  test("fits a desk and a phone, light and dark", async () => {
    const bench = await stationBench();
    // A window from the beginning: who looks on gets the queue's curve finer.
    await ready((await open(bench.url)).page, () => scene(bench));
    for (const { name, viewport, deviceScaleFactor } of SCREENS) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, complaints } = await open(bench.url, { viewport, deviceScaleFactor, colorScheme });
        await ready(page);
        const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(content <= width, `${name}: ${content} px wide in ${width}`);
        assert.deepEqual(complaints, []);
        if (UPDATE) {
          mkdirSync(IMAGES, { recursive: true });
          await page.screenshot({ path: `${IMAGES}station-${name}-${colorScheme}.png` });
        }
        await page.close();
      }
    }
  });
});
