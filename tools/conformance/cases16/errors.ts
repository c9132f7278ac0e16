/** OCPP-J 1.6, 4.2.3: the errors that incoming frames get. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { actionsOf } from "../../csms/schema.ts";
import { tc, type Case } from "../case.ts";
import { codes16, faultyPayloads } from "../payloads.ts";
import { ID, type Rig } from "../rig.ts";
import { get, value } from "./moves.ts";

const ACTIONS = readFileSync(new URL("../../../src/ocpp16/actions.txt", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" "));
const OFFERED = ACTIONS.filter(([, how]) => how === "offered").map(([name]) => name);
const KNOWN = ACTIONS.filter(([, how]) => how === "known").map(([name]) => name);

const SEED = 16;
/** Faults of each action; all of them are in the scenario tests. */
const SAMPLE = 5;
const FAULTY = { allowFaults: true } as const;
const GET = '{"key":["ConnectionTimeOut"]}';

const UNREADABLE = /^(4 -1 (GenericError|FormationViolation))?$/;
const NOTHING = /^$/;

/** Each text gets its answer, the connection stays, and nothing is done. */
export async function answered(t: Rig, pairs: [text: string, answer: RegExp][]): Promise<void> {
  for (const [text, answer] of pairs) {
    const got = (await t.raw(text)).join(" and ");
    assert.match(got, answer, text.slice(0, 120));
  }
  await untouched(t);
}

export async function untouched(t: Rig): Promise<void> {
  await t.expect();
  assert.equal(t.csms.stations.get(ID)!.connects, 1, "one connection");
  assert.equal(await value(t, "ConnectionTimeOut"), "60");
  const { contactor, transactionId } = await t.evse();
  assert.deepEqual({ contactor, transactionId }, { contactor: false, transactionId: null });
  assert.deepEqual(
    t.csms.violations.filter(({ dir, reason }) => dir === "in" && !reason.includes("no open CALL")),
    [],
  );
}

/** A seeded sample of the faults that have this code, for each action that is offered. */
function sample(wanted: string): { action: string; what: string; payload: unknown }[] {
  return OFFERED.flatMap((action) => {
    const mine = faultyPayloads(action, "ocpp1.6").filter(({ code }) => code === wanted);
    const count = Math.min(SAMPLE, mine.length);
    const chosen = fc.sample(fc.shuffledSubarray(mine, { minLength: count, maxLength: count }), { seed: SEED, numRuns: 1 })[0];
    return chosen.map((fault) => ({ action, ...fault }));
  });
}

const schemaFaults = (code: string, title: string): Case =>
  tc("R-05", `${title}, of every action that is offered: ${code}, no effect`, FAULTY, async (t) => {
    for (const { action, what, payload } of sample(code)) {
      await t.refused(action, payload, ...codes16(code, what)).catch((error: Error) => {
        throw new Error(`${what}: ${error.message}`);
      });
    }
    await untouched(t);
  });

export const ERRORS: Case[] = [
  tc("R-05", "No JSON, no array, no id: GenericError with -1, or no answer", FAULTY, (t) =>
    answered(
      t,
      ["x", "{", "[", "{}", "[]", "null", "42", '"text"', "[2]", "[2,", `[2,7,"GetConfiguration",{}]`, `[2,null,"Reset",{}]`].map(
        (text): [string, RegExp] => [text, UNREADABLE],
      ),
    ),
  ),

  tc("R-05", "A message type other than 2, 3, 4: ignored", FAULTY, (t) =>
    answered(t, [
      ['[1,"b1","GetConfiguration",{}]', NOTHING],
      ['[5,"b2",{}]', NOTHING],
      ['[22,"b3","GetConfiguration",{}]', NOTHING],
      ['[0,"b4"]', NOTHING],
    ]),
  ),

  tc("R-05", "A CALL with too few or too many elements, or an action that is no text", FAULTY, (t) => {
    const broken = (id: string): RegExp => new RegExp(`^(4 (${id}|-1) (FormationViolation|ProtocolError|GenericError))?$`);
    return answered(t, [
      ['[2,"c1"]', broken("c1")],
      ['[2,"c2","GetConfiguration"]', broken("c2")],
      [`[2,"c3","GetConfiguration",${GET},{}]`, broken("c3")],
      ['[2,"c4",7,{}]', broken("c4")],
    ]);
  }),

  tc("R-02", "An id of 36 characters is answered, a longer one is unreadable", FAULTY, (t) =>
    answered(t, [
      [`[2,"${"d".repeat(37)}","GetConfiguration",${GET}]`, UNREADABLE],
      [`[2,"${"d".repeat(36)}","GetConfiguration",${GET}]`, /^3 d{36}$/],
    ]),
  ),

  tc("R-05", "An unknown action: NotImplemented; one that is not offered: NotSupported", FAULTY, async (t) => {
    const every = [...actionsOf("ocpp1.6")];
    assert.ok(
      [...OFFERED, ...KNOWN].every((name) => every.includes(name)),
      "actions of 1.6",
    );
    for (const action of KNOWN) await t.refused(action, {}, "NotSupported");
    const unknown = ["NoSuch", "getconfiguration", "GetConfiguration ", "GetVariables", "RequestStartTransaction"];
    for (const action of unknown) await t.refused(action, {}, "NotImplemented");
    await untouched(t);
  }),

  schemaFaults("FormationViolation", "A payload that is no object, a field that the schema does not know"),
  schemaFaults("OccurenceConstraintViolation", "A required field is missing"),
  schemaFaults("TypeConstraintViolation", "A wrong JSON type, null included (R-06)"),
  schemaFaults("PropertyConstraintViolation", "An unknown enum value, a text too long, a bad dateTime"),

  tc("R-04", "After errors: no effect, the connection open, the next request answered", FAULTY, async (t) => {
    await t.refused(
      "ChangeConfiguration",
      { key: "ConnectionTimeOut", value: 61 },
      "TypeConstraintViolation",
      "FormationViolation",
    );
    await t.refused("ChangeConfiguration", { key: "ConnectionTimeOut" }, "OccurenceConstraintViolation", "ProtocolError", "FormationViolation"); // prettier-ignore
    await t.refused("ChangeConfiguration", { key: "ConnectionTimeOut", value: "61", also: 1 }, "FormationViolation", "PropertyConstraintViolation"); // prettier-ignore
    await t.refused("Reset", { type: "Cold" }, "PropertyConstraintViolation", "FormationViolation");
    await t.refused(
      "Reset",
      { type: "Hard", customData: { vendorId: "x" } },
      "FormationViolation",
      "PropertyConstraintViolation",
    );
    await t.refused("RemoteStartTransaction", { connectorId: 1, idTag: "x".repeat(21) }, "PropertyConstraintViolation", "FormationViolation"); // prettier-ignore
    await untouched(t);
  }),

  tc("R-04", "Errors have five elements; nothing of the request is echoed", FAULTY, async (t) => {
    const since = t.station.frames().at(-1)!.k;
    await answered(t, [[`[2,"e1","NoSuchAction",{"secret":"\\"><x"}]`, /^4 e1 NotImplemented$/]]);
    const error = t.station.frames(since).find(({ dir, text }) => dir === "out" && text.startsWith("[4"))!;
    assert.equal((JSON.parse(error.text) as unknown[]).length, 5);
    assert.ok(!error.text.includes("secret"), "nothing is echoed");
  }),

  tc("R-08", "Times with offset and fractions are read", FAULTY, async (t) => {
    const at = t.station.now() + 1000_000;
    const offset = new Date(at + 7200_000).toISOString().replace("Z", "+02:00");
    for (const expiryDate of [offset, new Date(at).toISOString(), new Date(at).toISOString().replace(/\.\d+/, "")]) {
      const request = { connectorId: 1, expiryDate, idTag: "X", reservationId: 1 };
      await t.call("ReserveNow", request, "Accepted");
      await t.expect("SN 1 Reserved");
      await t.call("CancelReservation", { reservationId: 1 }, "Accepted");
      await t.expect("SN 1 Available");
    }
    const past = new Date(t.station.now() - 60_000 + 7200_000).toISOString().replace("Z", "+02:00");
    await t.call("ReserveNow", { connectorId: 1, expiryDate: past, idTag: "X", reservationId: 1 }, "Rejected");
  }),

  tc("R-06", "The answer to GetConfiguration of unknown keys alone has no empty list of known ones", {}, async (t) => {
    const { known, unknown } = await get(t, "NoSuch");
    assert.deepEqual([known, unknown], [[], ["NoSuch"]]);
  }),
];
