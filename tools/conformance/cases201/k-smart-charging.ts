/** OCPP 2.0.1 Part 2, K01–K10: charging profiles. The limits are checked at the pilot, schedules in GetCompositeSchedule. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { notApplicable, tc, type Case } from "../case.ts";
import { type Rig } from "../rig.ts";
import { charging, TWO, value } from "./moves.ts";
import { LOCAL_LIMIT, UNKNOWN, profile, send, limit, composite, reported, clear, type Periods } from "./profiles.ts";

/** Three profiles: 1 TxDefault on 0, 2 station maximum, 3 TxDefault of a higher level on EVSE 1. */
async function three(t: Rig): Promise<void> {
  await send(t, 0, profile(t, 1, "TxDefaultProfile", [[0, 10]]));
  await send(t, 0, profile(t, 2, "ChargingStationMaxProfile", [[0, 30]]));
  await send(t, 1, profile(t, 3, "TxDefaultProfile", [[0, 8]], { stackLevel: 1 }));
}

const refused = (id: string, title: string, evseId: number, make: (t: Rig) => Payload): Case =>
  tc(id, `${title}: Rejected`, TWO, async (t) => {
    await charging(t);
    await send(t, evseId, make(t), "Rejected");
    assert.deepEqual(await reported(t, { chargingProfilePurpose: "TxProfile" }), []);
  });

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
    t.options.tolerate = ["TransactionEvent"]; // of each change of the limit
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
    t.options.tolerate = ["TransactionEvent"]; // of each change of the limit
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
];
