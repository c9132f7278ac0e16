/** What the cases of smart charging share: profiles, limits at the pilot, schedules and reports. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { optional } from "../lines.ts";
import { type Rig } from "../rig.ts";

export type Periods = [startPeriod: number, limit: number][];

/** Time of the station is told in whole seconds. */
const TOLERANCE = 2;
export const LOCAL_LIMIT = 16;
export const UNKNOWN = "00000000-0000-0000-0000-000000000000";

export const isoTime = (t: Rig, seconds = 0): string => new Date(t.station.now() + seconds * 1000).toISOString();

/** A profile; Absolute from now on, unless `more` says otherwise. */
export function profile(
  t: Rig,
  id: number,
  purpose: string,
  periods: Periods,
  more: Payload = {},
  schedule: Payload = {},
): Payload {
  return {
    id,
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: "Absolute",
    chargingSchedule: [
      {
        id: 1,
        startSchedule: isoTime(t),
        chargingRateUnit: "A",
        chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
        ...schedule,
      },
    ],
    ...more,
  };
}

export async function send(t: Rig, evseId: number, chargingProfile: Payload, expected = "Accepted"): Promise<void> {
  await t.call("SetChargingProfile", { evseId, chargingProfile }, expected);
}

/** The change of the limit may be told (E-05). */
export const CHANGED = optional("Updated ChargingRateChanged *");

export async function limit(t: Rig, amps: number, evse = 1): Promise<void> {
  await t.advance(2);
  await t.expect(CHANGED, CHANGED);
  assert.equal((await t.evse(evse)).limitAmps, amps);
}

export async function composite(t: Rig, evseId: number, duration: number, expected: Periods, unit = "A"): Promise<void> {
  const answer = await t.call("GetCompositeSchedule", { evseId, duration, chargingRateUnit: unit }, "Accepted");
  const schedule = answer.schedule as Payload;
  assert.equal(schedule.evseId, evseId);
  assert.equal(schedule.duration, duration);
  assert.equal(schedule.chargingRateUnit, unit);
  assert.ok(Math.abs(Date.parse(String(schedule.scheduleStart)) - t.station.now()) < 4000, "scheduleStart is now");
  const got = (schedule.chargingSchedulePeriod as { startPeriod: number; limit: number }[]).map(
    ({ startPeriod, limit }): [number, number] => [startPeriod, limit],
  );
  const near =
    got.length === expected.length &&
    got[0][0] === 0 &&
    got.every(([start, amps], i) => Math.abs(start - expected[i][0]) <= TOLERANCE && amps === expected[i][1]);
  assert.ok(near, `schedule ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}

/** GetChargingProfiles; the ids that come. */
export async function reported(t: Rig, criterion: Payload, evseId?: number, requestId = 21): Promise<number[]> {
  const request = { requestId, chargingProfile: criterion, ...(evseId === undefined ? {} : { evseId }) };
  const { status } = await t.call("GetChargingProfiles", request, ["Accepted", "NoProfiles"]);
  if (status === "NoProfiles") return [];
  const parts = await t.parts("ReportChargingProfiles");
  return parts
    .flatMap(({ payload }) => {
      assert.equal(payload.requestId, requestId);
      assert.equal(payload.chargingLimitSource, "CSO");
      return (payload.chargingProfile as { id: number }[]).map(({ id }) => id);
    })
    .sort((a, b) => a - b);
}

export const clear = (t: Rig, request: Payload, expected: string): Promise<Payload> =>
  t.call("ClearChargingProfile", request, expected);
