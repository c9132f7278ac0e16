/** OCPP 1.6, 3.13, 5.2, 5.7, 5.16: smart charging (SC-01 … SC-09), the profile of a remote start (RM-04). */
import assert from "node:assert/strict";
import { clear16, cleared, composite16, install16, MAX, profile16, set16 } from "./16-profiles.ts";
import { scenario, type Bench } from "./harness.ts";
import { DEFAULT, offered, TX, type Limits, type Schedule } from "./profiles.ts";
import {
  car,
  CARD,
  charging,
  mark,
  offlineFor,
  pace,
  powerCycle,
  QUICK_RETRY,
  refusal,
  registered,
  tap,
  timeIn,
} from "./steps.ts";
import { idGiven, on16, status16, statuses16 } from "./steps16.ts";

const TWO = on16({ station: { evses: 2 } });
const NO_SAMPLES = on16({ station: { set: { ...QUICK_RETRY, "SampledDataCtrlr.TxUpdatedInterval": "0" } } });
const STRONG = on16({ station: { set: { "Board.MaxCurrent": "32" } } });
const AT = "2026-01-01T00:00:00Z";

describe("1.6, 5.16: SetChargingProfile", () => {
  scenario("SC-01, SC-02, TC_056, TC_057, TC_058_1, TC_058_2: Accepted and Rejected", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await set16(bench, 1, { id: 5, purpose: TX }), "Rejected", "TxProfile without transaction");
    await charging(bench, 1);
    const transactionId = idGiven(bench);
    const tx: Schedule = { id: 5, purpose: TX, more: { transactionId } };
    const many = (count: number): Limits => Object.fromEntries([...Array(count).keys()].map((i) => [i * 60, 10]));
    const cases: [what: string, connector: number, profile: Schedule, answer: string][] = [
      ["TxDefaultProfile on a connector", 1, { id: 1, start: AT, duration: 300 }, "Accepted"],
      ["TxDefaultProfile on all", 0, { id: 2, level: 1 }, "Accepted"],
      ["ChargePointMaxProfile", 0, { id: 3, purpose: MAX, start: AT }, "Accepted"],
      ["TxProfile", 1, tx, "Accepted"],
      ["TxProfile without transactionId", 1, { ...tx, more: {} }, "Accepted"],
      ["Recurring", 2, { id: 4, level: 3, start: AT, recurrency: "Weekly" }, "Accepted"],
      ["Absolute without start", 2, { id: 6, level: 4, kind: "Absolute" }, "Accepted"],
      ["Relative with start", 2, { id: 7, level: 5, kind: "Relative", start: AT }, "Accepted"],
      ["TxProfile on 0", 0, tx, "Rejected"],
      ["wrong transactionId", 1, { ...tx, more: { transactionId: transactionId + 1 } }, "Rejected"],
      ["TxProfile of another connector's transaction", 2, tx, "Rejected"],
      ["station maximum on a connector", 1, { id: 9, purpose: MAX, start: AT }, "Rejected"],
      ["station maximum Relative", 0, { id: 9, purpose: MAX }, "Rejected"],
      ["Recurring without recurrencyKind", 1, { id: 9, kind: "Recurring", start: AT }, "Rejected"],
      ["Recurring without start", 1, { id: 9, recurrency: "Daily" }, "Rejected"],
      ["first period not 0", 1, { id: 9, limits: { 1: 8 } }, "Rejected"],
      ["negative limit", 1, { id: 9, limits: { 0: -1 } }, "Rejected"],
      ["duration 0", 1, { id: 9, duration: 0 }, "Rejected"],
      ["stackLevel 10", 1, { id: 9, level: 10 }, "Rejected"],
      ["stackLevel -1", 1, { id: 9, level: -1 }, "Rejected"],
      ["25 periods", 1, { id: 9, level: 9, limits: many(25) }, "Rejected"],
      ["24 periods", 1, { id: 9, level: 9, limits: many(24) }, "Accepted"],
    ];
    for (const [what, connector, from, answer] of cases) assert.equal(await set16(bench, connector, from), answer, what);
    const twice = [0, 60, 60].map((startPeriod) => ({ startPeriod, limit: 8 }));
    assert.equal(await set16(bench, 1, { id: 8, schedule: { chargingSchedulePeriod: twice } }), "Rejected", "not ascending");
    assert.deepEqual(await cleared(bench, 1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 2, 3, 4, 5, 6, 7, 9]);
  });

  scenario(
    "SC-02: unknown connector or word: CALLERROR PropertyConstraintViolation",
    { ...TWO, allowViolations: true },
    async (bench) => {
      await registered(bench);
      for (const [connectorId, from] of [
        [3, {}],
        [-1, {}],
        [1, { purpose: "ChargingStationMaxProfile" }],
        [1, { kind: "Sometimes" }],
        [1, { schedule: { chargingRateUnit: "kW" } }],
      ] as [number, Schedule][]) {
        assert.equal(
          await refusal(bench, "SetChargingProfile", { connectorId, csChargingProfiles: profile16(from) }),
          "PropertyConstraintViolation",
        );
      }
      const kilo = { connectorId: 1, duration: 60, chargingRateUnit: "kW" };
      assert.equal(await refusal(bench, "GetCompositeSchedule", kilo), "PropertyConstraintViolation");
    },
  );

  scenario("SC-03: the same id, or purpose, stackLevel and connector: replaced", TWO, async (bench) => {
    await registered(bench);
    await install16(bench, 1, { id: 1, limits: { 0: 7 } });
    await install16(bench, 1, { id: 2, limits: { 0: 9 } });
    assert.deepEqual(await composite16(bench, 1, 60), { 0: 9 });
    await install16(bench, 2, { id: 2, limits: { 0: 10 } });
    assert.deepEqual([await composite16(bench, 1, 60), await composite16(bench, 2, 60)], [{ 0: 16 }, { 0: 10 }]);
    await install16(bench, 0, { id: 3, limits: { 0: 12 } });
    assert.deepEqual([await composite16(bench, 1, 60), await composite16(bench, 2, 60)], [{ 0: 12 }, { 0: 10 }]);
    await install16(bench, 0, { id: 4, level: 1, limits: { 0: 13 } });
    assert.deepEqual(await cleared(bench, 1, 2, 3, 4), [2, 3, 4]);
  });

  scenario("SC-02, SC-03: as many as announced; one more: Rejected; replacing needs no room", on16(), async (bench) => {
    await registered(bench);
    const nth = (id: number): Schedule => ({
      id,
      level: id % 10,
      purpose: id < 10 ? DEFAULT : MAX,
      start: AT,
      limits: { 0: id + 6 },
    });
    for (let id = 0; id < 16; id++) await install16(bench, 0, nth(id));
    assert.equal(await set16(bench, 1, { id: 16 }), "Rejected");
    await install16(bench, 0, { ...nth(3), id: 16 });
    assert.deepEqual(await cleared(bench, 3, 16), [16]);
  });

  scenario("SC-03: outlives the power; a TxProfile ends with its transaction", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await install16(bench, 1, { id: 1, purpose: TX, limits: { 0: 7 } });
    await install16(bench, 0, { id: 2, limits: { 0: 9 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 7);
    await tap(bench);
    await bench.post("/evse/1/unplug");
    await pace(bench, 2);
    await charging(bench, 1);
    await pace(bench, 1);
    assert.equal(await offered(bench), 9);
    await powerCycle(bench);
    await registered(bench);
    assert.deepEqual(await composite16(bench, 2, 60), { 0: 9 });
    assert.deepEqual(await cleared(bench, 1, 2), [2]);
  });
});

describe("1.6, 5.7: GetCompositeSchedule", () => {
  /** `limits` as they are `seconds` later. */
  const later = (limits: Limits, seconds: number): Limits => {
    const moved: [number, number][] = Object.entries(limits).map(([at, limit]) => [Number(at) - seconds, limit]);
    return Object.fromEntries([[0, moved.filter(([at]) => at <= 0).at(-1)![1]], ...moved.filter(([at]) => at > 0)]) as Limits;
  };
  const since = async (bench: Bench, start: string): Promise<number> =>
    (Date.parse((await bench.station.state()).time!) - Date.parse(start)) / 1000;

  scenario("SC-07, TC_066: maximum, default and TxProfile together", STRONG, async (bench) => {
    await registered(bench);
    await charging(bench);
    const start = await timeIn(bench);
    await install16(bench, 0, { id: 1, purpose: MAX, start, limits: { 0: 10 } });
    const byDefault = { 0: 6, 60: 10, 120: 8, 180: 15, 260: 8 };
    await install16(bench, 1, { id: 2, start, duration: 300, limits: byDefault });
    const tx: Schedule = { purpose: TX, start, duration: 260, limits: { 0: 8, 50: 11, 140: 16, 200: 6, 240: 12 } };
    await install16(bench, 1, { ...tx, id: 3, more: { transactionId: idGiven(bench) } });
    const expected = { 0: 8, 50: 10, 200: 6, 240: 10, 260: 8, 300: 10 };
    assert.deepEqual(await composite16(bench, 1, 400), later(expected, await since(bench, start)));
    await pace(bench, 7);
    assert.deepEqual(await composite16(bench, 1, 390), later(expected, await since(bench, start)));
    assert.equal(await offered(bench), 8);
  });

  scenario("SC-07, TC_072: two levels", STRONG, async (bench) => {
    await registered(bench);
    const start = await timeIn(bench);
    await install16(bench, 1, { id: 1, start, duration: 400, limits: { 0: 6, 100: 8, 200: 10 } });
    await install16(bench, 1, { id: 2, level: 1, start, duration: 150, limits: { 0: 7, 100: 9 } });
    assert.deepEqual(await composite16(bench, 1, 350), later({ 0: 7, 100: 9, 150: 8, 200: 10 }, await since(bench, start)));
  });

  scenario("SC-06: units, connector 0, refusals", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await composite16(bench, 1, 60), { 0: 16 });
    await install16(bench, 0, { limits: { 0: 6.5, 30: 10 } });
    assert.deepEqual(await composite16(bench, 0, 60), { 0: 13, 30: 20 });
    assert.deepEqual(await composite16(bench, 1, 60, "W"), { 0: 1495, 30: 2300 });
    await install16(bench, 1, { id: 2, level: 2, unit: "W", limits: { 0: 2000 } });
    assert.deepEqual(await composite16(bench, 1, 60), { 0: 8.6 }, "one decimal");
    assert.equal(await composite16(bench, 3, 60), "Rejected");
    assert.equal(await composite16(bench, -1, 60), "Rejected");
    assert.equal(await composite16(bench, 1, 0), "Rejected");
  });

  scenario("SC-04: phases higher than possible: the limit as given; a long schedule comes in pieces", on16(), async (bench) => {
    await registered(bench);
    const start = await timeIn(bench, 10);
    const list = Array.from({ length: 24 }, (_, i) => ({ startPeriod: i * 10, limit: 6 + (i % 10), numberPhases: 3 }));
    await install16(bench, 1, { start, schedule: { chargingSchedulePeriod: list } });
    const found = (await composite16(bench, 1, 300)) as Limits;
    assert.deepEqual(Object.values(found), [16, ...list.map(({ limit }) => limit)]);
  });
});

describe("1.6, 5.2: ClearChargingProfile", () => {
  scenario("SC-08, TC_067: only the id counts; else all criteria; nothing: all; none: Unknown", TWO, async (bench) => {
    await registered(bench);
    const all = async (): Promise<void> => {
      await install16(bench, 0, { id: 1 });
      await install16(bench, 1, { id: 2 });
      await install16(bench, 1, { id: 3, level: 1 });
      await install16(bench, 2, { id: 4, level: 1 });
      await install16(bench, 0, { id: 5, purpose: MAX, start: AT });
    };
    assert.equal(await clear16(bench), "Unknown");
    await all();
    assert.equal(await clear16(bench, { id: 9 }), "Unknown");
    assert.equal(await clear16(bench, { id: 2, connectorId: 2, stackLevel: 7, chargingProfilePurpose: TX }), "Accepted");
    assert.deepEqual(await cleared(bench, 1, 2, 3, 4, 5), [1, 3, 4, 5]);
    for (const [criteria, left] of [
      [{ connectorId: 1 }, [1, 4, 5]],
      [{ connectorId: 0 }, [2, 3, 4]],
      [{ chargingProfilePurpose: MAX }, [1, 2, 3, 4]],
      [{ stackLevel: 1 }, [1, 2, 5]],
      [{ connectorId: 1, stackLevel: 1, chargingProfilePurpose: DEFAULT }, [1, 2, 4, 5]],
      [{}, []],
    ] as [object, number[]][]) {
      await all();
      assert.equal(await clear16(bench, { ...criteria }), "Accepted");
      assert.deepEqual(await cleared(bench, 1, 2, 3, 4, 5), left, JSON.stringify(criteria));
    }
    await all();
    assert.equal(await clear16(bench, { chargingProfilePurpose: TX }), "Unknown");
  });
});

describe("1.6, 3.13: the limit in force", () => {
  scenario("SC-05, TC_082: a new default acts on a running transaction; clearing it frees it", TWO, async (bench) => {
    await registered(bench);
    await charging(bench);
    await install16(bench, 0, { limits: { 0: 10 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 10);
    await install16(bench, 1, { id: 2, purpose: TX, limits: { 0: 12 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 12);
    await install16(bench, 0, { id: 3, purpose: MAX, start: AT, limits: { 0: 9 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 9);
    assert.equal(await clear16(bench), "Accepted");
    await pace(bench, 1);
    assert.equal(await offered(bench), 16);
  });

  scenario("SC-09: less than 6 A: SuspendedEVSE; lifted: Charging; offline it goes on", NO_SAMPLES, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await install16(bench, 1, { limits: { 0: 0 } });
    await pace(bench, 1);
    await bench.settled();
    assert.equal(await offered(bench), 0);
    const start = await timeIn(bench);
    await install16(bench, 1, { start, limits: { 0: 7, 20: 0, 40: 9 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 7);
    await bench.settled();
    assert.deepEqual(statuses16(bench, 1, since), ["SuspendedEVSE", "Charging"]);
    const seen: number[] = [];
    await offlineFor(bench, 1, async () => {
      for (let second = 0; second < 45; second++) {
        await pace(bench, 1);
        seen.push(await offered(bench));
      }
    });
    assert.deepEqual([...new Set(seen)], [7, 0, 9]);
    assert.equal(seen.filter((limit) => limit === 0).length, 20);
    await bench.settled();
    assert.deepEqual(statuses16(bench, 1, since), ["SuspendedEVSE", "Charging"], "nothing of what was while offline");
  });
});

describe("1.6, 5.11: the profile of a remote start", () => {
  scenario(
    "RM-04, SC-09, TC_059, TC_060: only a TxProfile without transactionId, for the new transaction",
    TWO,
    async (bench) => {
      await registered(bench);
      const start = (chargingProfile: object, connectorId?: number): Promise<unknown> =>
        status16(bench, "RemoteStartTransaction", { idTag: CARD.idToken, connectorId, chargingProfile });
      const good = profile16({ purpose: TX, limits: { 0: 9, 600: 8 } });
      assert.equal(await start(profile16({ purpose: DEFAULT }), 1), "Rejected");
      assert.equal(await start({ ...good, transactionId: 7 }, 1), "Rejected");
      assert.equal(await start(profile16({ purpose: TX, limits: { 5: 9 } }), 1), "Rejected");
      assert.deepEqual(await cleared(bench, 1), []);
      await car(bench, 2);
      assert.equal(await start(good), "Accepted");
      await bench.settled();
      assert.equal(await offered(bench, 2), 9);
      await install16(bench, 2, { id: 2, purpose: TX, limits: { 0: 7 } });
      await pace(bench, 1);
      assert.equal(await offered(bench, 2), 7, "a later one of the same level");
      assert.deepEqual(await cleared(bench, 1), []);
      await tap(bench);
      await bench.post("/evse/2/unplug");
      await pace(bench, 2);
      assert.deepEqual(await cleared(bench, 1, 2), []);
      // The car comes after the start.
      assert.equal(await start(good, 1), "Accepted");
      await car(bench, 1);
      await pace(bench, 1);
      assert.equal(await offered(bench, 1), 9);
    },
  );

  scenario(
    "RM-04: nobody comes: the profile is not for the next one",
    on16({ station: { set: { "TxCtrlr.EVConnectionTimeOut": "5" } } }),
    async (bench) => {
      await registered(bench);
      const chargingProfile = profile16({ purpose: TX, limits: { 0: 9 } });
      const start = (more: object): Promise<unknown> =>
        status16(bench, "RemoteStartTransaction", { idTag: CARD.idToken, connectorId: 1, ...more });
      assert.equal(await start({ chargingProfile }), "Accepted");
      await pace(bench, 8);
      assert.equal(await start({}), "Accepted");
      await car(bench);
      assert.equal(await offered(bench), 16);
    },
  );
});
