/** What many cases of OCPP 1.6 do: the steps of a session with the frames that belong to them, and access to the configuration. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { anyOrder, type Told } from "../lines.ts";
import { CARD, ID, type Card, type Rig } from "../rig.ts";

export const TWO = { evses: 2 };
/** Values of a StopTransaction, as StopTxnSampledData and StopTxnAlignedData have them. */
export const DATA = "[Transaction.Begin] [Sample.Periodic] [Sample.Clock] [Transaction.End]";
/** Member of GROUP-AA by its number. */
export const AA_1: Card = { idToken: "AA000001", type: "ISO14443" };
export const AA_2: Card = { idToken: "AA000002", type: "ISO14443" };
export const BAD: Card = { idToken: "DEAD0001", type: "ISO14443" };

/** The frames of a start behind the authorization. */
export const begin = (connector = 1, card = CARD.idToken, status = "Charging"): ReturnType<typeof anyOrder> =>
  anyOrder(`Start ${connector} ${card}`, `SN ${connector} ${status}`);

/** The frames of an end while the cable is in. */
export const end = (words: string, connector = 1, status = "Finishing"): ReturnType<typeof anyOrder> =>
  anyOrder(`Stop tx=* ${words} ${DATA}`, `SN ${connector} ${status}`);

/** Cable in, with a car that asks for energy or not. */
export async function plugged(t: Rig, connector = 1, draw = true): Promise<void> {
  await t.draw(draw, connector);
  await t.plug(connector);
  await t.expect(`SN ${connector} Preparing`);
}

/** Cable, card, energy; gives the transactionId. */
export async function charging(t: Rig, connector = 1, card: Card = CARD): Promise<number> {
  await plugged(t, connector);
  await t.tap(card);
  await t.expect(`Authorize ${card.idToken}`, begin(connector, card.idToken));
  assert.equal((await t.evse(connector)).contactor, true, `connector ${connector} charges`);
  return idOf(t, connector);
}

/** The card that started stops; the cable stays in. Gives the StopTransaction. */
export async function stopped(t: Rig, card: Card = CARD, connector = 1): Promise<Told> {
  await t.tap(card);
  return stopOf(await t.expect(end(`[Local] token=${card.idToken}`, connector)));
}

/** The cable leaves, nothing else happens. */
export async function left(t: Rig, connector = 1, status = "Available"): Promise<void> {
  await t.unplug(connector);
  await t.expect(`SN ${connector} ${status}`);
}

/** A session from cable to cable with a card that is asked for. */
export async function session(t: Rig, card: Card = CARD): Promise<void> {
  await charging(t, 1, card);
  await stopped(t, card);
  await left(t);
}

/** A session with a card that starts without Authorize. */
export async function startsAtOnce(t: Rig, card: Card = CARD): Promise<void> {
  await plugged(t);
  await t.tap(card);
  await t.expect(begin(1, card.idToken));
  await stopped(t, card);
  await left(t);
}

/** What the CSMS has given to the running transaction of a connector. */
export function idOf(t: Rig, connector = 1): number {
  const transactions = t.csms.stations.get(ID)!.running();
  return Number(transactions.filter(({ evse }) => evse === connector).at(-1)?.id);
}

export const startOf = (told: Told[]): Told => told.find(({ action }) => action === "StartTransaction")!;
export const stopOf = (told: Told[]): Told => told.find(({ action }) => action === "StopTransaction")!;
export const linesOf = (told: Told[]): string[] => told.map(({ line }) => line);

export const isoTime = (t: Rig, seconds = 0): string => new Date(t.station.now() + seconds * 1000).toISOString();
export const timeOf = (told: Told): number => Date.parse(String(told.payload.timestamp));

export async function isCharging(t: Rig, is: boolean, connector = 1): Promise<void> {
  assert.equal((await t.evse(connector)).contactor, is, `connector ${connector}: contactor`);
}

export interface Key {
  key: string;
  readonly: boolean;
  value?: string;
}

/** GetConfiguration: what is known, and the names that are not. */
export async function get(t: Rig, ...keys: string[]): Promise<{ known: Key[]; unknown: string[] }> {
  const answer = await t.call("GetConfiguration", keys.length > 0 ? { key: keys } : {});
  return { known: (answer.configurationKey ?? []) as Key[], unknown: (answer.unknownKey ?? []) as string[] };
}

/** The value of a key that is known. */
export async function value(t: Rig, key: string): Promise<string> {
  const { known } = await get(t, key);
  assert.equal(known.length, 1, `${key} is known`);
  return known[0].value ?? "";
}

export function set(t: Rig, key: string, wanted: string, expected: string | string[] = "Accepted"): Promise<Payload> {
  return t.call("ChangeConfiguration", { key, value: wanted }, expected);
}

/** ChangeConfiguration that is in force at once, and holds. */
export async function setTo(t: Rig, key: string, wanted: string): Promise<void> {
  await set(t, key, wanted);
  assert.equal(await value(t, key), wanted);
}

/** RemoteStartTransaction, to be answered so. */
export function remoteStart(t: Rig, expected: string | string[] = "Accepted", more: Payload = {}): Promise<Payload> {
  return t.call("RemoteStartTransaction", { connectorId: 1, idTag: "APP", ...more }, expected);
}

export function remoteStop(t: Rig, transactionId: number, expected = "Accepted"): Promise<Payload> {
  return t.call("RemoteStopTransaction", { transactionId }, expected);
}

export interface Value {
  timestamp: string;
  value: string;
  context: string;
  measurand: string;
  unit?: string;
  phase?: string;
}

/** All sampled values of MeterValues or StopTransaction, with their time; what is left out has its default. */
export function valuesOf({ payload }: Told): Value[] {
  const list = (payload.meterValue ?? payload.transactionData ?? []) as { timestamp: string; sampledValue: Value[] }[];
  const defaults = { context: "Sample.Periodic", measurand: "Energy.Active.Import.Register" };
  return list.flatMap(({ timestamp, sampledValue }) => sampledValue.map((one) => ({ ...defaults, ...one, timestamp })));
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
