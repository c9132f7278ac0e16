/** OCPP 1.6, 4.2, 4.6: boot, registration, heartbeat, clock (BT). */
import assert from "node:assert/strict";
import { NO_ANSWER, rpcError } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { ID, type Rig } from "../rig.ts";
import { charging, DATA, get, isCharging, plugged, remoteStart, remoteStop, session, set, setTo, TWO, value } from "./moves.ts";

const INTERVAL = 10;

/** Text past the call queue: a rejected station does not answer. */
function unanswered(t: Rig, ...calls: [action: string, payload: object][]): void {
  calls.forEach(([action, payload], i) => t.csms.raw(ID, JSON.stringify([2, `mute-${i}`, action, payload])));
}

export const BOOT: Case[] = [
  tc(
    "TC_001",
    "Cold boot, accepted: BootNotification first, then connector 0 and the others",
    { ...TWO, boot: false },
    async (t) => {
      const [{ payload }] = await t.booted();
      const limits = { chargePointVendor: 20, chargePointModel: 20 };
      for (const [name, limit] of Object.entries(limits)) {
        const text = String(payload[name]);
        assert.ok(text.length > 0 && text.length <= limit, name);
      }
      assert.equal(await value(t, "HeartbeatInterval"), "86400");
    },
  ),

  tc("TC_001", "Heartbeat at the interval of the BootNotification", { boot: false, csms: { interval: INTERVAL } }, async (t) => {
    await t.booted();
    const [first] = await t.expectWithin(INTERVAL + 2, "Heartbeat");
    const [second] = await t.expectWithin(INTERVAL + 2, "Heartbeat");
    assert.ok(Math.abs(second.t - first.t - INTERVAL * 1000) <= 1000, "the interval");
  }),

  tc("TC_001", "Cold boot with a cable in: the true state", { ...TWO, power: false }, async (t) => {
    await t.plug(2);
    await t.post("/power", { on: true });
    await t.booted("PowerUp", "Available", "Preparing");
  }),

  tc("TC_002", "Cold boot, pending: answers, but nothing of its own until the interval is over", { boot: false }, async (t) => {
    const accept = t.answer("BootNotification", { status: "Pending", interval: INTERVAL });
    await t.expect("BootNotification");
    const { known } = await get(t, "ConnectionTimeOut");
    assert.equal(known[0].value, "60");
    await set(t, "ConnectionTimeOut", "61");
    await remoteStart(t, "Rejected");
    await remoteStop(t, 1, "Rejected");
    await t.plug();
    await t.tap();
    await t.silence(INTERVAL - 3);
    await t.call("TriggerMessage", { requestedMessage: "BootNotification" }, "Accepted");
    await t.expect("BootNotification");
    accept();
    await t.booted("PowerUp", "Preparing");
    await isCharging(t, false);
  }),

  tc("TC_002", "Pending: triggered messages are sent, nothing else", { boot: false }, async (t) => {
    const accept = t.answer("BootNotification", { status: "Pending", interval: 30 });
    await t.expect("BootNotification");
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.call("TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 1 }, "Accepted");
    await t.expect("SN 1 Available");
    await t.silence(10);
    accept();
    await t.booted();
  }),

  tc("BT-03", "Rejected: silence, and no answer to any request, until the next BootNotification", { boot: false }, async (t) => {
    const accept = t.answer("BootNotification", { status: "Rejected", interval: INTERVAL });
    const [first] = await t.expect("BootNotification");
    await t.plug();
    unanswered(
      t,
      ["GetConfiguration", {}],
      ["Reset", { type: "Soft" }],
      ["TriggerMessage", { requestedMessage: "BootNotification" }],
      ["NoSuch", {}],
    );
    await t.silence(INTERVAL - 2);
    const [second] = await t.expectWithin(6, "BootNotification");
    assert.ok(second.t - first.t >= (INTERVAL - 1) * 1000, "the interval");
    accept();
    await t.silence(INTERVAL - 2);
    await t.booted("PowerUp", "Preparing");
    assert.equal(t.takeAnswers(/./), 0, "answers");
  }),

  tc("BT-04", "Interval 0 with Rejected or Pending: no flood", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Rejected", interval: 0 });
    await t.expect("BootNotification");
    await t.silence(25);
    t.answer("BootNotification", { status: "Pending", interval: 0 });
    await t.powerCycle();
    await t.expectWithin(5, "BootNotification");
    await t.silence(25);
  }),

  tc("BT-04", "Interval 0 with Accepted: the own heartbeat interval stays", { boot: false, csms: { interval: 0 } }, async (t) => {
    await t.booted();
    assert.notEqual(await value(t, "HeartbeatInterval"), "0");
  }),

  tc("BT-05", "A CALLERROR or no answer to BootNotification: again, and no other CALL", { boot: false }, async (t) => {
    let tries = 0;
    t.handle("BootNotification", (_request, { defaultAnswer }) => {
      tries++;
      if (tries === 1) throw rpcError("InternalError");
      return tries === 2 ? NO_ANSWER : defaultAnswer();
    });
    await t.expect("BootNotification");
    await t.plug();
    await t.expectWithin(400, "BootNotification");
    await t.expectWithin(400, "BootNotification", anyOrder("SN 0 Available", "SN 1 Preparing|Finishing"));
  }),

  tc("BT-06", "currentTime of BootNotification and Heartbeat sets the clock", { boot: false }, async (t) => {
    const ahead = 86_400_000;
    t.answer("BootNotification", () => ({ currentTime: new Date(t.station.now() + ahead).toISOString() }));
    t.answer("Heartbeat", () => ({ currentTime: new Date(t.station.now() + 2 * ahead).toISOString() }));
    const near = async (wanted: number): Promise<void> => {
      const time = Date.parse((await t.state()).time!);
      assert.ok(Math.abs(time - wanted) < 4000, new Date(time).toISOString());
    };
    await t.booted();
    await near(t.station.now() + ahead);
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await near(t.station.now() + 2 * ahead);
  }),

  tc("BT-07", "Any CALL sets the Heartbeat back; a new interval acts at once", { csms: { interval: 20 } }, async (t) => {
    await t.silence(15);
    await plugged(t);
    await t.silence(17);
    await t.expectWithin(6, "Heartbeat");
    await setTo(t, "HeartbeatInterval", "7");
    const [first] = await t.expectWithin(9, "Heartbeat");
    const [second] = await t.expectWithin(9, "Heartbeat");
    assert.ok(Math.abs(second.t - first.t - 7000) <= 1000, "the interval");
    for (const bad of ["-1", "", "5.5", "x"]) await set(t, "HeartbeatInterval", bad, "Rejected");
  }),

  tc("BT-08", "Not accepted: no charging is offered", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Pending", interval: 300 });
    await t.expect("BootNotification");
    await t.draw(true);
    await t.plug();
    await t.tap();
    await t.silence(20);
    await isCharging(t, false);
  }),

  tc("TX-26", "The queue waits for the acceptance, too", {}, async (t) => {
    await charging(t);
    await t.post("/power", { on: false });
    const accept = t.answer("BootNotification", { status: "Rejected", interval: 5 });
    await t.post("/power", { on: true });
    await t.expectWithin(5, "BootNotification");
    await t.silence(3);
    accept();
    await t.expectWithin(
      8,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing", `Stop tx=1 PowerLoss ${DATA}`),
    );
  }),

  tc("R-07", "A lost connection needs no new boot; pings at WebSocketPingInterval, 0 none, negative Rejected", {}, async (t) => {
    await t.offline(5);
    await t.silence(5);
    const pings = (): number => t.csms.stations.get(ID)!.pings;
    await set(t, "WebSocketPingInterval", "-1", "Rejected");
    await setTo(t, "WebSocketPingInterval", "5");
    const before = pings();
    await t.silence(26);
    await t.until("pings", () => pings() - before >= 4 && pings() - before <= 6);
    await setTo(t, "WebSocketPingInterval", "0");
    const then = pings();
    await t.silence(15);
    assert.ok(pings() - then <= 1, "no more pings");
    await session(t);
  }),
];
