/** OCPP 1.6, 5.16, 5.7, 5.2: random sets of charging profiles, and the composite schedules that come of them. */
import assert from "node:assert/strict";
import type { World } from "../../tools/powercut/world.ts";
import type { Payload } from "../../tools/powercut/peer.ts";
import { fits, profileOf, prove, scheduleOf, type Answer, type Dialect } from "./composite-proof.ts";

const PURPOSES = { max: "ChargePointMaxProfile", default: "TxDefaultProfile", tx: "TxProfile" };

const V16: Dialect = {
  settings: { "SampledDataCtrlr.TxUpdatedInterval": "0", "NetworkConfiguration.OcppVersion[1]": "ocpp1.6" },
  loose: true,
  replaces: true,
  // transactionId is checked when it is there, and need not be.
  set: ({ transaction, ...plan }) => ({
    connectorId: plan.evse,
    csChargingProfiles: {
      chargingProfileId: plan.id,
      chargingProfilePurpose: PURPOSES[plan.purpose],
      ...profileOf(plan.id % 2 === 0 ? plan : { ...plan, transaction }),
      chargingSchedule: scheduleOf(plan),
    },
  }),
  clear: ({ id, evse, purpose, level }) => ({
    ...(id === undefined ? {} : { id }),
    ...(evse === undefined ? {} : { connectorId: evse }),
    ...(purpose === undefined ? {} : { chargingProfilePurpose: PURPOSES[purpose] }),
    ...(level === undefined ? {} : { stackLevel: level }),
  }),
  concerns: (criteria, plan) => (criteria.id === undefined ? fits(criteria, plan) : criteria.id === plan.id),
  ask: (connectorId, duration, chargingRateUnit) => ({ connectorId, duration, chargingRateUnit }),
  read({ status, connectorId, scheduleStart, chargingSchedule }: Payload, evse: number) {
    assert.deepEqual([status, connectorId], ["Accepted", evse]);
    assert.ok(!("startSchedule" in (chargingSchedule as Payload)));
    return { ...(chargingSchedule as Answer), scheduleStart: String(scheduleStart) };
  },
  running: (world: World) =>
    world.state()!.evses.map(({ id }) => {
      const one = world.csms.running.get(id);
      return one && { transaction: one.transactionId, began: Date.parse(one.timestamp) / 1000 };
    }),
};

describe("1.6, 5.7: composite schedules of random profiles", () => {
  prove("SC-01, SC-03 … SC-06, SC-08", V16);
});
