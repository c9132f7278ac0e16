/** What many cases do: the steps of a session with the frames that belong to them, and access to variables. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { CARD, type Card, type Rig } from "../rig.ts";
import type { Told } from "../lines.ts";

export const TWO = { evses: 2 };
/** Transactions after the first are told with their number; this is any. */
export const N = "[#]";
/** Values at the end; those of the begin come with them. */
export const END = "[Transaction.Begin] [Sample.Periodic] Transaction.End";

/** Cable in, with a car that asks for energy or not. */
export async function plugged(t: Rig, evse = 1, draw = true): Promise<void> {
  await t.draw(draw, evse);
  await t.plug(evse);
  await t.expect(`SN ${evse} Occupied`);
}

/** Cable, card, energy; gives the transactionId. */
export async function charging(t: Rig, evse = 1, card: Card = CARD): Promise<string> {
  await plugged(t, evse);
  await t.tap(card);
  const [, started] = await t.expect(
    `Authorize ${card.idToken}`,
    `${N} Started Authorized EVConnected evse=${evse} token=${card.idToken} Transaction.Begin`,
    `${N} Updated ChargingStateChanged Charging`,
  );
  assert.equal((await t.evse(evse)).contactor, true, `EVSE ${evse} charges`);
  return idOf(started);
}

/** The card that started stops; the cable stays in. */
export async function stopped(t: Rig, card: Card = CARD): Promise<Told> {
  await t.tap(card);
  return (await t.expect(`${N} Ended StopAuthorized EVConnected [Local] token=${card.idToken} ${END}`))[0];
}

/** The cable leaves, nothing else happens. */
export async function left(t: Rig, evse = 1, status = "Available"): Promise<void> {
  await t.unplug(evse);
  await t.expect(`SN ${evse} ${status}`);
}

export function idOf(event: Told): string {
  return (event.payload.transactionInfo as { transactionId: string }).transactionId;
}

/** Transaction that the station itself tells of an EVSE. */
export async function transactionOf(t: Rig, evse = 1): Promise<string | null> {
  return (await t.evse(evse)).transactionId;
}

/** `Component.Variable[Instance]`, optionally with `@evse` or `@evse.connector`. */
export function address(name: string): { component: Payload; variable: Payload } {
  const [, component, variable, instance, evse, connector] =
    /^(\w+)\.(\w+)(?:\[(\w+)\])?(?:@(\d+)(?:\.(\d+))?)?$/.exec(name) ?? [];
  if (component === undefined) throw new Error(`${name} is no address of a variable`);
  return {
    component: {
      name: component,
      ...(evse ? { evse: { id: Number(evse), ...(connector ? { connectorId: Number(connector) } : {}) } } : {}),
    },
    variable: { name: variable, ...(instance ? { instance } : {}) },
  };
}

/** GetVariables: `status value` of each, only `status` without a value. Each item is echoed. */
export async function get(t: Rig, ...names: string[]): Promise<string[]> {
  const asked = names.map(address);
  const answer = await t.call("GetVariables", { getVariableData: asked });
  const results = answer.getVariableResult as Payload[];
  assert.deepEqual(
    results.map(({ component, variable, attributeType }) => ({ component, variable, attributeType })),
    asked.map((item) => ({ ...item, attributeType: "Actual" })),
    "B-20: the items are echoed",
  );
  return results.map(({ attributeStatus, attributeValue }) =>
    attributeValue === undefined ? String(attributeStatus) : `${attributeStatus} ${attributeValue}`,
  );
}

/** The value of a variable that can be read. */
export async function value(t: Rig, name: string): Promise<string> {
  const [answer] = await get(t, name);
  assert.ok(answer.startsWith("Accepted"), `${name}: ${answer}`);
  return answer.slice("Accepted ".length);
}

/** SetVariables of one or several; the status of each. Each item is echoed. */
export async function set(t: Rig, values: [name: string, value: string][]): Promise<string[]> {
  const items = values.map(([name, attributeValue]) => ({ ...address(name), attributeValue }));
  const answer = await t.call("SetVariables", { setVariableData: items });
  const results = answer.setVariableResult as Payload[];
  assert.deepEqual(
    results.map(({ component, variable, attributeType }) => ({ component, variable, attributeType })),
    values.map(([name]) => ({ ...address(name), attributeType: "Actual" })),
    "B-20: the items are echoed",
  );
  return results.map(({ attributeStatus }) => String(attributeStatus));
}

/** SetVariables of one that is accepted at once, and holds. */
export async function setTo(t: Rig, name: string, wanted: string): Promise<void> {
  assert.deepEqual(await set(t, [[name, wanted]]), ["Accepted"], `${name} = ${wanted}`);
  assert.equal(await value(t, name), wanted);
}

/** RequestStartTransaction, to be answered so. */
export function remoteStart(t: Rig, expected: string | string[], more: Payload = {}): Promise<Payload> {
  const request = { remoteStartId: 7, idToken: { idToken: "APP", type: "Central" }, evseId: 1, ...more };
  return t.call("RequestStartTransaction", request, expected);
}

export interface Value {
  context: string;
  measurand: string;
  value: number;
  phase?: string;
  unitOfMeasure?: { unit?: string };
}

/** All sampled values of a message, with their time. */
export function valuesOf({ payload }: Told): (Value & { timestamp: string })[] {
  const meterValues = (payload.meterValue ?? []) as { timestamp: string; sampledValue: Value[] }[];
  return meterValues.flatMap(({ timestamp, sampledValue }) => sampledValue.map((sampled) => ({ ...sampled, timestamp })));
}

/** Measurands of the values with `context`, each once. */
export function measurands(told: Told, context: string): string[] {
  return [
    ...new Set(
      valuesOf(told)
        .filter((one) => one.context === context)
        .map(({ measurand }) => measurand),
    ),
  ];
}
