/** OCPP 1.6, 3.13, 5.7, 5.16: charging profiles (SC). The limits are checked at the pilot, schedules in GetCompositeSchedule. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { type Rig } from "../rig.ts";
import { charging, isoTime, left, plugged, remoteStart, begin, stopped, TWO, value } from "./moves.ts";

type Periods = [startPeriod: number, limit: number][];

/** Time of the station is told in whole seconds. */
const TOLERANCE = 2;
const LOCAL_LIMIT = 16;
const MAX = "ChargePointMaxProfile";
const DEFAULT = "TxDefaultProfile";
const TX = "TxProfile";

/** A profile; Absolute from now on, unless `more` says otherwise. */
function profile(t: Rig, id: number, purpose: string, periods: Periods, more: Payload = {}, schedule: Payload = {}): Payload {
  return {
    chargingProfileId: id,
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: "Absolute",
    chargingSchedule: {
      startSchedule: isoTime(t),
      chargingRateUnit: "A",
      chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
      ...schedule,
    },
    ...more,
  };
}

async function send(t: Rig, connectorId: number, csChargingProfiles: Payload, expected = "Accepted"): Promise<void> {
  await t.call("SetChargingProfile", { connectorId, csChargingProfiles }, expected);
}

const refused = (t: Rig, connectorId: number, csChargingProfiles: Payload, code: string): Promise<void> =>
  t.refused("SetChargingProfile", { connectorId, csChargingProfiles }, code);

async function limit(t: Rig, amps: number, connector = 1): Promise<void> {
  await t.advance(2);
  await t.expect();
  assert.equal((await t.evse(connector)).limitAmps, amps);
}

async function composite(t: Rig, connectorId: number, duration: number, expected: Periods, unit?: string): Promise<void> {
  const request = { connectorId, duration, ...(unit === undefined ? {} : { chargingRateUnit: unit }) };
  const answer = await t.call("GetCompositeSchedule", request, "Accepted");
  assert.equal(answer.connectorId, connectorId);
  assert.ok(Math.abs(Date.parse(String(answer.scheduleStart)) - t.station.now()) < 4000, "scheduleStart is now");
  const schedule = answer.chargingSchedule as Payload;
  assert.equal(schedule.duration, duration);
  if (unit !== undefined) assert.equal(schedule.chargingRateUnit, unit);
  assert.ok(!("startSchedule" in schedule), "startSchedule is left out");
  const got = (schedule.chargingSchedulePeriod as { startPeriod: number; limit: number }[]).map(
    ({ startPeriod, limit: amps }): [number, number] => [startPeriod, amps],
  );
  const near =
    got.length === expected.length &&
    got[0][0] === 0 &&
    got.every(([start, amps], i) => Math.abs(start - expected[i][0]) <= TOLERANCE && amps === expected[i][1]);
  assert.ok(near, `schedule ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}

const clear = (t: Rig, request: Payload, expected: string): Promise<Payload> => t.call("ClearChargingProfile", request, expected);

const RELATIVE = { chargingProfileKind: "Relative" };
const NO_START = { startSchedule: undefined };

/** Reasons to refuse, one by one. */
const BAD: [title: string, connector: number, make: (t: Rig) => Payload][] = [
  ["station maximum on a connector", 1, (t) => profile(t, 1, MAX, [[0, 10]])],
  ["station maximum, Relative", 0, (t) => profile(t, 1, MAX, [[0, 10]], RELATIVE, NO_START)],
  ["TxProfile on connector 0", 0, (t) => profile(t, 1, TX, [[0, 10]])],
  ["first period not at 0", 1, (t) => profile(t, 1, DEFAULT, [[5, 10]])],
  ["periods not in order", 1, (t) => profile(t, 1, DEFAULT, [[0, 10], [20, 8], [10, 6]])], // prettier-ignore
  ["stack level too high", 1, (t) => profile(t, 1, DEFAULT, [[0, 10]], { stackLevel: 10_000 })],
  ["stack level below 0", 1, (t) => profile(t, 1, DEFAULT, [[0, 10]], { stackLevel: -1 })],
  ["Recurring without recurrencyKind", 1, (t) => profile(t, 1, DEFAULT, [[0, 10]], { chargingProfileKind: "Recurring" })],
  [
    "Recurring without startSchedule",
    1,
    (t) => profile(t, 1, DEFAULT, [[0, 10]], { chargingProfileKind: "Recurring", recurrencyKind: "Daily" }, NO_START),
  ],
];

export const SMART_CHARGING: Case[] = [
  tc("TC_056", "TxDefaultProfile: Accepted, the limit of the next transaction", {}, async (t) => {
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 6], [60, 10]])); // prettier-ignore
    await charging(t);
    await limit(t, 6);
    await t.advance(62);
    await t.expect();
    assert.equal((await t.evse()).limitAmps, 10);
  }),

  tc("TC_057", "TxProfile in a transaction: Accepted, its limit, gone with the transaction", {}, async (t) => {
    const transactionId = await charging(t);
    await send(t, 1, profile(t, 1, TX, [[0, 8]], { transactionId }));
    await limit(t, 8);
    await stopped(t);
    await left(t);
    await clear(t, { id: 1 }, "Unknown");
    await charging(t);
    await limit(t, LOCAL_LIMIT);
  }),

  tc("TC_058_1", "TxProfile without a transaction: Rejected", {}, async (t) => {
    await send(t, 1, profile(t, 1, TX, [[0, 8]]), "Rejected");
    await send(t, 1, profile(t, 1, TX, [[0, 8]], { transactionId: 1 }), "Rejected");
  }),

  tc("TC_058_2", "TxProfile with a wrong transactionId: Rejected", {}, async (t) => {
    const id = await charging(t);
    for (const transactionId of [id + 1, 0, -1]) await send(t, 1, profile(t, 1, TX, [[0, 8]], { transactionId }), "Rejected");
    await limit(t, LOCAL_LIMIT);
  }),

  tc("TC_066", "Composite schedule of three purposes", {}, async (t) => {
    const transactionId = await charging(t);
    await send(t, 0, profile(t, 1, MAX, [[0, 10]]));
    const byDefault: Periods = [[0, 6], [60, 10], [120, 8], [180, 15], [260, 8]]; // prettier-ignore
    await send(t, 0, profile(t, 2, DEFAULT, byDefault, {}, { duration: 300 }));
    const own: Periods = [[0, 8], [50, 11], [140, 16], [200, 6], [240, 12]]; // prettier-ignore
    await send(t, 1, profile(t, 3, TX, own, { transactionId }, { duration: 260 }));
    await composite(t, 1, 400, [[0, 8], [50, 10], [200, 6], [240, 10], [260, 8], [300, 10]], "A"); // prettier-ignore
  }),

  tc("TC_067", "ClearChargingProfile: by id, by purpose and level, all; none: Unknown", {}, async (t) => {
    const three = async (): Promise<void> => {
      await send(t, 0, profile(t, 1, DEFAULT, [[0, 10]]));
      await send(t, 0, profile(t, 2, MAX, [[0, 30]]));
      await send(t, 1, profile(t, 3, DEFAULT, [[0, 8]], { stackLevel: 1 }));
    };
    const rest = async (...ids: number[]): Promise<void> => {
      for (const id of [1, 2, 3]) await clear(t, { id }, ids.includes(id) ? "Accepted" : "Unknown");
    };
    await clear(t, {}, "Unknown");
    await three();
    await clear(t, { id: 99 }, "Unknown");
    await clear(t, { id: 3, connectorId: 0, chargingProfilePurpose: MAX, stackLevel: 7 }, "Accepted");
    await rest(1, 2);
    await three();
    await clear(t, { chargingProfilePurpose: DEFAULT, stackLevel: 1 }, "Accepted");
    await rest(1, 2);
    await three();
    await clear(t, { connectorId: 0 }, "Accepted");
    await rest(3);
    await three();
    await clear(t, { connectorId: 1, chargingProfilePurpose: MAX }, "Unknown");
    await clear(t, { stackLevel: 0 }, "Accepted");
    await rest(3);
    await three();
    await clear(t, {}, "Accepted");
    await rest();
  }),

  tc("TC_072", "Composite schedule of two stack levels", {}, async (t) => {
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 6], [100, 8], [200, 10]], {}, { duration: 400 })); // prettier-ignore
    await send(t, 1, profile(t, 2, DEFAULT, [[0, 7], [100, 9]], { stackLevel: 1 }, { duration: 150 })); // prettier-ignore
    await composite(t, 1, 350, [[0, 7], [100, 9], [150, 8], [200, 10]], "A"); // prettier-ignore
  }),

  tc("TC_082", "A new TxDefaultProfile acts on the running transaction; deleted, it frees it", {}, async (t) => {
    await charging(t);
    await limit(t, LOCAL_LIMIT);
    await send(t, 0, profile(t, 1, DEFAULT, [[0, 7]]));
    await limit(t, 7);
    await clear(t, { id: 1 }, "Accepted");
    await limit(t, LOCAL_LIMIT);
  }),

  ...BAD.map(([title, connector, make]) =>
    tc("SC-02", `Rejected: ${title}`, TWO, async (t) => {
      await charging(t);
      await send(t, connector, make(t), "Rejected");
      await clear(t, {}, "Unknown");
    }),
  ),

  tc("SC-02", "A connector that does not exist: PropertyConstraintViolation", {}, async (t) => {
    await refused(t, 9, profile(t, 1, DEFAULT, [[0, 10]]), "PropertyConstraintViolation");
    await refused(t, -1, profile(t, 1, DEFAULT, [[0, 10]]), "PropertyConstraintViolation");
  }),

  tc("SC-02", "More periods or profiles than there is room for: Rejected", {}, async (t) => {
    const most = Number(await value(t, "ChargingScheduleMaxPeriods"));
    const periods = Array.from({ length: most + 1 }, (_, i): [number, number] => [i * 10, 6 + (i % 2)]);
    await send(t, 1, profile(t, 1, DEFAULT, periods), "Rejected");
    await send(t, 1, profile(t, 1, DEFAULT, periods.slice(0, most)));
    const profiles = Number(await value(t, "MaxChargingProfilesInstalled"));
    const levels = Number(await value(t, "ChargeProfileMaxStackLevel"));
    let id = 1;
    for (const purpose of [DEFAULT, MAX]) {
      for (let stackLevel = 0; stackLevel <= levels && id < profiles; stackLevel++) {
        await send(t, 0, profile(t, ++id, purpose, [[0, 10]], { stackLevel }));
      }
    }
    if (id === profiles) {
      const free = levels + 1 > profiles ? levels : levels;
      await send(t, 1, profile(t, 99, DEFAULT, [[0, 10]], { stackLevel: free }), "Rejected");
    }
  }),

  tc("SC-02", "The unit is one of ChargingScheduleAllowedChargingRateUnit", {}, async (t) => {
    const allowed = await value(t, "ChargingScheduleAllowedChargingRateUnit");
    for (const [unit, word] of [
      ["A", "Current"],
      ["W", "Power"],
    ] as const) {
      // prettier-ignore
      const one = profile(t, 1, DEFAULT, [[0, 3000]], {}, { chargingRateUnit: unit });
      await send(t, 1, one, allowed.split(",").includes(word) ? "Accepted" : "Rejected");
    }
  }),

  tc("SC-03", "The same id, or the same purpose and level: replaced", {}, async (t) => {
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 8]]));
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 9]]));
    await composite(t, 1, 60, [[0, 9]]);
    await send(t, 1, profile(t, 2, DEFAULT, [[0, 10]]));
    await composite(t, 1, 60, [[0, 10]]);
    await clear(t, { id: 1 }, "Unknown");
    await clear(t, { id: 2 }, "Accepted");
  }),

  tc("SC-03", "Profiles survive a power loss and a time offline", {}, async (t) => {
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 8]]));
    await send(t, 0, profile(t, 2, MAX, [[0, 12]]));
    await t.powerCycle();
    await t.booted();
    await composite(t, 1, 60, [[0, 8]]);
    await charging(t);
    await limit(t, 8);
    await t.offline(10);
    await limit(t, 8);
  }),

  tc("SC-01", "TxDefaultProfile of a connector wins over that of 0, there alone", TWO, async (t) => {
    await send(t, 0, profile(t, 1, DEFAULT, [[0, 10]]));
    await send(t, 1, profile(t, 2, DEFAULT, [[0, 8]]));
    await composite(t, 1, 60, [[0, 8]]);
    await composite(t, 2, 60, [[0, 10]]);
  }),

  tc("SC-04", "A gap falls to the lower level, then to the local limit; without duration never", {}, async (t) => {
    await send(t, 0, profile(t, 1, MAX, [[0, 12]], {}, { duration: 60 }));
    await send(t, 1, profile(t, 2, DEFAULT, [[0, 14], [20, 7]], {}, { duration: 40 })); // prettier-ignore
    await composite(t, 1, 100, [[0, 12], [20, 7], [40, 12], [60, LOCAL_LIMIT]]); // prettier-ignore
    await send(t, 1, profile(t, 3, DEFAULT, [[0, 9]], { stackLevel: 2 }));
    await composite(t, 1, 100, [[0, 9]]);
  }),

  tc("SC-04", "validFrom, validTo; a Daily one comes back", {}, async (t) => {
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 8]], { validFrom: isoTime(t, 30), validTo: isoTime(t, 60) }));
    await composite(t, 1, 100, [[0, LOCAL_LIMIT], [30, 8], [60, LOCAL_LIMIT]]); // prettier-ignore
    await clear(t, { id: 1 }, "Accepted");
    const daily = { chargingProfileKind: "Recurring", recurrencyKind: "Daily" };
    const schedule = { startSchedule: isoTime(t, 50 - 10 * 86_400), duration: 20 };
    await send(t, 1, profile(t, 2, DEFAULT, [[0, 9]], daily, schedule));
    await composite(t, 1, 100, [[0, LOCAL_LIMIT], [50, 9], [70, LOCAL_LIMIT]]); // prettier-ignore
  }),

  tc("SC-06", "Composite schedule without a profile: the local limit; connector 0: the sum", TWO, async (t) => {
    await composite(t, 1, 300, [[0, LOCAL_LIMIT]]);
    await send(t, 0, profile(t, 1, DEFAULT, [[0, 6]]));
    await composite(t, 0, 300, [[0, 12]]);
    await t.call("GetCompositeSchedule", { connectorId: 9, duration: 300 }, "Rejected");
    await t.refused(
      "GetCompositeSchedule",
      { connectorId: 1, duration: 300, chargingRateUnit: "X" },
      "PropertyConstraintViolation",
      "FormationViolation",
    );
  }),

  tc("SC-06", "Watts are amperes by voltage and phases", {}, async (t) => {
    const period = { chargingRateUnit: "W", chargingSchedulePeriod: [{ startPeriod: 0, limit: 2300, numberPhases: 1 }] };
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 2300]], {}, period));
    await charging(t);
    await limit(t, 10);
    await composite(t, 1, 60, [[0, 10]], "A");
    await composite(t, 1, 60, [[0, 2300]], "W");
  }),

  tc("SC-09", "A limit below 6 A: SuspendedEVSE; lifted: Charging", {}, async (t) => {
    await charging(t);
    await send(t, 1, profile(t, 1, DEFAULT, [[0, 0], [20, 10]])); // prettier-ignore
    await t.expect("SN 1 SuspendedEVSE");
    assert.equal((await t.evse()).amps, 0);
    await t.expectWithin(24, "SN 1 Charging");
  }),

  tc(
    "SC-09",
    "The profile of a remote start is replaced by a later TxProfile of its level",
    {
      set: { AuthorizeRemoteTxRequests: "false" },
    },
    async (t) => {
      await plugged(t);
      const first = profile(t, 1, TX, [[0, 8]], RELATIVE, NO_START);
      await remoteStart(t, "Accepted", { chargingProfile: first });
      await t.expect(begin(1, "APP"));
      await limit(t, 8);
      await send(t, 1, profile(t, 2, TX, [[0, 11]]));
      await limit(t, 11);
    },
  ),
];
