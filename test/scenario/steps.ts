/**
 * What the scenarios do and see: the steps of a session, calls of the CSMS, and the CALLs of the station told in one line each, so that a
 * scenario states the exact sequence that it expects.
 */
import assert from "node:assert/strict";
import { setImmediate as immediate } from "node:timers/promises";
import { CallError, type Payload } from "../../tools/csms/csms.ts";
import type { Frame } from "../../tools/sim/sim.ts";
import { BOARD, type Bench } from "./harness.ts";

export const ID = "CS001";
export const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
export const OTHER_CARD = { idToken: "0499887766", type: "ISO14443" };

/** An attempt to connect each second, so that no scenario waits for the back-off. */
export const QUICK_RETRY = {
  "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
  "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
  "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
};

/** A CALL of the station, with the simulated time of its frame in ms. */
export interface Told {
  t: number;
  id: string;
  action: string;
  payload: Payload;
}

/** Number of the last frame so far: a mark for `calls`, `told` and `between`. */
export function mark(bench: Bench): number {
  return bench.station.frames().at(-1)?.k ?? 0;
}

/** The station's CALLs after `since`, all or those of `action`. */
export function calls(bench: Bench, since = 0, action?: string): Told[] {
  return bench.station
    .frames(since)
    .filter(({ dir, text }) => dir === "out" && text.startsWith("[2"))
    .map(({ t, text }) => {
      const [, id, name, payload] = JSON.parse(text) as [number, string, string, Payload];
      return { t, id, action: name, payload };
    })
    .filter((call) => action === undefined || call.action === action);
}

/** Everything that the station wrote after `since`, as text. */
export function written(bench: Bench, since = 0): string {
  return bench.station
    .frames(since)
    .filter(({ dir }) => dir === "out")
    .map(({ text }) => text)
    .join("\n");
}

/**
 * The station's CALLs after `since`, a line each: `BootNotification PowerUp`, `StatusNotification 1 Occupied`, `Heartbeat`,
 * `Authorize 04A1B2C3`, and for transaction events `Started 0 Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin`: type, seqNo,
 * trigger reason, then what is there of charging state, stopped reason, `offline`, evse, token, remote start id and the contexts of the
 * meter values. Events of the second transaction of the scenario begin with `#2`, and so on.
 */
export function told(bench: Bench, since = 0): string[] {
  const ids = [
    ...new Set(calls(bench, 0, "TransactionEvent").map(({ payload }) => (payload.transactionInfo as Payload).transactionId)),
  ];
  return calls(bench, since).map(({ action, payload }) => {
    switch (action) {
      case "BootNotification":
        return `BootNotification ${payload.reason}`;
      case "StatusNotification":
        return `StatusNotification ${payload.evseId} ${payload.connectorStatus}`;
      case "Authorize":
        return `Authorize ${(payload.idToken as Payload).idToken}`;
      case "TransactionEvent":
        return toldEvent(payload, ids.indexOf((payload.transactionInfo as Payload).transactionId) + 1);
      default:
        return action;
    }
  });
}

function toldEvent(event: Payload, number: number): string {
  const info = event.transactionInfo as Payload;
  const values = (event.meterValue ?? []) as { sampledValue: { context?: string }[] }[];
  const contexts = new Set(values.flatMap(({ sampledValue }) => sampledValue.map(({ context }) => context ?? "Sample.Periodic")));
  const words = [
    ...(number > 1 ? [`#${number}`] : []),
    event.eventType,
    event.seqNo,
    event.triggerReason,
    info.chargingState,
    info.stoppedReason,
    event.offline === true ? "offline" : undefined,
    event.evse && `evse=${(event.evse as Payload).id}`,
    event.idToken && `token=${(event.idToken as Payload).idToken}`,
    info.remoteStartId !== undefined ? `remote=${String(info.remoteStartId)}` : undefined,
    ...contexts,
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

/**
 * seqNo of the next event of the only transaction so far: `onSim`, or on another board how many there were. Its drivers see a card for
 * seconds, and what follows from the card is told before the next step of the scenario.
 */
export function seqNo(bench: Bench, onSim: number): number {
  return BOARD === "sim" ? onSim : calls(bench, 0, "TransactionEvent").length;
}

/** What a plug that is torn out makes a board tell first, in event `n`: its drivers see the lock open two polls before they believe that the car has gone. */
export function tornOut(n: number): string[] {
  return BOARD === "sim" ? [] : [`Updated ${n} ChargingStateChanged EVConnected`];
}

/** A plug that is pulled, as it is told: on a board with drivers the pilot is gone before the proximity contact is believed. */
export function pulled(ended: string): string[] {
  const free = "StatusNotification 1 Available";
  return BOARD === "sim" ? [free, ended] : [ended, free];
}

/** Place of the transaction's end in what is told of a plug that is pulled. */
export const END_WHEN_PULLED = pulled("").indexOf("");

/** A driver of the board sees the fault `code`, and its end, by a thermistor: it takes seconds. */
export function isBelievedLate(code: string | null): boolean {
  return BOARD !== "sim" && code === "HighTemperature";
}

/** The hardware of EVSE 1 gets the fault `code`, or has none any more; `was` is the one it had. */
export async function fault(bench: Bench, code: string | null, was = code): Promise<void> {
  await bench.post("/evse/1/fault", { code });
  if (isBelievedLate(was)) await bench.advance(15);
}

/** The CSMS calls the station; the result's payload. */
export function call(bench: Bench, action: string, payload: Payload = {}): Promise<Payload> {
  return bench.csms.call(ID, action, payload);
}

/** The CSMS calls the station, which refuses; the code of the CALLERROR. The payload may be against the schema. */
export async function refusal(bench: Bench, action: string, payload: Payload = {}): Promise<string> {
  try {
    const answer = await bench.csms.call(ID, action, payload, { unchecked: true });
    assert.fail(`${action} is answered: ${JSON.stringify(answer)}`);
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
}

/** Time moves on second by second; what the firmware sends in a second is out before the next begins. */
export async function pace(bench: Bench, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await bench.advance(1);
    for (let k = 0; k < 2; k++) {
      await bench.station.state();
      await immediate();
    }
  }
}

/** Time moves on, at most `most` seconds, until `condition` holds. */
export async function paceUntil(
  bench: Bench,
  what: string,
  condition: () => boolean | Promise<boolean>,
  most = 120,
): Promise<void> {
  for (let i = 0; i < most; i++) {
    if (await condition()) return;
    await pace(bench, 1);
  }
  assert.fail(`${what}: not within ${most} simulated seconds`);
}

/** Registered, all told. */
export async function registered(bench: Bench): Promise<void> {
  await bench.accepted();
  await bench.settled();
}

/** Cable in, card, the car draws: a transaction that charges on EVSE `evse`. */
export async function charging(bench: Bench, evse = 1, card: object = CARD): Promise<void> {
  await bench.post(`/evse/${evse}/ev`, { draw: true });
  await bench.post(`/evse/${evse}/plug`);
  await bench.settled();
  await bench.post("/tap", card);
  await bench.settled();
  assert.equal((await bench.station.state()).evses[evse - 1].contactor, true, `EVSE ${evse} charges`);
}

/** A card at the reader, and everything that comes of it. */
export async function tap(bench: Bench, card: object = CARD): Promise<void> {
  await bench.post("/tap", card);
  await bench.settled();
}

/** Cable in and a car that draws. */
export async function car(bench: Bench, evse = 1): Promise<void> {
  await bench.post(`/evse/${evse}/ev`, { draw: true });
  await bench.post(`/evse/${evse}/plug`);
  await bench.settled();
}

export async function contactors(bench: Bench): Promise<boolean[]> {
  return (await bench.station.state()).evses.map(({ contactor }) => contactor);
}

/** Of each EVSE. */
export async function statuses(bench: Bench): Promise<(string | null)[]> {
  return (await bench.station.state()).evses.map(({ status }) => status);
}

/** The station's time plus `seconds`, ISO date-time. */
export async function timeIn(bench: Bench, seconds = 0): Promise<string> {
  const { time } = await bench.station.state();
  assert.ok(time);
  return new Date(Date.parse(time) + seconds * 1000).toISOString();
}

/** transactionId that `/state` tells of EVSE `evse`. */
export async function transactionOf(bench: Bench, evse = 1): Promise<string | null> {
  return (await bench.station.state()).evses[evse - 1].transactionId;
}

/** Power off and on again: a boot with the same flash. */
export async function powerCycle(bench: Bench): Promise<void> {
  await bench.post("/power", { on: false });
  await bench.post("/power", { on: true });
}

/** Link down, `seconds` pass, link up, reconnected. */
export async function offlineFor(
  bench: Bench,
  seconds: number,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await bench.post("/network", { up: false });
  await meanwhile();
  await pace(bench, seconds);
  await bench.post("/network", { up: true });
  await paceUntil(bench, "reconnected", async () => (await bench.station.state()).online);
  await bench.quiet();
}

/** Address of a variable: `Component.Variable[Instance]`, optionally with `@evse` or `@evse.connector`. */
export function address(name: string): { component: Payload; variable: Payload } {
  const [, component, variable, , instance, , evse, , connector] =
    /^(\w+)\.(\w+)(\[(\w+)\])?(@(\d+)(\.(\d+))?)?$/.exec(name) ?? [];
  if (component === undefined) throw new Error(`${name} is no address of a variable`);
  return {
    component: {
      name: component,
      ...(evse ? { evse: { id: Number(evse), ...(connector ? { connectorId: Number(connector) } : {}) } } : {}),
    },
    variable: { name: variable, ...(instance ? { instance } : {}) },
  };
}

/** GetVariables: `status value` of each (only `status` without a value). */
export async function get(bench: Bench, ...names: string[]): Promise<string[]> {
  const answer = await call(bench, "GetVariables", { getVariableData: names.map(address) });
  return (answer.getVariableResult as Payload[]).map(({ attributeStatus, attributeValue }) =>
    attributeValue === undefined ? String(attributeStatus) : `${String(attributeStatus)} ${String(attributeValue)}`,
  );
}

/** SetVariables: the status of each. */
export async function set(bench: Bench, values: Record<string, string>): Promise<string[]> {
  const setVariableData = Object.entries(values).map(([name, attributeValue]) => ({ ...address(name), attributeValue }));
  const answer = await call(bench, "SetVariables", { setVariableData });
  return (answer.setVariableResult as Payload[]).map(({ attributeStatus }) => String(attributeStatus));
}

/** SetVariables of one, which must be accepted. */
export async function setTo(bench: Bench, name: string, value: string): Promise<void> {
  assert.deepEqual(await set(bench, { [name]: value }), ["Accepted"], `${name} = ${value}`);
}

/** Whole seconds between frames. */
export function gaps(frames: Pick<Frame, "t">[]): number[] {
  return frames.slice(1).map(({ t }, i) => Math.round((t - frames[i].t) / 1000));
}
