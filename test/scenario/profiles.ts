/** Charging profiles of OCPP 2.0.1 for the scenarios, and what the station makes of them. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import type { Bench } from "./harness.ts";
import { call, calls, mark } from "./steps.ts";

/** Limits by the second at which they begin. */
export type Limits = Record<number, number>;

export interface Schedule {
  id?: number;
  purpose?: string;
  level?: number;
  kind?: string;
  recurrency?: string;
  /** ISO date-time. */
  start?: string;
  duration?: number;
  unit?: "A" | "W";
  limits?: Limits;
  /** Further members of the profile, and of its schedule. */
  more?: Payload;
  schedule?: Payload;
}

export const MAX = "ChargingStationMaxProfile";
export const DEFAULT = "TxDefaultProfile";
export const TX = "TxProfile";

export function periods(limits: Limits): { startPeriod: number; limit: number }[] {
  return Object.entries(limits).map(([startPeriod, limit]) => ({ startPeriod: Number(startPeriod), limit }));
}

/** A ChargingProfileType: Relative unless it has a start. */
export function profile(from: Schedule): Payload {
  return {
    id: from.id ?? 1,
    stackLevel: from.level ?? 0,
    chargingProfilePurpose: from.purpose ?? DEFAULT,
    chargingProfileKind: from.kind ?? (from.recurrency ? "Recurring" : from.start ? "Absolute" : "Relative"),
    ...(from.recurrency ? { recurrencyKind: from.recurrency } : {}),
    ...from.more,
    chargingSchedule: [
      {
        id: 1,
        ...(from.start ? { startSchedule: from.start } : {}),
        ...(from.duration === undefined ? {} : { duration: from.duration }),
        chargingRateUnit: from.unit ?? "A",
        chargingSchedulePeriod: periods(from.limits ?? { 0: 8 }),
        ...from.schedule,
      },
    ],
  };
}

/** SetChargingProfile: the status, with the reason when there is one. */
export async function setProfile(bench: Bench, evseId: number, chargingProfile: Payload): Promise<string> {
  const { status, statusInfo } = await call(bench, "SetChargingProfile", { evseId, chargingProfile });
  return [status, (statusInfo as Payload | undefined)?.reasonCode].filter((word) => word !== undefined).join(" ");
}

export async function install(bench: Bench, evseId: number, from: Schedule): Promise<void> {
  assert.equal(await setProfile(bench, evseId, profile(from)), "Accepted");
}

/** GetCompositeSchedule: the limits, or the status when it is refused. */
export async function composite(bench: Bench, evseId: number, duration: number, unit?: "A" | "W"): Promise<Limits | string> {
  const answer = await call(bench, "GetCompositeSchedule", { evseId, duration, ...(unit ? { chargingRateUnit: unit } : {}) });
  if (answer.status !== "Accepted") return String(answer.status);
  const schedule = answer.schedule as Payload;
  assert.equal(schedule.evseId, evseId);
  assert.equal(schedule.chargingRateUnit, unit ?? "A");
  return Object.fromEntries(
    (schedule.chargingSchedulePeriod as { startPeriod: number; limit: number }[]).map(({ startPeriod, limit }) => [
      startPeriod,
      limit,
    ]),
  );
}

export async function clear(bench: Bench, payload: Payload): Promise<unknown> {
  return (await call(bench, "ClearChargingProfile", payload)).status;
}

/** GetChargingProfiles and its reports: the profiles with their EVSE, or the status when there are none. */
export async function reported(bench: Bench, chargingProfile: Payload, evseId?: number): Promise<Payload[] | string> {
  const since = mark(bench);
  const answer = await call(bench, "GetChargingProfiles", {
    requestId: 77,
    chargingProfile,
    ...(evseId === undefined ? {} : { evseId }),
  });
  const told = (): Payload[] => calls(bench, since, "ReportChargingProfiles").map(({ payload }) => payload);
  if (answer.status === "Accepted") {
    await bench.until("the last report", () => told().some(({ tbc }) => tbc !== true), 20);
  }
  await bench.quiet();
  const reports = told();
  if (answer.status !== "Accepted") {
    assert.deepEqual(reports, []);
    return String(answer.status);
  }
  reports.forEach((report, i) => {
    assert.equal(report.requestId, 77);
    assert.equal(report.chargingLimitSource, "CSO");
    assert.equal(report.tbc ?? false, i < reports.length - 1);
  });
  return reports.flatMap((report) => (report.chargingProfile as Payload[]).map((one) => ({ evseId: report.evseId, ...one })));
}

/** Ids that a report has, in ascending order. */
export async function reportedIds(bench: Bench, chargingProfile: Payload, evseId?: number): Promise<unknown> {
  const found = await reported(bench, chargingProfile, evseId);
  return typeof found === "string" ? found : found.map(({ id }) => Number(id)).sort((a, b) => a - b);
}

/** Offered current of EVSE `evse`, A; 0 when its contactor is open. */
export async function offered(bench: Bench, evse = 1): Promise<number> {
  const { limitAmps, contactor } = (await bench.station.state()).evses[evse - 1];
  return contactor ? limitAmps : 0;
}
