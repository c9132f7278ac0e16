/** OCPP 2.0.1 Part 2, K01–K10: charging profiles. The limits are checked at the pilot, schedules in GetCompositeSchedule. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { notApplicable, tc, type Case } from "../case.ts";
import { optional } from "../lines.ts";
import { type Rig } from "../rig.ts";
import { charging, stopped, TWO, value } from "./moves.ts";

type Periods = [startPeriod: number, limit: number][];

/** Time of the station is told in whole seconds. */
const TOLERANCE = 2;
const LOCAL_LIMIT = 16;
const UNKNOWN = "00000000-0000-0000-0000-000000000000";

const isoTime = (t: Rig, seconds = 0): string => new Date(t.station.now() + seconds * 1000).toISOString();

/** A profile; Absolute from now on, unless `more` says otherwise. */
function profile(t: Rig, id: number, purpose: string, periods: Periods, more: Payload = {}, schedule: Payload = {}): Payload {
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

async function send(t: Rig, evseId: number, chargingProfile: Payload, expected = "Accepted"): Promise<void> {
  await t.call("SetChargingProfile", { evseId, chargingProfile }, expected);
}

/** The change of the limit may be told (E-05). */
const CHANGED = optional("Updated ChargingRateChanged *");

async function limit(t: Rig, amps: number, evse = 1): Promise<void> {
  await t.advance(2);
  await t.expect(CHANGED, CHANGED);
  assert.equal((await t.evse(evse)).limitAmps, amps);
}

async function composite(t: Rig, evseId: number, duration: number, expected: Periods, unit = "A"): Promise<void> {
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
async function reported(t: Rig, criterion: Payload, evseId?: number, requestId = 21): Promise<number[]> {
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

/** Three profiles: 1 TxDefault on 0, 2 station maximum, 3 TxDefault of a higher level on EVSE 1. */
async function three(t: Rig): Promise<void> {
  await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 10]]));
  await send(t, 0, profile(t, 2, "ChargingStationMaxProfile", [[0, 30]]));
  await send(t, 1, profile(t, 3, "TxDefaultProfile", [[0, 8]], { stackLevel: 1 }));
}

const clear = (t: Rig, request: Payload, expected: string): Promise<Payload> => t.call("ClearChargingProfile", request, expected);

const refused = (id: string, title: string, evseId: number, make: (t: Rig) => Payload): Case =>
  tc(id, `${title}: Rejected`, TWO, async (t) => {
    await charging(t);
    await send(t, evseId, make(t), "Rejected");
    assert.deepEqual(await reported(t, { chargingProfilePurpose: "TxProfile" }), []);
  });

/** The other reasons to refuse, one by one. */
const BAD: [title: string, evseId: number, make: (t: Rig) => Payload][] = [
  ["station maximum on an EVSE", 1, (t) => profile(t, 1, "ChargingStationMaxProfile", [[0, 10]])],
  [
    "station maximum, Relative",
    0,
    (t) =>
      profile(t, 1, "ChargingStationMaxProfile", [[0, 10]], { chargingProfileKind: "Relative" }, { startSchedule: undefined }),
  ],
  ["external constraints", 0, (t) => profile(t, 1, "ChargingStationExternalConstraints", [[0, 10]])],
  ["Absolute without startSchedule", 0, (t) => profile(t, 1, "TxDefaultProfile", [[0, 10]], {}, { startSchedule: undefined })],
  ["Relative with startSchedule", 0, (t) => profile(t, 1, "TxDefaultProfile", [[0, 10]], { chargingProfileKind: "Relative" })],
  ["first period not at 0", 0, (t) => profile(t, 1, "TxDefaultProfile", [[5, 10]])],
  ["periods not in order", 0, (t) => profile(t, 1, "TxDefaultProfile", [[0, 10], [20, 8], [10, 6]])], // prettier-ignore
  ["stack level too high", 0, (t) => profile(t, 1, "TxDefaultProfile", [[0, 10]], { stackLevel: 10_000 })],
  [
    "two schedules",
    0,
    (t) => {
      const one = profile(t, 1, "TxDefaultProfile", [[0, 10]]);
      const [schedule] = one.chargingSchedule as Payload[];
      return { ...one, chargingSchedule: [schedule, { ...schedule, id: 2 }] };
    },
  ],
];

export const SMART_CHARGING: Case[] = [
  tc("TC_K_02", "TxProfile without a transaction: Rejected", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxProfile", [[0, 8]], { transactionId: UNKNOWN }), "Rejected");
    await send(t, 1, profile(t, 1, "TxProfile", [[0, 8]]), "Rejected");
  }),

  tc("TC_K_04", "The same id: replaced", {}, async (t) => {
    await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 8]]));
    await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 9]]));
    await charging(t);
    await limit(t, 9);
    assert.deepEqual(await reported(t, { chargingProfileId: [1] }), [1]);
  }),

  tc("TC_K_05", "Clear by id: Accepted, gone; the transaction goes on with what is left", {}, async (t) => {
    await three(t);
    await charging(t);
    await limit(t, 8);
    await clear(t, { chargingProfileId: 3 }, "Accepted");
    await limit(t, 10);
    assert.deepEqual(await reported(t, { chargingProfileId: [1, 2, 3] }), [1, 2]);
  }),

  tc("TC_K_06", "Clear by purpose and level", TWO, async (t) => {
    await three(t);
    await clear(t, { chargingProfileCriteria: { chargingProfilePurpose: "TxDefaultProfile", stackLevel: 1 } }, "Accepted");
    assert.deepEqual(await reported(t, { chargingProfileId: [1, 2, 3] }), [1, 2]);
  }),

  tc("TC_K_07", "Clear by EVSE", TWO, async (t) => {
    await three(t);
    await clear(t, { chargingProfileCriteria: { evseId: 1 } }, "Accepted");
    assert.deepEqual(await reported(t, { chargingProfileId: [1, 2, 3] }), [1, 2]);
  }),

  tc("TC_K_08", "Clear what does not exist: Unknown", {}, async (t) => {
    await clear(t, { chargingProfileId: 99 }, "Unknown");
    await three(t);
    await clear(t, { chargingProfileId: 99 }, "Unknown");
    await clear(t, { chargingProfileCriteria: { chargingProfilePurpose: "TxProfile" } }, "Unknown");
  }),

  tc("TC_K_09", "Clear by purpose: all of it", TWO, async (t) => {
    await three(t);
    await clear(t, { chargingProfileCriteria: { chargingProfilePurpose: "TxDefaultProfile" } }, "Accepted");
    assert.deepEqual(await reported(t, { chargingProfileId: [1, 2, 3] }), [2]);
  }),

  refused("TC_K_11", "TxProfile on EVSE 0", 0, (t) => profile(t, 1, "TxProfile", [[0, 8]], { transactionId: UNKNOWN })),

  tc("TC_K_12", "A rate unit that is not offered: Rejected", {}, async (t) => {
    const offered = (await value(t, "SmartChargingCtrlr.RateUnit")).split(",");
    for (const unit of ["A", "W"]) {
      const one = profile(t, 1, "TxDefaultProfile", [[0, 2000]], {}, { chargingRateUnit: unit });
      await send(t, 0, one, offered.includes(unit) ? "Accepted" : "Rejected");
    }
  }),

  tc("TC_K_13", "Profiles survive a power loss", {}, async (t) => {
    await three(t);
    await t.powerCycle();
    await t.booted();
    assert.deepEqual(await reported(t, { chargingProfileId: [1, 2, 3] }), [1, 2, 3]);
    await charging(t);
    await limit(t, 8);
  }),

  refused("TC_K_14", "An EVSE that does not exist", 9, (t) => profile(t, 1, "TxDefaultProfile", [[0, 8]])),
  notApplicable("TC_K_15", "Without smart charging every request is NotSupported", "the station has smart charging"),
  refused("TC_K_16", "TxProfile of an unknown transaction", 1, (t) =>
    profile(t, 1, "TxProfile", [[0, 8]], { transactionId: UNKNOWN }),
  ),

  tc("TC_K_22", "Composite schedule of the station: the sum of its EVSEs", TWO, async (t) => {
    await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 6]]));
    await composite(t, 0, 300, [[0, 12]]);
  }),

  tc("TC_K_28", "A new TxDefaultProfile acts on the running transaction without a TxProfile", {}, async (t) => {
    await charging(t);
    await limit(t, LOCAL_LIMIT);
    await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 7]]));
    await limit(t, 7);
  }),

  ...(
    [
      ["TC_K_29", "of EVSE 0", { chargingProfilePurpose: "TxDefaultProfile" }, 0, [1]],
      ["TC_K_30", "of an EVSE", { chargingProfilePurpose: "TxDefaultProfile" }, 1, [3]],
      ["TC_K_31", "without EVSE: of all", { chargingProfilePurpose: "TxDefaultProfile" }, undefined, [1, 3]],
      ["TC_K_32", "by source", { chargingLimitSource: ["CSO"] }, undefined, [1, 2, 3]],
      ["TC_K_33", "by purpose", { chargingProfilePurpose: "ChargingStationMaxProfile" }, undefined, [2]],
      ["TC_K_34", "by purpose and level", { chargingProfilePurpose: "TxDefaultProfile", stackLevel: 1 }, undefined, [3]],
      ["TC_K_35", "without a match: NoProfiles, nothing is sent", { chargingProfilePurpose: "TxProfile" }, undefined, []],
      ["TC_K_36", "by id", { chargingProfileId: [2, 3] }, undefined, [2, 3]],
    ] as const
  ).map(([id, title, criterion, evseId, ids]) =>
    tc(id, `GetChargingProfiles ${title}`, TWO, async (t) => {
      await three(t);
      const list = "chargingProfileId" in criterion ? { chargingProfileId: [...criterion.chargingProfileId] } : { ...criterion };
      assert.deepEqual(await reported(t, list, evseId), [...ids]);
    }),
  ),

  notApplicable(
    "TC_K_38",
    "Remote start with a profile, without smart charging: ignored",
    "the station has smart charging: TC_K_37",
  ),

  tc("TC_K_39", "Composite schedule without a profile: the local limit", {}, (t) => composite(t, 1, 300, [[0, LOCAL_LIMIT]])),

  tc("TC_K_40", "Composite schedule of two stack levels", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 6], [100, 8], [200, 10]], {}, { duration: 400 })); // prettier-ignore
    await send(t, 1, profile(t, 2, "TxDefaultProfile", [[0, 7], [100, 9]], { stackLevel: 1 }, { duration: 150 })); // prettier-ignore
    await composite(t, 1, 350, [[0, 7], [100, 9], [150, 8], [200, 10]]); // prettier-ignore
  }),

  tc("TC_K_41", "Composite schedule of three purposes", {}, async (t) => {
    const transactionId = await charging(t);
    await send(t, 0, profile(t, 1, "ChargingStationMaxProfile", [[0, 10]]));
    const byDefault: Periods = [[0, 6], [60, 10], [120, 8], [180, 15], [260, 8]]; // prettier-ignore
    await send(t, 0, profile(t, 2, "TxDefaultProfile", byDefault, {}, { duration: 300 }));
    const own: Periods = [[0, 8], [50, 11], [140, 16], [200, 6], [240, 12]]; // prettier-ignore
    await send(t, 1, profile(t, 3, "TxProfile", own, { transactionId }, { duration: 260 }));
    await composite(t, 1, 400, [[0, 8], [50, 10], [200, 6], [240, 10], [260, 8], [300, 10]]); // prettier-ignore
    await t.pass(3);
  }),

  tc("TC_K_42", "Composite schedule of an EVSE that does not exist: Rejected", {}, async (t) => {
    await t.call("GetCompositeSchedule", { evseId: 9, duration: 300 }, "Rejected");
  }),

  tc("TC_K_47", "Composite schedule in a unit that is not offered: Rejected; in one that is: Accepted", {}, async (t) => {
    const offered = (await value(t, "SmartChargingCtrlr.RateUnit")).split(",");
    for (const unit of ["A", "W"]) {
      const expected = offered.includes(unit) ? "Accepted" : "Rejected";
      await t.call("GetCompositeSchedule", { evseId: 1, duration: 300, chargingRateUnit: unit }, expected);
    }
  }),

  ...BAD.map(([title, evseId, make]) =>
    tc("K-02", `Rejected: ${title}`, TWO, async (t) => {
      await send(t, evseId, make(t), "Rejected");
      assert.deepEqual(await reported(t, { chargingProfileId: [1] }), []);
    }),
  ),

  tc(
    "K-02",
    "Rejected: the same purpose and level on the same EVSE under another id; more than there is room for",
    {},
    async (t) => {
      await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 8]]));
      await send(t, 1, profile(t, 2, "TxDefaultProfile", [[0, 9]]), "Rejected");
      const most = Number(await value(t, "SmartChargingCtrlr.PeriodsPerSchedule"));
      const periods = Array.from({ length: most + 1 }, (_, i): [number, number] => [i * 10, 6 + (i % 2)]);
      await send(t, 1, profile(t, 3, "TxDefaultProfile", periods, { stackLevel: 1 }), "Rejected");
      await send(t, 1, profile(t, 3, "TxDefaultProfile", periods.slice(0, most), { stackLevel: 1 }));
    },
  ),

  tc("K-03", "A TxProfile goes with its transaction", {}, async (t) => {
    const transactionId = await charging(t);
    await send(t, 1, profile(t, 1, "TxProfile", [[0, 8]], { transactionId }));
    await limit(t, 8);
    await stopped(t);
    assert.deepEqual(await reported(t, { chargingProfilePurpose: "TxProfile" }), []);
    await t.unplug();
    await t.expect("SN 1 Available");
    await charging(t);
    await limit(t, LOCAL_LIMIT);
  }),

  tc("K-04", "The least of the purposes; a gap falls to the lower level and then to the local limit", {}, async (t) => {
    await send(t, 0, profile(t, 1, "ChargingStationMaxProfile", [[0, 12]], {}, { duration: 60 }));
    await send(t, 1, profile(t, 2, "TxDefaultProfile", [[0, 14], [20, 7]], {}, { duration: 40 })); // prettier-ignore
    await composite(t, 1, 100, [[0, 12], [20, 7], [40, 12], [60, LOCAL_LIMIT]]); // prettier-ignore
  }),

  tc("K-04", "validFrom and validTo bound a profile; a Daily one comes back", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 8]], { validFrom: isoTime(t, 30), validTo: isoTime(t, 60) }));
    await composite(t, 1, 100, [[0, LOCAL_LIMIT], [30, 8], [60, LOCAL_LIMIT]]); // prettier-ignore
    await clear(t, { chargingProfileId: 1 }, "Accepted");
    const daily = { chargingProfileKind: "Recurring", recurrencyKind: "Daily" };
    const schedule = { startSchedule: isoTime(t, 50 - 10 * 86_400), duration: 20 };
    await send(t, 1, profile(t, 2, "TxDefaultProfile", [[0, 9]], daily, schedule));
    await composite(t, 1, 100, [[0, LOCAL_LIMIT], [50, 9], [70, LOCAL_LIMIT]]); // prettier-ignore
  }),

  tc("K-05", "Watts are amperes by voltage and phases", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 2300]], {}, { chargingRateUnit: "W", chargingSchedulePeriod: [{ startPeriod: 0, limit: 2300, numberPhases: 1 }] })); // prettier-ignore
    await charging(t);
    await limit(t, 10);
    await composite(t, 1, 60, [[0, 10]]);
    await composite(t, 1, 60, [[0, 2300]], "W");
  }),

  tc("K-06", "Equal neighbours are one period", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 8], [10, 8], [20, 9]])); // prettier-ignore
    await composite(t, 1, 60, [[0, 8], [20, 9]]); // prettier-ignore
  }),

  tc("K-10", "Offline the profiles stay in force", {}, async (t) => {
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 8], [20, 6]])); // prettier-ignore
    await charging(t);
    await limit(t, 8);
    await t.offline(25, async () => undefined);
    const told = (await t.pass(3)).map(({ line }) => line);
    assert.deepEqual(
      told.filter((line) => !line.startsWith("Updated ChargingRateChanged")),
      [],
    );
    assert.equal((await t.evse()).limitAmps, 6);
  }),

  tc("K-10", "A limit below 6 A: nothing is offered, SuspendedEVSE; then charging goes on", {}, async (t) => {
    await charging(t);
    await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 0], [20, 10]])); // prettier-ignore
    await t.expect(CHANGED, "Updated ChargingStateChanged|ChargingRateChanged SuspendedEVSE *", CHANGED);
    assert.equal((await t.evse()).amps, 0);
    await t.expectWithin(24, CHANGED, "Updated ChargingStateChanged|ChargingRateChanged Charging *", CHANGED);
  }),
];
