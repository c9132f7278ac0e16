/** OCPP 2.0.1 Part 2, K01, K08, K10: random sets of charging profiles, and the composite schedules that come of them. */
import type { Payload } from "../../tools/powercut/peer.ts";
import type { World } from "../../tools/powercut/world.ts";
import { fits, profileOf, prove, scheduleOf, type Answer, type Dialect, type Running } from "./composite-proof.ts";

const PURPOSES = { max: "ChargingStationMaxProfile", default: "TxDefaultProfile", tx: "TxProfile" };

const V201: Dialect = {
  settings: { "SampledDataCtrlr.TxUpdatedInterval": "0" },
  loose: false,
  replaces: false,
  set: (plan) => ({
    evseId: plan.evse,
    chargingProfile: {
      id: plan.id,
      chargingProfilePurpose: PURPOSES[plan.purpose],
      ...profileOf(plan),
      chargingSchedule: [{ id: plan.id, ...scheduleOf(plan) }],
    },
  }),
  clear: ({ id, evse, purpose, level }) => ({
    ...(id === undefined ? {} : { chargingProfileId: id }),
    chargingProfileCriteria: {
      ...(evse === undefined ? {} : { evseId: evse }),
      ...(purpose === undefined ? {} : { chargingProfilePurpose: PURPOSES[purpose] }),
      ...(level === undefined ? {} : { stackLevel: level }),
    },
  }),
  concerns: fits,
  ask: (evseId, duration, chargingRateUnit) => ({ evseId, duration, chargingRateUnit }),
  read: ({ schedule }) => schedule as Answer,
  running(world: World): (Running | undefined)[] {
    const started = world.csms.heard.filter(({ payload }) => payload.eventType === "Started");
    return world.state()!.evses.map(({ transactionId }) => {
      if (transactionId === null) return undefined;
      const { payload } = started.find((event) => (event.payload.transactionInfo as Payload).transactionId === transactionId)!;
      return { transaction: transactionId, began: Date.parse(String(payload.timestamp)) / 1000 };
    });
  },
};

describe("K08: composite schedules of random profiles", () => {
  prove("K-02, K-04, K-05, K-06, K-09", V201);
});
