/** OCPP 2.0.1 Part 2, K: requirements of smart charging without a test case. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { type Rig } from "../rig.ts";
import { charging, setTo, stopped, TWO, value } from "./moves.ts";
import { LOCAL_LIMIT, CHANGED, isoTime, profile, send, limit, composite, reported, clear } from "./profiles.ts";

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

export const SMART_CHARGING_LINES: Case[] = [
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

  tc(
    "E-05",
    "A change of the limit above LimitChangeSignificance is told in the transaction, a smaller one is not",
    {},
    async (t) => {
      await charging(t);
      await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 8]]));
      await t.expect("Updated ChargingRateChanged [Charging] *");
      await setTo(t, "SmartChargingCtrlr.LimitChangeSignificance", "50");
      await send(t, 1, profile(t, 1, "TxDefaultProfile", [[0, 7]]));
      await t.silence(3);
      assert.equal((await t.evse()).limitAmps, 7);
    },
  ),

  tc("K-08", "ReportChargingProfiles holds what was set, its EVSE and its source", TWO, async (t) => {
    const sent = profile(t, 4, "TxDefaultProfile", [[0, 9.5], [60, 7]], { stackLevel: 1 }, { duration: 600 }); // prettier-ignore
    await send(t, 2, sent);
    await t.call("GetChargingProfiles", { requestId: 5, chargingProfile: { chargingProfileId: [4] } }, "Accepted");
    const [{ payload }] = await t.parts("ReportChargingProfiles");
    assert.equal(payload.evseId, 2);
    const [got] = payload.chargingProfile as Payload[];
    const [schedule] = got.chargingSchedule as Payload[];
    const [wanted] = sent.chargingSchedule as Payload[];
    assert.deepEqual({ ...got, chargingSchedule: undefined }, { ...sent, chargingSchedule: undefined });
    assert.deepEqual({ ...schedule, startSchedule: undefined }, { ...wanted, startSchedule: undefined });
    const seconds = Date.parse(String(schedule.startSchedule)) - Date.parse(String(wanted.startSchedule));
    assert.ok(Math.abs(seconds) <= 1000);
  }),
];
