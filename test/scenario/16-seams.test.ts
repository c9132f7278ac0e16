/**
 * What was recorded under one protocol goes to a server of the other: the table of docs/ARCHITECTURE.md, "Between the protocols". The station
 * offers both; the CSMS takes the first of its list.
 */
import assert from "node:assert/strict";
import type { Protocol } from "../../tools/csms/csms.ts";
import { readSecurityLog, SECURITY_EVENTS } from "../../tools/flash/security-log.ts";
import { hasEspruino, withBench, type Bench } from "./harness.ts";
import { calls, car, CARD, mark, pace, paceUntil, QUICK_RETRY, registered, setTo, tap, told } from "./steps.ts";
import { told16 } from "./steps16.ts";

const LONG = { idToken: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123", type: "Central" };

type Switch = (to: Protocol, meanwhile?: () => Promise<void>) => Promise<number>;

/** `body` on each engine with a station that speaks `first`; its `swap` loses the connection and finds the CSMS speaking the other protocol. */
function seam(title: string, first: Protocol, body: (bench: Bench, swap: Switch) => Promise<void>): void {
  for (const engine of ["node", "espruino"] as const) {
    const missing = engine === "espruino" && !hasEspruino() ? ": no binary in ESPRUINO or on PATH" : "";
    it(`${title} [${engine}${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(180_000);
      const protocols: Protocol[] = first === "ocpp1.6" ? ["ocpp1.6", "ocpp2.0.1"] : ["ocpp2.0.1", "ocpp1.6"];
      const set = { ...QUICK_RETRY, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" };
      // Each server sees a part of the transaction: order is judged here.
      await withBench(
        { station: { engine, protocol: "auto", set }, csms: { protocols }, allowViolations: true },
        async (bench) => {
          await registered(bench);
          await body(bench, async (to, meanwhile = async () => undefined) => {
            await bench.post("/network", { up: false });
            await meanwhile();
            const from = mark(bench);
            if (protocols[0] !== to) protocols.reverse();
            await bench.post("/network", { up: true });
            await paceUntil(bench, "reconnected", async () => (await bench.station.state()).protocol === to, 20);
            await bench.accepted();
            await bench.settled();
            return from;
          });
          assert.deepEqual(bench.csms.violations, [], "frames against the schema");
        },
      );
    });
  }
}

/** Without boot, statuses and heartbeats. */
function transactions(lines: string[]): string[] {
  return lines.filter((line) => !/^(Boot|Status|Heartbeat)/.test(line));
}

async function session(bench: Bench, card: object = CARD): Promise<void> {
  await bench.post("/evse/1/ev", { draw: true });
  await bench.post("/evse/1/plug");
  await pace(bench, 2);
  await bench.post("/tap", card);
  await pace(bench, 70);
  await bench.post("/tap", card);
  await pace(bench, 2);
  await bench.post("/evse/1/unplug");
  await pace(bench, 2);
}

/** The id that the CSMS gave last. */
const idOf = (bench: Bench): string => String(calls(bench, 0, "StopTransaction").at(-1)?.payload.transactionId);

describe("between the protocols", () => {
  seam("a transaction recorded under 2.0.1 is told in 1.6, with the id of its Start", "ocpp2.0.1", async (bench, swap) => {
    const from = await swap("ocpp1.6", () => session(bench));
    const lines = told16(bench, from);
    assert.deepEqual(lines.slice(0, 3), ["Boot", "Status 0 Available", "Status 1 Available"]);
    const [start, values, stop, ...rest] = transactions(lines);
    assert.equal(start, "Start 1 04A1B2C3 0");
    assert.match(values, /^Values 1 [1-9]\d* Sample.Periodic$/);
    assert.match(stop, /^Stop [1-9]\d* Local \d+ 04A1B2C3 Transaction.Begin Transaction.End$/);
    assert.deepEqual(rest, []);
    assert.deepEqual([values.split(" ")[2], stop.split(" ")[1]], [idOf(bench), idOf(bench)]);
  });

  seam("a transaction recorded under 1.6 is told in 2.0.1", "ocpp1.6", async (bench, swap) => {
    const from = await swap("ocpp2.0.1", () => session(bench));
    assert.deepEqual(
      transactions(told(bench, from)).map((line) => line.replace(/ token=\w+| evse=\d/g, "")),
      [
        "Started 0 Authorized EVConnected offline Transaction.Begin",
        "Updated 1 ChargingStateChanged Charging offline",
        "Updated 2 MeterValuePeriodic offline Sample.Periodic",
        "Ended 3 StopAuthorized EVConnected Local offline Transaction.Begin Sample.Periodic Transaction.End",
      ],
    );
  });

  seam("its Start is delivered under 2.0.1: the rest goes to 1.6 as transaction -1", "ocpp2.0.1", async (bench, swap) => {
    await car(bench);
    await tap(bench);
    const from = await swap("ocpp1.6", () => pace(bench, 70));
    await tap(bench);
    const lines = transactions(told16(bench, from));
    assert.equal(lines[0], "Values 1 -1 Sample.Periodic");
    assert.match(lines[1], /^Stop -1 Local \d+ 04A1B2C3 /);
    assert.equal(lines.length, 2);
  });

  seam("its Start is delivered under 1.6: 2.0.1 gets its own id, 1.6 again the number", "ocpp1.6", async (bench, swap) => {
    await car(bench);
    await tap(bench);
    let from = await swap("ocpp2.0.1", () => pace(bench, 70));
    assert.deepEqual(transactions(told(bench, from)), ["Updated 2 MeterValuePeriodic offline Sample.Periodic"]);
    from = await swap("ocpp1.6");
    await tap(bench);
    const [stop] = transactions(told16(bench, from));
    assert.match(stop, /^Stop [1-9]\d* Local \d+ 04A1B2C3 /);
  });

  seam("a begin without token is told with the token, its time and its register", "ocpp2.0.1", async (bench, swap) => {
    await setTo(bench, "TxCtrlr.TxStartPoint", "EVConnected,Authorized,PowerPathClosed");
    let begun = 0;
    const from = await swap("ocpp1.6", async () => {
      await bench.post("/evse/1/ev", { draw: true });
      begun = bench.station.now();
      await bench.post("/evse/1/plug");
      await pace(bench, 30);
      await bench.post("/tap", CARD);
      await pace(bench, 10);
    });
    const start = calls(bench, from, "StartTransaction");
    assert.equal(start.length, 1);
    assert.ok(Math.abs(Date.parse(String(start[0].payload.timestamp)) - begun) <= 2000, "time of the begin");
    assert.equal(start[0].payload.meterStart, 0);
    assert.equal(start[0].payload.idTag, CARD.idToken);
  });

  seam("a token that 1.6 has no room for is left out and reported", "ocpp2.0.1", async (bench, swap) => {
    const from = await swap("ocpp1.6", () => session(bench, LONG));
    const lines = transactions(told16(bench, from));
    assert.equal(lines[0], "Start 1  0");
    assert.match(lines.at(-1)!, /^Stop [1-9]\d* Local \d+ Transaction.Begin/);
    const { body } = await bench.station.get("/flash");
    const reported = readSecurityLog((body as Buffer).subarray(0, 65536)).events.filter(
      ({ type }) => SECURITY_EVENTS[type] === "TokenTooLong",
    );
    // The transaction, once for its begin and once for its end; never the card.
    assert.equal(new Set(reported.map(({ text }) => text)).size, 1);
    assert.match(reported[0].text, /^\d+-\d+-\d+$/);
  });
});
