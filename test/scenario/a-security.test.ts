/** OCPP 2.0.1 Part 2, A00, A01: Basic authentication and its password. */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { get, ID, paceUntil, powerCycle, QUICK_RETRY, registered, set, setTo, written } from "./steps.ts";

const PASSWORD = "SecurityCtrlr.BasicAuthPassword";

describe("A01: the password", () => {
  const old = "correct-horse-battery";
  const log: string[] = [];
  const options = { station: { password: old, set: QUICK_RETRY, print: (line: string) => void log.push(line) } };
  const basic = (password: string): string => "Basic " + Buffer.from(`${ID}:${password}`).toString("base64");

  scenario(
    "A-01, A-02, A-06, A-07, A-08: taken when well formed, used from the next connection on, never told",
    options,
    async (bench) => {
      log.length = 0;
      await registered(bench);
      assert.deepEqual(
        bench.csms.attempts.map(({ authorization }) => authorization),
        [basic(old)],
      );
      const bad = [
        "",
        "fifteen-charact",
        "x".repeat(41),
        "sixteen chars ok",
        "sixteen-chars-\u00e4\u00e4",
        "sixteen-chars-#1",
        "sixteen-chars-,,",
      ];
      for (const value of bad) assert.deepEqual(await set(bench, { [PASSWORD]: value }), ["Rejected"], value);
      assert.equal(bench.csms.attempts.length, 1, "the connection stays");
      const good = ["aB3*-_=:+|@.aB34", "Z".repeat(40)];
      for (const value of good) {
        const before = bench.csms.attempts.length;
        await setTo(bench, PASSWORD, value);
        await paceUntil(
          bench,
          "a new connection",
          async () => bench.csms.attempts.length > before && (await bench.station.state()).online,
          20,
        );
        assert.equal(bench.csms.attempts.at(-1)!.authorization, basic(value));
      }
      assert.deepEqual(await get(bench, PASSWORD), ["Rejected"]);
      await powerCycle(bench);
      await registered(bench);
      assert.equal(bench.csms.attempts.at(-1)!.authorization, basic(good[1]));
      for (const value of [old, ...bad.slice(1), ...good]) {
        assert.ok(!written(bench).includes(value), `${value} in a frame of the station`);
        assert.ok(!log.some((line) => line.includes(value)), `${value} in the log`);
      }
    },
  );
});
