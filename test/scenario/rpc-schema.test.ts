/** OCPP 2.0.1 Part 4, 4.2.3: each single fault that the official schemas can tell, for each action that the station offers (RPC-08 f … j). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { payloadFault } from "../../tools/csms/schema.ts";
import { CallError, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { faultyPayloads, fullPayload, longestPayloads } from "../../tools/conformance/payloads.ts";
import { calls, get, ID, mark, refusal, registered } from "./steps.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const FULL = process.env.FULL === "1";
/** Of one action, when it is not the full run. */
const SAMPLE = 60;

const OFFERED = readFileSync(new URL("../../src/ocpp201/actions.txt", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line.endsWith(" offered"))
  .map((line) => line.split(" ")[0]);

/** Fields that keep a valid request without effect. */
const HARMLESS: Record<string, (payload: Payload) => Payload> = {
  ClearCache: (payload) => payload,
  GetLocalListVersion: (payload) => payload,
  GetTransactionStatus: (payload) => payload,
  GetBaseReport: (payload) => payload,
  GetReport: (payload) => payload,
  GetVariables: (payload) => payload,
  SendLocalList: (payload) => payload,
  SetNetworkProfile: (payload) => ({ ...payload, configurationSlot: 99 }),
  SetVariables: (payload) => payload,
  RequestStartTransaction: (payload) => ({ ...payload, evseId: 99 }),
  RequestStopTransaction: (payload) => payload,
  Reset: (payload) => ({ ...payload, evseId: 99 }),
  CancelReservation: (payload) => payload,
  ChangeAvailability: (payload) => ({ ...payload, evse: { ...(payload.evse as Payload), connectorId: 2 } }),
  CustomerInformation: (payload) => payload,
  DataTransfer: (payload) => payload,
  ReserveNow: (payload) => ({ ...payload, evseId: 99 }),
  UnlockConnector: (payload) => ({ ...payload, connectorId: 2 }),
  TriggerMessage: (payload) => ({ ...payload, requestedMessage: "SignCombinedCertificate" }),
  SetChargingProfile: (payload) => ({ ...payload, evseId: 99 }),
  GetChargingProfiles: (payload) => payload,
  ClearChargingProfile: (payload) => payload,
  GetCompositeSchedule: (payload) => payload,
};

function some<T>(all: T[], count: number): T[] {
  return FULL || all.length <= count
    ? all
    : fc.sample(fc.shuffledSubarray(all, { minLength: count, maxLength: count }), { seed: SEED, numRuns: 1 })[0];
}

/** Nothing but answers has left the station, on one connection, and each frame of its own was right. */
async function assertUntouched(bench: Bench, since: number): Promise<void> {
  await bench.quiet();
  // A report is what GetBaseReport is for.
  const sent = calls(bench, since).filter(({ action }) => action !== "NotifyReport");
  assert.deepEqual(sent, [], "no CALL of the station");
  assert.equal(bench.csms.stations.get(ID)!.connects, 1, "one connection");
  assert.deepEqual(
    bench.csms.violations.filter(({ dir }) => dir === "in"),
    [],
  );
  assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
  const { transactionId, contactor } = (await bench.station.state()).evses[0];
  assert.deepEqual({ transactionId, contactor }, { transactionId: null, contactor: false });
}

describe(`RPC-08 f–j: payloads against the schema (SEED=${SEED}${FULL ? ", FULL" : ""})`, () => {
  for (const action of OFFERED) {
    scenario(`RPC-08: ${action}: the right code for each single fault, no effect`, { allowViolations: true }, async (bench) => {
      await registered(bench);
      await bench.post("/evse/1/plug");
      await bench.settled();
      const since = mark(bench);
      for (const { what, payload, code } of some(faultyPayloads(action), SAMPLE)) {
        assert.equal(await refusal(bench, action, payload as Payload), code, what);
      }
      await assertUntouched(bench, since);
    });

    scenario(
      `RPC-08 j, TC_P_03: ${action}: every field filled, customData in every object, longest texts: taken`,
      {},
      async (bench) => {
        await registered(bench);
        const since = mark(bench);
        for (const payload of [fullPayload(action), ...some(longestPayloads(action), 20)].map(HARMLESS[action])) {
          if (JSON.stringify(payload).length > 3500) continue;
          assert.equal(payloadFault("ocpp2.0.1", action, "req", payload), null);
          assert.ok(await bench.csms.call(ID, action, payload));
        }
        await assertUntouched(bench, since);
      },
    );
  }

  scenario(
    "RPC-08: any JSON value as payload: one answer with the same id, the verdict of the schema",
    { allowViolations: true },
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      const payloads = fc.oneof(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(...OFFERED).chain((action) => fc.constantFrom(...faultyPayloads(action).map(({ payload }) => payload))),
      );
      const cases = fc.sample(fc.tuple(fc.constantFrom(...OFFERED), payloads), { seed: SEED, numRuns: FULL ? 1500 : 80 });
      for (const [action, payload] of cases) {
        const fault = payloadFault("ocpp2.0.1", action, "req", payload);
        if (!fault) continue;
        try {
          await bench.csms.call(ID, action, payload as Payload, { unchecked: true });
          assert.fail(`${action} ${JSON.stringify(payload)} is answered`);
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          assert.match(
            error.code,
            /^(Format|Occurrence|Type|PropertyConstraint|OccurrenceConstraint|TypeConstraint)\w*Violation$/,
            `${action} ${JSON.stringify(payload)}`,
          );
        }
      }
      await assertUntouched(bench, since);
    },
  );

  scenario("RPC-08: a fault in the last item: nothing of the request is done", { allowViolations: true }, async (bench) => {
    await registered(bench);
    const item = (value: string, more: Payload = {}): Payload => ({
      component: { name: "OCPPCommCtrlr" },
      variable: { name: "OfflineThreshold" },
      attributeValue: value,
      ...more,
    });
    const since = mark(bench);
    assert.equal(
      await refusal(bench, "SetVariables", { setVariableData: [item("61"), item("62", { attributeType: "Wrong" })] }),
      "PropertyConstraintViolation",
    );
    assert.equal(
      await refusal(bench, "SetVariables", { setVariableData: [item("61"), item("62", { mutability: "ReadOnly" })] }),
      "FormatViolation",
    );
    assert.equal(await refusal(bench, "SetVariables", { setVariableData: [item("61")], also: 1 }), "FormatViolation");
    await assertUntouched(bench, since);
  });
});
