/** OCPP 2.0.1 Part 2, G03, G04 ChangeAvailability in three layers, G05 lock failure, G01 faults. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  call,
  calls,
  CARD,
  charging,
  get,
  mark,
  OTHER_CARD,
  pace,
  paceUntil,
  powerCycle,
  registered,
  statuses,
  told,
  transactionOf,
} from "./steps.ts";

const TWO = { station: { evses: 2 } };
const STATION: Payload = {};
const evse = (id: number): Payload => ({ evse: { id } });
const connector = (id: number, connectorId = 1): Payload => ({ evse: { id, connectorId } });

async function change(bench: Bench, operationalStatus: string, where: Payload): Promise<unknown> {
  const { status } = await call(bench, "ChangeAvailability", { operationalStatus, ...where });
  await bench.settled();
  return status;
}

/** Waits for the n-th BootNotification. */
async function rebooted(bench: Bench, boots: number): Promise<void> {
  await paceUntil(bench, "BootNotification", () => calls(bench, 0, "BootNotification").length >= boots, 60);
  await registered(bench);
}

const LAYERS: [string, string, Payload, string[]][] = [
  ["TC_G_03, TC_G_04", "an EVSE", evse(2), ["2"]],
  ["TC_G_05, TC_G_06", "the station", STATION, ["1", "2"]],
  ["TC_G_07, TC_G_08", "a connector", connector(1), ["1"]],
];

describe("G03, G04: ChangeAvailability", () => {
  for (const [ids, what, where, concerned] of LAYERS) {
    scenario(`G-02, ${ids}: ${what} becomes Unavailable and Available again`, TWO, async (bench) => {
      await registered(bench);
      let since = mark(bench);
      assert.equal(await change(bench, "Inoperative", where), "Accepted");
      assert.deepEqual(
        told(bench, since),
        concerned.map((id) => `StatusNotification ${id} Unavailable`),
      );
      const state = concerned.length > 1 ? "Unavailable" : "Available";
      assert.deepEqual(await get(bench, "ChargingStation.AvailabilityState"), [`Accepted ${state}`]);
      for (const id of concerned) {
        assert.deepEqual(await get(bench, `EVSE.AvailabilityState@${id}`, `Connector.AvailabilityState@${id}.1`), [
          "Accepted Unavailable",
          "Accepted Unavailable",
        ]);
      }
      since = mark(bench);
      assert.equal(await change(bench, "Operative", where), "Accepted");
      assert.deepEqual(
        told(bench, since),
        concerned.map((id) => `StatusNotification ${id} Available`),
      );
    });
  }

  scenario("G-02, TC_G_04: Operative with a cable in: the true state is Occupied", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/plug");
    await bench.settled();
    const since = mark(bench);
    assert.equal(await change(bench, "Inoperative", evse(1)), "Accepted");
    assert.equal(await change(bench, "Operative", evse(1)), "Accepted");
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Unavailable", "StatusNotification 1 Occupied"]);
  });

  scenario("G-03, TC_G_09, TC_G_10, TC_G_12, TC_G_13, TC_G_15, TC_G_16: already in that state: Accepted", TWO, async (bench) => {
    await registered(bench);
    for (const [, , where, concerned] of LAYERS) {
      assert.equal(await change(bench, "Operative", where), "Accepted");
      assert.equal(await change(bench, "Inoperative", where), "Accepted");
      const since = mark(bench);
      assert.equal(await change(bench, "Inoperative", where), "Accepted");
      assert.deepEqual(told(bench, since), []);
      assert.equal((await statuses(bench)).filter((status) => status === "Unavailable").length, concerned.length);
      assert.equal(await change(bench, "Operative", where), "Accepted");
      assert.deepEqual(await statuses(bench), ["Available", "Available"]);
    }
  });

  for (const [ids, what, where] of [
    ["TC_G_11", "the EVSE", evse(1)],
    ["TC_G_14", "the station", STATION],
    ["TC_G_17", "the connector", connector(1)],
  ] as [string, string, Payload][]) {
    scenario(`G-04, ${ids}: ${what} in a transaction: Scheduled, Unavailable after its end`, TWO, async (bench) => {
      await registered(bench);
      await charging(bench);
      let since = mark(bench);
      assert.equal(await change(bench, "Inoperative", where), "Scheduled");
      const station = where === STATION;
      assert.deepEqual(told(bench, since), station ? ["StatusNotification 2 Unavailable"] : []);
      await pace(bench, 3);
      assert.equal((await bench.station.state()).evses[0].contactor, true, "it goes on charging");
      since = mark(bench);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.deepEqual(told(bench, since).sort(), [
        "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
        "StatusNotification 1 Unavailable",
      ]);
      since = mark(bench);
      await bench.post("/evse/1/unplug");
      await bench.settled();
      assert.deepEqual(told(bench, since), [], "G-01: still Unavailable");
      assert.equal(await change(bench, "Operative", where), "Accepted");
      assert.deepEqual(await statuses(bench), ["Available", "Available"]);
    });
  }

  scenario("G-04: Operative cancels what is scheduled", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    assert.equal(await change(bench, "Inoperative", evse(1)), "Scheduled");
    assert.equal(await change(bench, "Operative", evse(1)), "Accepted");
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(await statuses(bench), ["Occupied"]);
  });

  scenario("G-05: the station's Operative gives back each layer's own setting", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await change(bench, "Inoperative", connector(1)), "Accepted");
    assert.equal(await change(bench, "Inoperative", evse(1)), "Accepted");
    assert.equal(await change(bench, "Inoperative", STATION), "Accepted");
    assert.deepEqual(await statuses(bench), ["Unavailable", "Unavailable"]);
    assert.equal(await change(bench, "Operative", STATION), "Accepted");
    assert.deepEqual(await statuses(bench), ["Unavailable", "Available"]);
    assert.equal(await change(bench, "Operative", evse(1)), "Accepted");
    assert.deepEqual(await statuses(bench), ["Unavailable", "Available"], "the connector's own");
    assert.equal(await change(bench, "Operative", connector(1)), "Accepted");
    assert.deepEqual(await statuses(bench), ["Available", "Available"]);
  });

  scenario("G-06, TC_G_18, TC_G_19, TC_G_21: each layer survives power loss and reset", TWO, async (bench) => {
    await registered(bench);
    let boots = 1;
    for (const [, , where, concerned] of LAYERS) {
      assert.equal(await change(bench, "Inoperative", where), "Accepted");
      const expected = ["1", "2"].map((id) => (concerned.includes(id) ? "Unavailable" : "Available"));
      await powerCycle(bench);
      await rebooted(bench, ++boots);
      assert.deepEqual(await statuses(bench), expected);
      await call(bench, "Reset", { type: "Immediate" });
      await rebooted(bench, ++boots);
      assert.deepEqual(await statuses(bench), expected);
      assert.equal(await change(bench, "Operative", where), "Accepted");
      await powerCycle(bench);
      await rebooted(bench, ++boots);
      assert.deepEqual(await statuses(bench), ["Available", "Available"]);
    }
  });

  scenario("G-06: a scheduled one survives power loss", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    assert.equal(await change(bench, "Inoperative", evse(1)), "Scheduled");
    const since = mark(bench);
    await powerCycle(bench);
    await rebooted(bench, 2);
    assert.ok(told(bench, since).includes("StatusNotification 1 Unavailable"));
    assert.deepEqual(await statuses(bench), ["Unavailable"]);
  });

  scenario("G-07: unknown EVSE or connector: Rejected", TWO, async (bench) => {
    await registered(bench);
    for (const where of [evse(0), evse(3), evse(-1), connector(1, 2), connector(1, 0), connector(3)]) {
      for (const status of ["Inoperative", "Operative"]) assert.equal(await change(bench, status, where), "Rejected");
    }
    assert.deepEqual(await statuses(bench), ["Available", "Available"]);
  });

  scenario("G-07: Unavailable: no authorization, no remote start", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await change(bench, "Inoperative", connector(1));
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    const start = { remoteStartId: 1, idToken: { idToken: "APP", type: "Central" } };
    for (const more of [{}, { evseId: 1 }]) {
      assert.deepEqual(await call(bench, "RequestStartTransaction", { ...start, ...more }), { status: "Rejected" });
    }
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
    assert.equal(await transactionOf(bench), null);
  });

  scenario("G-07: a permit that waits for its cable is gone with the EVSE", {}, async (bench) => {
    await registered(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal(await change(bench, "Inoperative", STATION), "Accepted");
    assert.equal(await change(bench, "Operative", STATION), "Accepted");
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.equal(await transactionOf(bench), null);
  });

  scenario("G-04: the other EVSE goes on to take cards", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await change(bench, "Inoperative", evse(1)), "Accepted");
    await charging(bench, 2, OTHER_CARD);
    assert.deepEqual(await statuses(bench), ["Unavailable", "Occupied"]);
    assert.deepEqual(await get(bench, "ChargingStation.AvailabilityState"), ["Accepted Occupied"]);
  });
});

describe("G05: lock failure", () => {
  scenario("G-08, TC_G_20: the lock does not close: no charging, NotifyEvent; and when it closes again", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/lock", { fail: true });
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await pace(bench, 6);
    await bench.settled();
    assert.equal(await transactionOf(bench), null);
    const problem = (): unknown[] =>
      calls(bench, 0, "NotifyEvent").map(({ payload }) => {
        const [event] = payload.eventData as Payload[];
        assert.deepEqual(event.component, { name: "ConnectorPlugRetentionLock", evse: { id: 1, connectorId: 1 } });
        assert.deepEqual(event.variable, { name: "Problem" });
        return [event.trigger, event.actualValue];
      });
    assert.deepEqual(problem(), [["Delta", "true"]]);
    assert.deepEqual(await get(bench, "ConnectorPlugRetentionLock.Problem@1.1"), ["Accepted true"]);
    await bench.post("/evse/1/lock", { fail: false });
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].contactor, true);
    assert.deepEqual(problem(), [
      ["Delta", "true"],
      ["Delta", "false"],
    ]);
    assert.deepEqual(await get(bench, "ConnectorPlugRetentionLock.Problem@1.1"), ["Accepted false"]);
  });

  scenario(
    "G-08, G-09: the hardware tells of a broken lock: Faulted, NotifyEvent; cleared: the real state",
    {},
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      await bench.post("/evse/1/fault", { code: "ConnectorLockFailure" });
      await bench.settled();
      await bench.post("/evse/1/fault", { code: null });
      await bench.settled();
      assert.deepEqual(told(bench, since), [
        "StatusNotification 1 Faulted",
        "NotifyEvent",
        "StatusNotification 1 Available",
        "NotifyEvent",
      ]);
    },
  );

  scenario("G-09: a fault while Inoperative: Faulted, then Unavailable again", {}, async (bench) => {
    await registered(bench);
    await change(bench, "Inoperative", evse(1));
    const since = mark(bench);
    await bench.post("/evse/1/fault", { code: "OtherError" });
    await bench.settled();
    await bench.post("/evse/1/fault", { code: null });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Faulted", "StatusNotification 1 Unavailable"]);
  });
});
