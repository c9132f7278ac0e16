/** The power fails while the setup page saves: the board has all of the old settings or all of the new ones. */
import assert from "node:assert/strict";
import { wifiTest, type WifiBench } from "./bench.ts";
import { pagePort, raw } from "./page-client.ts";

/** Saves with a power cut in the n-th flash operation: which settings are there afterwards. */
async function saveWithCut(bench: WifiBench, n: number, torn: boolean): Promise<"old" | "new" | "no cut"> {
  const { station, wifi, csms, advance, until } = bench;
  const port = await pagePort(bench);
  const body = new URLSearchParams({
    ssid: "Home",
    key: "correct horse",
    url: csms.url,
    id: "CP 7",
    password: "0123456789abcdef",
    version: "ocpp2.0.1",
    amps: "20",
  }).toString();
  assert.equal((await station.post("/power", { cutAfterFlashOps: n, torn })).status, 200);
  const answer = await raw(port, `POST /save HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  if (answer !== "") return "no cut";
  while ((await station.state()).powered) await new Promise((resolve) => setTimeout(resolve, 10));
  wifi.asked.length = 0;
  assert.equal((await station.post("/power", { on: true })).status, 200);
  await until("a decision", () => wifi.asked.some((what) => /^(join|open)/.test(what)), 10);
  if (wifi.asked.some((what) => what.startsWith("open"))) return "old";
  await until("online", bench.online, 10);
  await advance(1);
  assert.deepEqual([...csms.stations.keys()], ["CP 7"]);
  return "new";
}

describe("saving", () => {
  for (const torn of [false, true])
    wifiTest(
      `at once or not at all, with the power cut in each flash operation${torn ? ", half done" : ""}`,
      { configured: false },
      async (bench) => {
        const seen: string[] = [];
        for (let n = 1; n < 40; n++) {
          const result = await saveWithCut(bench, n, torn);
          seen.push(result);
          if (result !== "old") break;
        }
        assert.ok(seen.length > 3 && seen.slice(0, -1).every((result) => result === "old"), seen.join());
      },
    );
});
