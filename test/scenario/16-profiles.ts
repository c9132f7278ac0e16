/** Charging profiles of 1.6 for the scenarios, and what the station makes of them. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import type { Bench } from "./harness.ts";
import { DEFAULT, periods, type Limits, type Schedule } from "./profiles.ts";
import { call } from "./steps.ts";

export const MAX = "ChargePointMaxProfile";

/** A ChargingProfile: Relative unless it has a start. */
export function profile16(from: Schedule): Payload {
  return {
    chargingProfileId: from.id ?? 1,
    stackLevel: from.level ?? 0,
    chargingProfilePurpose: from.purpose ?? DEFAULT,
    chargingProfileKind: from.kind ?? (from.recurrency ? "Recurring" : from.start ? "Absolute" : "Relative"),
    ...(from.recurrency ? { recurrencyKind: from.recurrency } : {}),
    ...from.more,
    chargingSchedule: {
      ...(from.start ? { startSchedule: from.start } : {}),
      ...(from.duration === undefined ? {} : { duration: from.duration }),
      chargingRateUnit: from.unit ?? "A",
      chargingSchedulePeriod: periods(from.limits ?? { 0: 8 }),
      ...from.schedule,
    },
  };
}

/** SetChargingProfile: the status. */
export async function set16(bench: Bench, connectorId: number, from: Schedule): Promise<unknown> {
  return (await call(bench, "SetChargingProfile", { connectorId, csChargingProfiles: profile16(from) })).status;
}

export async function install16(bench: Bench, connectorId: number, from: Schedule): Promise<void> {
  assert.equal(await set16(bench, connectorId, from), "Accepted", JSON.stringify(from));
}

/** GetCompositeSchedule: the limits, or the status when it is refused. */
export async function composite16(
  bench: Bench,
  connectorId: number,
  duration: number,
  unit?: "A" | "W",
): Promise<Limits | string> {
  const answer = await call(bench, "GetCompositeSchedule", { connectorId, duration, ...(unit && { chargingRateUnit: unit }) });
  if (answer.status !== "Accepted") return String(answer.status);
  const schedule = answer.chargingSchedule as Payload;
  assert.equal(answer.connectorId, connectorId);
  assert.deepEqual([schedule.duration, schedule.chargingRateUnit, schedule.startSchedule], [duration, unit ?? "A", undefined]);
  assert.equal(Date.parse(String(answer.scheduleStart)), Date.parse((await bench.station.state()).time!));
  return Object.fromEntries(
    (schedule.chargingSchedulePeriod as { startPeriod: number; limit: number }[]).map(({ startPeriod, limit }) => [
      startPeriod,
      limit,
    ]),
  );
}

export async function clear16(bench: Bench, payload: Payload = {}): Promise<unknown> {
  return (await call(bench, "ClearChargingProfile", payload)).status;
}

/** Ids of the profiles that are there, looked for among `ids`; they are gone then. */
export async function cleared(bench: Bench, ...ids: number[]): Promise<number[]> {
  const there: number[] = [];
  for (const id of ids) if ((await clear16(bench, { id })) === "Accepted") there.push(id);
  return there;
}
