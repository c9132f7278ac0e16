/** OCPP 2.0.1 Part 4, 4.2.3: the errors that incoming frames get (RPC-08 a … m). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { actionsOf } from "../../csms/schema.ts";
import { notApplicable, tc, type Case } from "../case.ts";
import { faultyPayloads } from "../payloads.ts";
import { ID, type Rig } from "../rig.ts";
import { get } from "./moves.ts";

const ACTIONS = readFileSync(new URL("../../../src/ocpp201/actions.txt", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" "))
  .filter(([, how]) => how !== "error");
const OFFERED = ACTIONS.filter(([, how]) => how === "offered").map(([name]) => name);
const KNOWN = ACTIONS.filter(([, how]) => how === "known").map(([name]) => name);

const SEED = 201;
/** Faults of each action; all of them are in the scenario tests. */
const SAMPLE = 5;
const FAULTY = { allowFaults: true } as const;
const GET = '{"getVariableData":[{"component":{"name":"TxCtrlr"},"variable":{"name":"TxStopPoint"}}]}';

/** Each text gets its answer, the connection stays, and nothing is done. */
export async function answered(t: Rig, pairs: [text: string, answer: RegExp][]): Promise<void> {
  const { connects } = t.csms.stations.get(ID)!;
  for (const [text, answer] of pairs) {
    const got = await t.raw(text);
    assert.ok(got.length === 1 && answer.test(got[0]), `${text.slice(0, 120)}: ${got.join(" and ") || "no answer"}`);
  }
  await untouched(t, connects);
}

export async function untouched(t: Rig, connects = 1): Promise<void> {
  await t.expect();
  assert.equal(t.csms.stations.get(ID)!.connects, connects, "one connection");
  assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
  const { contactor, transactionId } = await t.evse();
  assert.deepEqual({ contactor, transactionId }, { contactor: false, transactionId: null });
  assert.deepEqual(
    t.csms.violations.filter(({ dir, reason }) => dir === "in" && !reason.includes("no open CALL")),
    [],
  );
}

const FRAMEWORK = /^4 -1 RpcFrameworkError$/;
const PROPERTY: Record<string, (code: string) => boolean> = {
  "RPC-08 f": (code) => code === "FormatViolation",
  "RPC-08 g": (code) => code === "OccurrenceConstraintViolation",
  "RPC-08 h": (code) => code === "TypeConstraintViolation",
  "RPC-08 i": (code) => code === "PropertyConstraintViolation",
  "RPC-08 j": (code) => code === "FormatViolation",
};

/** A seeded sample of the faults that have this letter, for each action that is offered. */
function sample(letter: string): { action: string; what: string; payload: unknown; code: string }[] {
  return OFFERED.flatMap((action) => {
    const mine = faultyPayloads(action).filter(({ what, code }) => {
      const root = new RegExp(`^${action} = `).test(what);
      const extra = what.endsWith("a field more");
      return letter === "RPC-08 f" ? root : letter === "RPC-08 j" ? extra : !root && !extra && PROPERTY[letter](code);
    });
    const count = Math.min(SAMPLE, mine.length);
    const chosen = fc.sample(fc.shuffledSubarray(mine, { minLength: count, maxLength: count }), { seed: SEED, numRuns: 1 })[0];
    return chosen.map((fault) => ({ action, ...fault }));
  });
}

const schemaFaults = (letter: string, title: string): Case =>
  tc(
    letter,
    `${title}, of every action that is offered: ${letter === "RPC-08 f" ? "FormatViolation" : "the right code"}, no effect`,
    FAULTY,
    async (t) => {
      for (const { action, what, payload, code } of sample(letter)) {
        await t.refused(action, payload, code).catch((error: Error) => {
          throw new Error(`${what}: ${error.message}`);
        });
      }
      await untouched(t);
    },
  );

export const ERRORS: Case[] = [
  tc("RPC-08 a", "No JSON, no array, no id: RpcFrameworkError with -1", FAULTY, (t) =>
    answered(
      t,
      [
        "x",
        "{",
        "[",
        "{}",
        "[]",
        "null",
        "42",
        '"text"',
        "[2]",
        "[2,",
        '[2,7,"GetVariables",{}]',
        '[2,null,"GetVariables",{}]',
      ].map((text): [string, RegExp] => [text, FRAMEWORK]),
    ),
  ),

  tc("RPC-08 b", "A message type other than 2, 3, 4: MessageTypeNotSupported", FAULTY, (t) =>
    answered(t, [
      ['[1,"b1","GetVariables",{}]', /^4 (b1|-1) MessageTypeNotSupported$/],
      ['[5,"b2",{}]', /^4 (b2|-1) MessageTypeNotSupported$/],
      ['[22,"b3","GetVariables",{}]', /^4 (b3|-1) MessageTypeNotSupported$/],
    ]),
  ),

  tc("RPC-08 c", "A CALL with too few or too many elements, or an action that is no text", FAULTY, (t) =>
    answered(t, [
      ['[2,"c1"]', /^4 (c1|-1) (RpcFrameworkError|FormatViolation|ProtocolError)$/],
      ['[2,"c2","GetVariables"]', /^4 c2 (RpcFrameworkError|FormatViolation|ProtocolError)$/],
      [`[2,"c3","GetVariables",${GET},{}]`, /^4 c3 (RpcFrameworkError|FormatViolation|ProtocolError)$/],
      ['[2,"c4",7,{}]', /^4 c4 (RpcFrameworkError|FormatViolation|ProtocolError)$/],
    ]),
  ),

  tc("RPC-08 d", "An id longer than 36: RpcFrameworkError with -1; of 36: answered", FAULTY, (t) =>
    answered(t, [
      [`[2,"${"d".repeat(37)}","GetVariables",${GET}]`, FRAMEWORK],
      [`[2,"${"d".repeat(36)}","GetVariables",${GET}]`, /^3 d{36}$/],
    ]),
  ),

  tc("RPC-08 e", "An unknown action: NotImplemented; one that is not offered: NotSupported", FAULTY, async (t) => {
    const every = [...actionsOf("ocpp2.0.1")];
    for (const action of KNOWN) await t.refused(action, {}, "NotSupported");
    for (const action of ["NoSuch", "getvariables", "GetVariables "]) await t.refused(action, {}, "NotImplemented");
    const toStations = ACTIONS.map(([name]) => name);
    assert.ok(toStations.every((name) => every.includes(name)));
    await untouched(t);
  }),

  schemaFaults("RPC-08 f", "A payload that is no object"),
  schemaFaults("RPC-08 g", "A required field is missing, a list is too short or too long"),
  schemaFaults("RPC-08 h", "A wrong JSON type"),
  schemaFaults("RPC-08 i", "An unknown enum value, a text too long, a bad dateTime"),
  schemaFaults("RPC-08 j", "A field that the schema does not know"),

  tc("RPC-08 k", "Registration Rejected: SecurityError", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Rejected", interval: 60 });
    await t.expect("BootNotification PowerUp");
    for (const action of OFFERED) await t.refused(action, {}, "SecurityError");
  }),

  notApplicable(
    "RPC-08 l",
    "No memory: InternalError",
    "no request of a size that is taken makes memory run out: budget scenarios",
  ),

  tc("RPC-08 m", "After errors: no effect, the connection open, the next request answered", FAULTY, async (t) => {
    const item = { component: { name: "OCPPCommCtrlr" }, variable: { name: "OfflineThreshold" }, attributeValue: "61" };
    await t.refused(
      "SetVariables",
      { setVariableData: [item, { ...item, attributeType: "Wrong" }] },
      "PropertyConstraintViolation",
    );
    await t.refused("SetVariables", { setVariableData: [item], also: 1 }, "FormatViolation");
    await t.refused("Reset", { type: "Immediate", also: 1 }, "FormatViolation");
    await t.refused("RequestStartTransaction", { remoteStartId: 1, idToken: { idToken: "A" } }, "OccurrenceConstraintViolation");
    await untouched(t);
  }),
];
