/** OCPP 2.0.1 Part 2, K08 composite schedules, K09 reports, K10 clearing. */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import {
  clear,
  composite,
  DEFAULT,
  install,
  MAX,
  offered,
  profile,
  reported,
  reportedIds,
  setProfile,
  TX,
  type Limits,
} from "./profiles.ts";
import {
  call,
  CARD,
  charging,
  get,
  mark,
  pace,
  paceUntil,
  refusal,
  registered,
  setTo,
  timeIn,
  transactionOf,
  written,
} from "./steps.ts";

const TWO = { station: { evses: 2 } };
const AT = "2026-01-01T00:00:00Z";
const ENTRIES = "SmartChargingCtrlr.Entries[ChargingProfiles]";

/** The limits that begin at `at` are there, a second up or down for the time that passed meanwhile. */
function assertLimits(seen: Limits | string, expected: Limits): void {
  assert.ok(typeof seen !== "string", String(seen));
  assert.deepEqual(Object.values(seen), Object.values(expected), JSON.stringify(seen));
  Object.keys(seen).forEach((start, i) => {
    const late = Number(start) - Number(Object.keys(expected)[i]);
    assert.ok(late === 0 || (i > 0 && late === -1), `${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`);
  });
}

describe("K08: GetCompositeSchedule", () => {
  scenario("K-06: TC_K_39 local limit, TC_K_42 unknown EVSE, TC_K_22 sum of the EVSEs", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await composite(bench, 1, 300), { 0: 16 });
    assert.deepEqual(await composite(bench, 0, 300), { 0: 32 });
    assert.deepEqual(await composite(bench, 2, 300, "W"), { 0: 3680 });
    for (const evseId of [3, -1]) assert.equal(await composite(bench, evseId, 300), "Rejected");
    assert.equal(await composite(bench, 1, 0), "Rejected");
    await install(bench, 0, { limits: { 0: 6 } });
    assert.deepEqual(await composite(bench, 1, 300), { 0: 6 });
    assert.deepEqual(await composite(bench, 0, 300), { 0: 12 });
    await install(bench, 2, { id: 2, level: 1, limits: { 0: 20, 100: 4.5 } });
    assert.deepEqual(await composite(bench, 2, 300), { 0: 16, 100: 4.5 });
    assert.deepEqual(await composite(bench, 0, 300), { 0: 22, 100: 10.5 });
    assert.deepEqual(await composite(bench, 0, 300, "W"), { 0: 5060, 100: 2415 });
  });

  scenario("K-06, TC_K_47: an unknown unit", { allowViolations: true }, async (bench) => {
    await registered(bench);
    const wrong = { evseId: 1, duration: 9, chargingRateUnit: "VA" };
    assert.equal(await refusal(bench, "GetCompositeSchedule", wrong), "PropertyConstraintViolation");
  });

  scenario("K-07, TC_K_40: stack levels, a gap falls through", {}, async (bench) => {
    await registered(bench);
    const start = await timeIn(bench);
    await install(bench, 1, { id: 1, level: 0, start, duration: 400, limits: { 0: 6, 100: 8, 200: 10 } });
    await install(bench, 1, { id: 2, level: 1, start, duration: 150, limits: { 0: 7, 100: 9 } });
    assertLimits(await composite(bench, 1, 350), { 0: 7, 100: 9, 150: 8, 200: 10 });
  });

  scenario("K-07, TC_K_41: maximum, default and transaction profile together", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const start = await timeIn(bench);
    const more = { transactionId: await transactionOf(bench) };
    await install(bench, 0, { id: 1, purpose: MAX, start, limits: { 0: 10 } });
    await install(bench, 1, { id: 2, start, duration: 300, limits: { 0: 6, 60: 10, 120: 8, 180: 15, 260: 8 } });
    await install(bench, 1, {
      id: 3,
      purpose: TX,
      start,
      duration: 260,
      limits: { 0: 8, 50: 11, 140: 16, 200: 6, 240: 12 },
      more,
    });
    assertLimits(await composite(bench, 1, 400), { 0: 8, 50: 10, 200: 6, 240: 10, 260: 8, 300: 10 });
    await pace(bench, 45);
    assertLimits(await composite(bench, 1, 400), { 0: 8, 5: 10, 155: 6, 195: 10, 215: 8, 255: 10 });
  });

  scenario(
    "K-04: Daily and Weekly return, the rest of the day is the default; a Relative one counts from the begin",
    {},
    async (bench) => {
      await registered(bench);
      const noon = Date.parse((await timeIn(bench)).slice(0, 11) + "00:00:00Z");
      const iso = (seconds: number): string => new Date(noon + seconds * 1000).toISOString();
      const now = Math.round((Date.parse(await timeIn(bench)) - noon) / 1000);
      // From 10 minutes ago for 20 minutes, each day since a week ago; within it 10 A for the second half.
      await install(bench, 1, {
        id: 1,
        level: 3,
        recurrency: "Daily",
        start: iso(now - 600 - 7 * 86400),
        duration: 1200,
        limits: { 0: 8, 600: 10 },
      });
      assertLimits(await composite(bench, 1, 90000), { 0: 10, 600: 16, 85800: 8, 86400: 10, 87000: 16 });
      await install(bench, 1, {
        id: 2,
        level: 4,
        recurrency: "Weekly",
        start: iso(now - 14 * 86400 + 60),
        duration: 60,
        limits: { 0: 12 },
      });
      assertLimits(await composite(bench, 1, 1000), { 0: 10, 60: 12, 120: 10, 600: 16 });
      await install(bench, 1, { id: 3, level: 5, limits: { 0: 7 }, duration: 30 });
      assertLimits(await composite(bench, 1, 100), { 0: 7, 30: 10, 60: 12 });
      await charging(bench);
      await pace(bench, 20);
      const left = Object.keys((await composite(bench, 1, 25)) as Limits).map(Number)[1];
      assert.ok(left >= 8 && left <= 10, `the relative schedule has ${left} s left`);
    },
  );

  scenario("K-06: a schedule of many periods comes in fragments; more than a week is cut", {}, async (bench) => {
    await registered(bench);
    const limits = Object.fromEntries([...Array(24).keys()].map((hour) => [hour * 3600, 6 + (hour % 10)]));
    await install(bench, 1, { recurrency: "Daily", start: await timeIn(bench, -86400), limits });
    const seen = (await composite(bench, 1, 3 * 86400)) as Limits;
    assert.equal(Object.keys(seen).length, 72 + (seen[0] === undefined ? 1 : 0));
    const { schedule } = (await call(bench, "GetCompositeSchedule", { evseId: 1, duration: 10_000_000 })) as {
      schedule: { duration: number };
    };
    assert.equal(schedule.duration, 604800);
  });
});

describe("K09: GetChargingProfiles", () => {
  scenario("K-08, TC_K_29 … TC_K_36: by id, EVSE, purpose, level, source", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await reported(bench, {}), "NoProfiles");
    await charging(bench, 2);
    await install(bench, 0, { id: 1, purpose: MAX, start: AT });
    await install(bench, 1, { id: 2 });
    await install(bench, 2, { id: 3, level: 1 });
    await install(bench, 2, { id: 4, level: 1, purpose: TX, more: { transactionId: await transactionOf(bench, 2) } });
    assert.deepEqual(await reportedIds(bench, {}), [1, 2, 3, 4]);
    assert.deepEqual(await reportedIds(bench, {}, 0), [1]);
    assert.deepEqual(await reportedIds(bench, {}, 2), [3, 4]);
    assert.deepEqual(await reportedIds(bench, { chargingProfileId: [2, 4, 9] }), [2, 4]);
    assert.deepEqual(await reportedIds(bench, { chargingProfilePurpose: DEFAULT }), [2, 3]);
    assert.deepEqual(await reportedIds(bench, { stackLevel: 1 }), [3, 4]);
    assert.deepEqual(await reportedIds(bench, { stackLevel: 1, chargingProfilePurpose: TX }, 2), [4]);
    assert.deepEqual(await reportedIds(bench, { chargingLimitSource: ["EMS", "CSO"] }), [1, 2, 3, 4]);
    assert.equal(await reportedIds(bench, { chargingLimitSource: ["EMS", "SO", "Other"] }), "NoProfiles");
    assert.equal(await reportedIds(bench, { stackLevel: 1, chargingProfilePurpose: MAX }), "NoProfiles");
    assert.equal(await reportedIds(bench, { chargingProfilePurpose: "ChargingStationExternalConstraints" }), "NoProfiles");
    assert.equal(await reportedIds(bench, {}, 3), "NoProfiles");
  });

  scenario("K-08: a profile is reported as it was set", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const transactionId = (await transactionOf(bench))!;
    const chargingSchedulePeriod = [...Array(24).keys()].map((i) => ({
      startPeriod: i * 90,
      limit: 0.1 + i * 2.3,
      ...(i % 2 ? { numberPhases: 1 + (i % 3) } : {}),
    }));
    const rounded = chargingSchedulePeriod.map((period) => ({ ...period, limit: Number(period.limit.toFixed(1)) }));
    const more = { validFrom: AT, validTo: "2027-02-28T23:59:59Z" };
    const one = (schedulePeriods: object[]) =>
      profile({
        id: -5,
        level: 9,
        purpose: TX,
        recurrency: "Weekly",
        start: "1990-01-01T00:00:00Z",
        duration: 100000,
        unit: "W",
        more: { ...more, transactionId },
        schedule: { id: -6, minChargingRate: 0.7, chargingSchedulePeriod: schedulePeriods },
      });
    assert.equal(await setProfile(bench, 1, one(chargingSchedulePeriod)), "Accepted");
    const two = profile({ id: 1, limits: { 0: 8 } });
    assert.equal(await setProfile(bench, 1, two), "Accepted");
    assert.deepEqual(await reported(bench, {}), [
      { evseId: 1, ...one(rounded) },
      { evseId: 1, ...two },
    ]);
  });

  scenario("K-08: a second request during a report is refused; a lost connection ends the report", {}, async (bench) => {
    await registered(bench);
    for (let id = 0; id < 8; id++) await install(bench, 1, { id, level: id });
    const first = call(bench, "GetChargingProfiles", { requestId: 1, chargingProfile: {} });
    const second = refusal(bench, "GetChargingProfiles", { requestId: 2, chargingProfile: {} });
    assert.deepEqual([(await first).status, await second], ["Accepted", "GenericError"]);
    await bench.post("/network", { drop: true });
    const since = mark(bench);
    await paceUntil(bench, "reconnected", async () => (await bench.station.state()).online);
    await pace(bench, 3);
    assert.doesNotMatch(written(bench, since), /ReportChargingProfiles/);
    assert.deepEqual(await reportedIds(bench, { stackLevel: 7 }), [7]);
  });
});

describe("profiles that are over", () => {
  scenario("K-03, K-08: a TxProfile is gone with its transaction, in the same second", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await install(bench, 1, { purpose: TX, more: { transactionId: await transactionOf(bench) } });
    await bench.post("/tap", CARD);
    await bench.quiet();
    assert.equal(await reported(bench, { chargingProfilePurpose: TX }), "NoProfiles");
    assert.equal(await clear(bench, { chargingProfileId: 1 }), "Unknown");
    assert.deepEqual(await get(bench, ENTRIES), ["Accepted 0"]);
  });

  scenario(
    "K-08, DM-12: the profile of a remote start to which nobody came is neither reported nor counted",
    {},
    async (bench) => {
      await registered(bench);
      await setTo(bench, "TxCtrlr.EVConnectionTimeOut", "10");
      const start = { remoteStartId: 7, idToken: { idToken: "R1", type: "Central" }, chargingProfile: profile({ purpose: TX }) };
      assert.equal((await call(bench, "RequestStartTransaction", { ...start, evseId: 1 })).status, "Accepted");
      assert.deepEqual(await get(bench, ENTRIES), ["Accepted 1"]);
      await pace(bench, 12);
      assert.deepEqual(await get(bench, ENTRIES), ["Accepted 0"]);
      assert.equal((await call(bench, "RequestStartTransaction", start)).status, "Accepted");
      assert.deepEqual(await reportedIds(bench, {}), [1]);
      await pace(bench, 12);
      assert.equal(await reported(bench, {}), "NoProfiles");
    },
  );

  scenario("K-02: a profile whose validTo has passed leaves its level and its place to the next", {}, async (bench) => {
    await registered(bench);
    for (let id = 1; id < 20; id++) {
      await install(bench, 0, { id, start: AT, limits: { 0: 9 }, more: { validTo: await timeIn(bench, 5) } });
      assert.equal(await setProfile(bench, 0, profile({ id: 99 })), "Rejected DuplicateProfile");
      await pace(bench, 6);
    }
    assert.equal(await reported(bench, {}), "NoProfiles");
  });
});

describe("K10: ClearChargingProfile", () => {
  scenario("K-09, TC_K_05 … TC_K_09: by id, by criteria, nothing", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await clear(bench, { chargingProfileId: 1 }), "Unknown");
    const all = async (): Promise<void> => {
      await install(bench, 0, { id: 1, purpose: MAX, start: AT, limits: { 0: 13 } });
      await install(bench, 1, { id: 2, limits: { 0: 9 } });
      await install(bench, 2, { id: 3, level: 1 });
      await install(bench, 1, { id: 4, level: 2, limits: { 0: 8 } });
    };
    await charging(bench);
    await all();
    await pace(bench, 1);
    assert.equal(await offered(bench), 8);
    assert.equal(await clear(bench, { chargingProfileId: 4 }), "Accepted");
    await pace(bench, 1);
    assert.equal(await offered(bench), 9, "the running transaction goes on with what is left");
    assert.equal(await clear(bench, { chargingProfileId: 4 }), "Unknown");
    assert.deepEqual(await reportedIds(bench, {}), [1, 2, 3]);
    const criteria = async (chargingProfileCriteria: object): Promise<unknown> => {
      await all();
      const status = await clear(bench, { chargingProfileCriteria });
      return status === "Accepted" ? reportedIds(bench, {}) : status;
    };
    assert.deepEqual(await criteria({ chargingProfilePurpose: MAX }), [2, 3, 4]);
    assert.deepEqual(await criteria({ chargingProfilePurpose: DEFAULT }), [1]);
    assert.deepEqual(await criteria({ stackLevel: 0 }), [3, 4]);
    assert.deepEqual(await criteria({ evseId: 0 }), [2, 3, 4]);
    assert.deepEqual(await criteria({ evseId: 1, chargingProfilePurpose: DEFAULT }), [1, 3]);
    assert.deepEqual(await criteria({ evseId: 2, stackLevel: 1, chargingProfilePurpose: DEFAULT }), [1, 2, 4]);
    assert.equal(await criteria({ evseId: 2, stackLevel: 2 }), "Unknown");
    assert.equal(await criteria({ chargingProfilePurpose: TX }), "Unknown");
    assert.equal(await clear(bench, {}), "Accepted");
    assert.equal(await reportedIds(bench, {}), "NoProfiles");
    await pace(bench, 1);
    assert.equal(await offered(bench), 16);
  });
});
