/** OCPP-J 1.6, 4.2.3: each single fault that the official schemas can tell, for each action that the station offers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Payload } from "../../tools/csms/csms.ts";
import { payloadFault } from "../../tools/csms/schema.ts";
import { codes16, faultyPayloads, fullPayload, longestPayloads } from "../../tools/conformance/payloads.ts";
import { scenario, type Bench, type BenchOptions } from "./harness.ts";
import { calls, ID, mark, refusal, registered } from "./steps.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const FULL = process.env.FULL === "1";
/** Of one action, when it is not the full run. */
const SAMPLE = 60;
const PROTOCOL = "ocpp1.6";
const BENCH: BenchOptions = { csms: { protocols: [PROTOCOL] }, station: { protocol: PROTOCOL } };

const OFFERED = readFileSync(new URL("../../src/ocpp16/actions.txt", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line.endsWith(" offered"))
  .map((line) => line.split(" ")[0]);

const asIs = (payload: Payload): Payload => payload;
const elsewhere = (payload: Payload): Payload => ({ ...payload, connectorId: 99 });
/** What keeps a valid request without effect; SetChargingProfile and Reset have none that is answered with a result. */
const HARMLESS: Record<string, (payload: Payload) => Payload> = {
  CancelReservation: asIs,
  ChangeAvailability: elsewhere,
  ChangeConfiguration: (payload) => (payload.key === "text" ? payload : { ...payload, value: "x" }),
  ClearCache: asIs,
  ClearChargingProfile: asIs,
  DataTransfer: asIs,
  GetCompositeSchedule: asIs,
  GetConfiguration: asIs,
  GetLocalListVersion: asIs,
  RemoteStartTransaction: elsewhere,
  RemoteStopTransaction: asIs,
  ReserveNow: elsewhere,
  SendLocalList: (payload) => ({ ...payload, listVersion: 0 }),
  TriggerMessage: (payload) => ({ ...payload, requestedMessage: "StatusNotification", connectorId: 99 }),
  UnlockConnector: elsewhere,
};

function some<T>(all: T[], count: number): T[] {
  return FULL || all.length <= count
    ? all
    : fc.sample(fc.shuffledSubarray(all, { minLength: count, maxLength: count }), { seed: SEED, numRuns: 1 })[0];
}

/** Nothing but answers has left the station, on one connection, and each frame of its own was right. */
async function assertUntouched(bench: Bench, since: number): Promise<void> {
  await bench.quiet();
  assert.deepEqual(calls(bench, since), [], "no CALL of the station");
  assert.equal(bench.csms.stations.get(ID)!.connects, 1, "one connection");
  assert.deepEqual(
    bench.csms.violations.filter(({ dir }) => dir === "in"),
    [],
  );
  const answer = await bench.csms.call(ID, "GetConfiguration", { key: ["ConnectionTimeOut"] });
  assert.equal((answer.configurationKey as Payload[])[0].value, "60");
  const { transactionId, contactor } = (await bench.station.state()).evses[0];
  assert.deepEqual({ transactionId, contactor }, { transactionId: null, contactor: false });
}

describe(`R-05: payloads of 1.6 against the schema (SEED=${SEED}${FULL ? ", FULL" : ""})`, () => {
  for (const action of OFFERED) {
    scenario(
      `R-05: ${action}: the right code for each single fault, no effect`,
      { ...BENCH, allowViolations: true },
      async (bench) => {
        await registered(bench);
        await bench.post("/evse/1/plug");
        await bench.settled();
        const since = mark(bench);
        for (const { what, payload, code } of some(faultyPayloads(action, PROTOCOL), SAMPLE)) {
          const got = await refusal(bench, action, payload as Payload);
          assert.ok(codes16(code, what).includes(got), `${what}: ${got}, not ${code}`);
        }
        await assertUntouched(bench, since);
      },
    );

    if (!(action in HARMLESS)) continue;
    scenario(`R-05: ${action}: every field filled, longest texts: taken`, BENCH, async (bench) => {
      await registered(bench);
      const since = mark(bench);
      const payloads = [fullPayload(action, PROTOCOL), ...some(longestPayloads(action, PROTOCOL), 20)];
      for (const payload of payloads.map(HARMLESS[action])) {
        if (JSON.stringify(payload).length > 3500) continue;
        assert.equal(payloadFault(PROTOCOL, action, "req", payload), null);
        assert.ok(await bench.csms.call(ID, action, payload));
      }
      await assertUntouched(bench, since);
    });
  }
});
