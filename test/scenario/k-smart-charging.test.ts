/** OCPP 2.0.1 Part 2, K01, K05, K06: profiles that are set, and the current that is offered. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario } from "./harness.ts";
import { composite, DEFAULT, install, MAX, offered, profile, reportedIds, setProfile, TX, type Schedule } from "./profiles.ts";
import {
  call,
  calls,
  CARD,
  charging,
  get,
  mark,
  offlineFor,
  OTHER_CARD,
  pace,
  powerCycle,
  QUICK_RETRY,
  registered,
  set,
  setTo,
  timeIn,
  told,
  transactionOf,
} from "./steps.ts";

const TWO = { station: { evses: 2 } };
const NO_SAMPLES = { station: { set: { "SampledDataCtrlr.TxUpdatedInterval": "0" } } };
const OFFLINE_STARTS = { station: { set: { "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", ...QUICK_RETRY } } };
const AT = "2026-01-01T00:00:00Z";

describe("K01: SetChargingProfile", () => {
  scenario("K-02: Accepted and Rejected, with the reason", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    const transactionId = await transactionOf(bench, 1);
    const tx: Schedule = { id: 5, purpose: TX, more: { transactionId } };
    const many = (count: number): Record<number, number> => Object.fromEntries([...Array(count).keys()].map((i) => [i * 60, 10]));
    const cases: [what: string, evse: number, profile: Schedule, answer: string][] = [
      ["TC_K_01: TxDefaultProfile on an EVSE", 1, { id: 1, start: AT, duration: 300 }, "Accepted"],
      ["TC_K_10: TxDefaultProfile on all", 0, { id: 2, level: 1 }, "Accepted"],
      ["TC_K_03: ChargingStationMaxProfile", 0, { id: 3, purpose: MAX, start: AT }, "Accepted"],
      ["TC_K_02: TxProfile", 1, tx, "Accepted"],
      ["TC_K_19: Recurring", 2, { id: 4, level: 3, start: AT, recurrency: "Daily" }, "Accepted"],
      ["TC_K_14: unknown EVSE", 3, { id: 9 }, "Rejected UnknownEvse"],
      ["negative EVSE", -1, { id: 9 }, "Rejected UnknownEvse"],
      ["TC_K_11: TxProfile on 0", 0, tx, "Rejected InvalidProfile"],
      ["TxProfile without transactionId", 1, { ...tx, more: {} }, "Rejected MissingParam"],
      ["TC_K_16: unknown transactionId", 1, { ...tx, more: { transactionId: "other" } }, "Rejected UnknownTxId"],
      ["TxProfile of another EVSE's transaction", 2, tx, "Rejected TxNotFound"],
      ["station maximum on an EVSE", 1, { id: 9, purpose: MAX, start: AT }, "Rejected InvalidProfile"],
      ["station maximum Relative", 0, { id: 9, purpose: MAX }, "Rejected InvalidProfile"],
      ["external", 0, { id: 9, purpose: "ChargingStationExternalConstraints", start: AT }, "Rejected InvalidProfile"],
      ["Recurring without recurrencyKind", 1, { id: 9, kind: "Recurring", start: AT }, "Rejected InvalidProfile"],
      ["Absolute without start", 1, { id: 9, kind: "Absolute" }, "Rejected InvalidSchedule"],
      ["Relative with start", 1, { id: 9, kind: "Relative", start: AT }, "Rejected InvalidSchedule"],
      ["first period not 0", 1, { id: 9, limits: { 1: 8 } }, "Rejected InvalidSchedule"],
      ["negative limit", 1, { id: 9, limits: { 0: -1 } }, "Rejected InvalidSchedule"],
      ["duration 0", 1, { id: 9, duration: 0 }, "Rejected InvalidSchedule"],
      ["stackLevel 10", 1, { id: 9, level: 10 }, "Rejected InvalidStackLevel"],
      ["stackLevel -1", 1, { id: 9, level: -1 }, "Rejected InvalidStackLevel"],
      ["25 periods", 1, { id: 9, level: 9, limits: many(25) }, "Rejected TooManyElements"],
      ["24 periods", 1, { id: 9, level: 9, limits: many(24) }, "Accepted"],
      ["same purpose, level and EVSE", 1, { id: 10 }, "Rejected DuplicateProfile"],
      ["TxDefaultProfile on an EVSE and on 0", 0, { id: 10 }, "Rejected DuplicateProfile"],
      ["TxDefaultProfile on 0 and on an EVSE", 2, { id: 10, level: 1 }, "Rejected DuplicateProfile"],
      ["the same level on the other EVSE", 2, { id: 10 }, "Accepted"],
      ["TC_K_04: the same id", 1, { id: 10, level: 2 }, "Accepted"],
      ["id beyond 32 bits", 1, { id: 2 ** 31, level: 8 }, "Rejected InvalidProfile"],
    ];
    for (const [what, evse, from, answer] of cases) assert.equal(await setProfile(bench, evse, profile(from)), answer, what);
    const twice: Payload = profile({ id: 9 });
    twice.chargingSchedule = [0, 0].map(() => (twice.chargingSchedule as unknown[])[0]);
    assert.equal(await setProfile(bench, 1, twice), "Rejected InvalidSchedule");
    for (const [startPeriod, more, answer] of [
      [0, {}, "Rejected InvalidSchedule"],
      [60, { numberPhases: 0 }, "Rejected InvalidSchedule"],
      [60, { numberPhases: 4 }, "Rejected InvalidSchedule"],
      [60, { numberPhases: 1, phaseToUse: 1 }, "Rejected InvalidSchedule"],
      [60, { numberPhases: 3 }, "Accepted"],
    ] as const) {
      const chargingSchedulePeriod = [
        { startPeriod: 0, limit: 8 },
        { startPeriod, limit: 9, ...more },
      ];
      assert.equal(await setProfile(bench, 1, profile({ id: 9, level: 9, schedule: { chargingSchedulePeriod } })), answer);
    }
    assert.deepEqual(await reportedIds(bench, {}), [1, 2, 3, 4, 5, 9, 10]);
  });

  scenario("DM-12: the announced limits are true", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(
      await get(
        bench,
        "SmartChargingCtrlr.Available",
        "SmartChargingCtrlr.Enabled",
        "SmartChargingCtrlr.Entries[ChargingProfiles]",
        "SmartChargingCtrlr.PeriodsPerSchedule",
        "SmartChargingCtrlr.ProfileStackLevel",
        "SmartChargingCtrlr.RateUnit",
        "SmartChargingCtrlr.LimitChangeSignificance",
      ),
      ["Accepted true", "Accepted true", "Accepted 0", "Accepted 24", "Accepted 9", "Accepted A,W", "Accepted 5"],
    );
    // Everything at its longest.
    const chargingSchedulePeriod = [...Array(24).keys()].map((i) => ({
      startPeriod: i * 134217727,
      limit: 3355443 + 0.1 * (i % 2),
      numberPhases: 3,
    }));
    const longest = (id: number): Payload =>
      profile({
        id: -2147483600 + id,
        level: id % 10,
        purpose: id < 10 ? DEFAULT : MAX,
        start: "9999-12-31T00:00:00Z",
        duration: 2147483647,
        unit: "W",
        more: { validFrom: "9999-01-01T00:00:00Z", validTo: "9999-12-31T00:00:00Z" },
        schedule: { id: -2147483600, minChargingRate: 3355443, chargingSchedulePeriod },
      });
    for (let id = 0; id < 16; id++) assert.equal(await setProfile(bench, 0, longest(id)), "Accepted", `profile ${id}`);
    assert.equal(await setProfile(bench, 0, longest(16)), "Rejected TooManyElements");
    assert.equal(await setProfile(bench, 0, longest(3)), "Accepted", "replaced when the page is full");
    assert.deepEqual(await get(bench, "SmartChargingCtrlr.Entries[ChargingProfiles]"), ["Accepted 16"]);
    assert.deepEqual(
      await reportedIds(bench, {}),
      [...Array(16).keys()].map((id) => -2147483600 + id),
    );
    assert.deepEqual(await set(bench, { "SmartChargingCtrlr.LimitChangeSignificance": "10.5" }), ["Accepted"]);
    for (const wrong of ["101", "-1", "", "x", "1.", ".", "1.5.5"]) {
      assert.deepEqual(await set(bench, { "SmartChargingCtrlr.LimitChangeSignificance": wrong }), ["Rejected"], wrong);
    }
    assert.deepEqual(await get(bench, "SmartChargingCtrlr.LimitChangeSignificance"), ["Accepted 10.5"]);
  });

  scenario("K-03, TC_K_13: profiles outlive the power; a TxProfile dies with its transaction", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await install(bench, 1, { id: 1, purpose: TX, limits: { 0: 7 }, more: { transactionId: await transactionOf(bench, 1) } });
    await install(bench, 0, { id: 2, limits: { 0: 9 } });
    await pace(bench, 2);
    assert.equal(await offered(bench, 1), 7);
    await powerCycle(bench);
    await registered(bench);
    await pace(bench, 2);
    assert.deepEqual(await reportedIds(bench, {}), [2], "the interrupted transaction has ended");
    await bench.post("/evse/1/unplug");
    await charging(bench, 1);
    assert.equal(await offered(bench, 1), 9);
    await install(bench, 1, { id: 1, purpose: TX, limits: { 0: 7 }, more: { transactionId: await transactionOf(bench, 1) } });
    await pace(bench, 1);
    assert.equal(await offered(bench, 1), 7);
    await bench.post("/tap", CARD);
    await pace(bench, 2);
    assert.deepEqual(await reportedIds(bench, {}), [2]);
  });

  scenario(
    "K-03: a resumed transaction keeps its TxProfile",
    { station: { set: { "TxCtrlr.ResumptionTimeout": "600" } } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await install(bench, 1, { purpose: TX, limits: { 0: 7 }, more: { transactionId: await transactionOf(bench) } });
      await powerCycle(bench);
      await registered(bench);
      await pace(bench, 5);
      assert.equal(await offered(bench), 7);
      assert.deepEqual(await reportedIds(bench, {}), [1]);
    },
  );
});

describe("K: the limit in force", () => {
  scenario("E-05, TC_K_28: a profile acts on the running transaction within 5 s, and the CSMS is told", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    assert.equal(await offered(bench), 16);
    const since = mark(bench);
    await install(bench, 0, { limits: { 0: 10 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 10);
    await install(bench, 0, { limits: { 0: 10.4 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 10.4);
    await install(bench, 0, { limits: { 0: 10.6 } });
    await pace(bench, 1);
    await install(bench, 0, { limits: { 0: 5.9 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 0);
    await install(bench, 0, { limits: { 0: 6 } });
    await pace(bench, 1);
    assert.equal(await offered(bench), 6);
    await pace(bench, 1);
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Updated 2 ChargingRateChanged Charging",
      "Updated 3 ChargingRateChanged Charging", // 6 % above what was told
      "Updated 4 ChargingStateChanged SuspendedEVSE",
      "Updated 5 ChargingStateChanged Charging",
    ]);
    await setTo(bench, "SmartChargingCtrlr.LimitChangeSignificance", "40");
    await install(bench, 0, { limits: { 0: 8 } });
    await pace(bench, 1);
    await install(bench, 0, { limits: { 0: 9 } });
    await pace(bench, 2);
    await bench.settled();
    assert.equal(calls(bench, since, "TransactionEvent").length, 5);
    assert.equal(told(bench, since).at(-1), "Updated 6 ChargingRateChanged Charging");
  });

  scenario("K-04: a schedule is followed to the second, also offline (K-10)", NO_SAMPLES, async (bench) => {
    await registered(bench);
    await install(bench, 1, { limits: { 0: 10, 20: 0, 40: 12 }, duration: 60 });
    await charging(bench);
    const since = mark(bench);
    const seen: number[] = [];
    await offlineFor(bench, 10, async () => {
      for (let second = 0; second < 70; second++) {
        await pace(bench, 1);
        seen.push(await offered(bench));
      }
    });
    const at = [10, 0, 12, 16].map((limit) => seen.indexOf(limit));
    assert.deepEqual([at[0], at[2] - at[1], at[3] - at[2]], [0, 20, 20], seen.join());
    await bench.settled();
    assert.deepEqual(
      told(bench, since).filter((line) => line.includes("Charging")),
      [
        "Updated 2 ChargingStateChanged SuspendedEVSE offline",
        "Updated 3 ChargingStateChanged Charging offline",
        "Updated 4 ChargingRateChanged Charging offline",
      ],
    );
  });

  scenario("K-10: without a clock the lowest limit counts, whatever the time may be", OFFLINE_STARTS, async (bench) => {
    await registered(bench);
    await install(bench, 0, { purpose: MAX, start: AT, limits: { 0: 11, 60: 9 }, more: { validFrom: "2100-01-01T00:00:00Z" } });
    assert.deepEqual(await composite(bench, 1, 60), { 0: 16 });
    await bench.post("/network", { up: false });
    await powerCycle(bench);
    await pace(bench, 2);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await pace(bench, 3);
    assert.equal(await offered(bench), 9);
    await bench.post("/network", { up: true });
    await registered(bench);
    await pace(bench, 2);
    assert.equal(await offered(bench), 16);
  });

  scenario("K-05: W are shared by the phases", {}, async (bench) => {
    await registered(bench);
    await install(bench, 1, { unit: "W", limits: { 0: 2300 } });
    await charging(bench);
    assert.equal(await offered(bench), 10);
    assert.deepEqual(await composite(bench, 1, 60), { 0: 10 });
    assert.deepEqual(await composite(bench, 1, 60, "W"), { 0: 2300 });
  });

  scenario("the station's limit is shared among the transactions", TWO, async (bench) => {
    await registered(bench);
    await install(bench, 0, { purpose: MAX, start: AT, limits: { 0: 14 } });
    await charging(bench, 1);
    assert.deepEqual([await offered(bench, 1), await offered(bench, 2)], [14, 0]);
    await charging(bench, 2, OTHER_CARD);
    await pace(bench, 1);
    assert.deepEqual([await offered(bench, 1), await offered(bench, 2)], [7, 7]);
    await install(bench, 0, { purpose: MAX, start: AT, limits: { 0: 10 } });
    await pace(bench, 1);
    assert.deepEqual([await offered(bench, 1), await offered(bench, 2)], [10, 0], "less than 6 A each");
    await bench.post("/tap", CARD);
    await pace(bench, 2);
    assert.deepEqual([await offered(bench, 1), await offered(bench, 2)], [0, 10]);
  });

  scenario("validFrom and validTo bound a profile", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const more = { validFrom: await timeIn(bench, 10), validTo: await timeIn(bench, 20) };
    await install(bench, 1, { limits: { 0: 7 }, more });
    const seen: number[] = [];
    for (let second = 0; second < 24; second++) {
      await pace(bench, 1);
      seen.push(await offered(bench));
    }
    assert.equal(seen.filter((limit) => limit === 7).length, 10, seen.join());
    assert.equal(seen[23], 16);
  });

  for (const fixedCable of [false, true]) {
    const cable = fixedCable ? "fixed" : "detachable";
    scenario(
      `F-04, TC_K_37: the profile of a remote start, ${cable} cable`,
      { station: { evses: 2, fixedCable } },
      async (bench) => {
        await registered(bench);
        const idToken = { idToken: "APP", type: "Central" };
        const start = async (remoteStartId: number, chargingProfile: Payload): Promise<unknown> =>
          (await call(bench, "RequestStartTransaction", { remoteStartId, idToken, evseId: 1, chargingProfile })).status;
        const good = profile({ purpose: TX, limits: { 0: 9, 600: 8 } });
        assert.equal(await start(1, profile({ purpose: DEFAULT })), "Rejected");
        assert.equal(await start(1, { ...good, transactionId: "x" }), "Rejected");
        assert.equal(await start(1, profile({ purpose: TX, limits: { 5: 9 } })), "Rejected");
        assert.equal(await reportedIds(bench, {}), "NoProfiles");
        await bench.post("/evse/1/ev", { draw: true });
        await bench.post("/evse/1/plug");
        await bench.settled();
        assert.equal(await start(7, good), "Accepted");
        await pace(bench, 2);
        assert.equal(await offered(bench), 9);
        await powerCycle(bench);
        await registered(bench);
        await pace(bench, 2);
        assert.equal(await reportedIds(bench, {}), "NoProfiles", "it ended with its transaction");
        // The car comes after the start.
        await bench.post("/evse/1/unplug");
        await bench.settled();
        assert.equal(await start(8, good), "Accepted");
        assert.deepEqual(await reportedIds(bench, {}), [1]);
        await bench.post("/evse/1/ev", { draw: true });
        await bench.post("/evse/1/plug");
        await pace(bench, 2);
        assert.equal(await offered(bench), 9);
      },
    );
  }
});
