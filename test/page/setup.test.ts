/** The page of a board that is to be configured, in a browser: a person chooses a network, tries it, corrects a mistake and saves. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { hasEspruino } from "../scenario/harness.ts";
import { withWifi, type WifiBench } from "../wifi/bench.ts";
import { pagePort } from "../wifi/page-client.ts";
import { describeInBrowser, until } from "./browser.ts";

/** Simulated time goes on while `work` is under way. */
async function meanwhile<T>({ advance }: WifiBench, work: Promise<T>): Promise<T> {
  const end = { reached: false };
  const done = work.finally(() => (end.reached = true));
  done.catch(() => undefined);
  while (!end.reached) {
    await advance(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return done;
}

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]`).fill(value);
}

describeInBrowser("setup page", ({ test, open }) => {
  for (const engine of ["node", "espruino"] as const) {
    if (engine === "espruino" && !hasEspruino()) continue;

    test(`leads from an unconfigured board to a station that is online, on ${engine}`, async () => {
      await withWifi(
        engine,
        { configured: false, prepare: (wifi) => void wifi.network("Neighbour", "", { rssi: -80 }) },
        async (bench) => {
          const port = await pagePort(bench);
          const { page, complaints } = await open(`http://127.0.0.1:${port}/generate_204`, {
            viewport: { width: 390, height: 800 },
          });
          const say = page.getByRole("status");
          await page.getByText("Bench 0001").waitFor();

          await page.getByRole("button", { name: "Look for networks" }).click();
          await meanwhile(bench, page.getByLabel("Networks found").waitFor());
          await page.getByLabel("Networks found").selectOption({ label: "Home (-60 dBm, wpa2)" });
          assert.equal(await page.locator(`[name="ssid"]`).inputValue(), "Home");

          await fill(page, { key: "wrong horse", url: bench.csms.url, id: "CP 7", password: "too short", amps: "16" });
          await page.getByRole("button", { name: "Try it" }).click();
          await say.getByText("16 to 40 letters").waitFor();
          assert.equal(await page.locator(`[aria-invalid="true"]`).getAttribute("name"), "password");

          await fill(page, { password: "0123456789abcdef" });
          await page.getByRole("button", { name: "Try it" }).click();
          await meanwhile(bench, page.getByText("4WAY_HANDSHAKE_TIMEOUT").waitFor());

          await fill(page, { key: "correct horse" });
          await page.getByRole("button", { name: "Try it" }).click();
          await meanwhile(bench, page.getByText("101 Switching Protocols: it works.").waitFor());

          await page.getByRole("button", { name: "Save and start" }).click();
          await page.getByText("Saved.").waitFor();
          await until("online", async () => {
            await bench.advance(1);
            return bench.online();
          });
          assert.deepEqual([...bench.csms.stations.keys()], ["CP 7"]);
          // A field that was refused, and the page that was there when the station went.
          assert.deepEqual(
            complaints.filter((text) => !/422|ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET/.test(text)),
            [],
          );
        },
      );
    });
  }
});
