/** OCPP 2.0.1 Part 2, G01–G05: status, availability in three layers, lock failure. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, left, plugged, remoteStart, stopped, TWO } from "./moves.ts";

type Layer = "station" | "EVSE" | "connector";
type State = "Operative" | "Inoperative";

function target(layer: Layer, evse: number): Payload {
  if (layer === "station") return {};
  return { evse: layer === "EVSE" ? { id: evse } : { id: evse, connectorId: 1 } };
}

function change(t: Rig, layer: Layer, operationalStatus: State, expected: string | string[], evse = 1): Promise<Payload> {
  return t.call("ChangeAvailability", { operationalStatus, ...target(layer, evse) }, expected);
}

/** The status of the EVSEs that a layer takes along. */
const both = (layer: Layer, status: string): string[] =>
  layer === "station" ? [`SN 1 ${status}`, `SN 2 ${status}`] : [`SN 1 ${status}`];

const toUnavailable = (id: string, layer: Layer): Case =>
  tc(id, `${layer} Inoperative: Accepted, SN Unavailable`, TWO, async (t) => {
    await change(t, layer, "Inoperative", "Accepted");
    await t.expect(anyOrder(...both(layer, "Unavailable")));
    await t.silence(3);
  });

const toAvailable = (id: string, layer: Layer): Case =>
  tc(id, `${layer} Operative: Accepted, SN with the true state`, TWO, async (t) => {
    await change(t, layer, "Inoperative", "Accepted");
    await t.expect(anyOrder(...both(layer, "Unavailable")));
    await change(t, layer, "Operative", "Accepted");
    await t.expect(anyOrder(...both(layer, "Available")));
    await charging(t);
  });

const same = (id: string, layer: Layer, state: State): Case =>
  tc(id, `${layer} ${state} when it is so already: Accepted`, TWO, async (t) => {
    const status = state === "Operative" ? "Available" : "Unavailable";
    if (state === "Inoperative") {
      await change(t, layer, state, "Accepted");
      await t.expect(anyOrder(...both(layer, status)));
    }
    await change(t, layer, state, "Accepted");
    await t.expect(anyOrder(...both(layer, status).map(optional)));
  });

const scheduled = (id: string, layer: Layer): Case =>
  tc(id, `${layer} Inoperative while a transaction runs: Scheduled; Unavailable after its end`, TWO, async (t) => {
    await charging(t);
    await change(t, layer, "Inoperative", "Scheduled");
    if (layer === "station") await t.expect("SN 2 Unavailable");
    await t.silence(5);
    assert.equal((await t.evse()).contactor, true);
    await t.tap(CARD);
    await t.expect(
      anyOrder("Ended StopAuthorized EVConnected [Local] token=04A1B2C3 [Transaction.Begin] Transaction.End", "SN 1 Unavailable"),
    );
    await t.unplug();
    await t.silence(3);
  });

const persistent = (id: string, layer: Layer): Case =>
  tc(id, `${layer} Inoperative survives reboot and power loss`, TWO, async (t) => {
    await change(t, layer, "Inoperative", "Accepted");
    await t.expect(anyOrder(...both(layer, "Unavailable")));
    const states = layer === "station" ? ["Unavailable", "Unavailable"] : ["Unavailable", "Available"];
    await t.call("Reset", { type: "OnIdle" }, "Accepted");
    await t.booted("RemoteReset", ...states);
    await t.powerCycle();
    await t.booted("PowerUp", ...states);
    await change(t, layer, "Operative", "Accepted");
    await t.expect(anyOrder(...both(layer, "Available")));
    await t.powerCycle();
    await t.booted();
  });

const LOCK: CaseOptions = {};

export const AVAILABILITY: Case[] = [
  tc("TC_G_01", "Cable in: SN Occupied, at its time, once", {}, async (t) => {
    await t.plug();
    const [told] = await t.expect("SN 1 Occupied");
    assert.ok(Math.abs(Date.parse(String(told.payload.timestamp)) - told.t) < 4000);
    await t.silence(5);
  }),

  tc("TC_G_02", "Cable out: SN Available, once", {}, async (t) => {
    await plugged(t);
    await left(t);
    await t.silence(5);
  }),

  toUnavailable("TC_G_03", "EVSE"),
  toAvailable("TC_G_04", "EVSE"),
  toUnavailable("TC_G_05", "station"),
  toAvailable("TC_G_06", "station"),
  toUnavailable("TC_G_07", "connector"),
  toAvailable("TC_G_08", "connector"),
  same("TC_G_09", "EVSE", "Operative"),
  same("TC_G_10", "EVSE", "Inoperative"),
  scheduled("TC_G_11", "EVSE"),
  same("TC_G_12", "station", "Operative"),
  same("TC_G_13", "station", "Inoperative"),
  scheduled("TC_G_14", "station"),
  same("TC_G_15", "connector", "Operative"),
  same("TC_G_16", "connector", "Inoperative"),
  scheduled("TC_G_17", "connector"),
  persistent("TC_G_18", "EVSE"),
  persistent("TC_G_19", "station"),
  persistent("TC_G_21", "connector"),

  tc("TC_G_20", "The lock fails: no charging, the problem is told; then a card charges again", LOCK, async (t) => {
    await t.post("/evse/1/lock", { fail: true });
    await plugged(t);
    await t.tap();
    const told = await t.pass(10);
    assert.equal((await t.evse()).contactor, false);
    const problem = told.find(({ action }) => action === "NotifyEvent");
    assert.ok(problem, `NotifyEvent; got ${told.map(({ line }) => line).join(" / ")}`);
    assert.equal(problem.line, "NotifyEvent ConnectorPlugRetentionLock.Problem=true Delta");
    assert.ok(!told.some(({ line }) => line.includes(" Charging")));
  }),

  tc("G-04", "A later Operative takes back what is scheduled", TWO, async (t) => {
    await charging(t);
    await change(t, "EVSE", "Inoperative", "Scheduled");
    await change(t, "EVSE", "Operative", "Accepted");
    await stopped(t);
    await left(t);
  }),

  tc("G-05", "A connector is usable when all three layers are; each keeps its own setting", TWO, async (t) => {
    await change(t, "EVSE", "Inoperative", "Accepted", 2);
    await t.expect("SN 2 Unavailable");
    await change(t, "station", "Inoperative", "Accepted");
    await t.expect("SN 1 Unavailable");
    await change(t, "EVSE", "Operative", "Accepted", 1);
    await t.silence(2);
    await change(t, "station", "Operative", "Accepted");
    await t.expect("SN 1 Available");
    await t.silence(2);
    await change(t, "connector", "Inoperative", "Accepted", 2);
    await change(t, "EVSE", "Operative", "Accepted", 2);
    await t.silence(2);
    await change(t, "connector", "Operative", "Accepted", 2);
    await t.expect("SN 2 Available");
  }),

  tc("G-06", "What is scheduled survives a power loss", TWO, async (t) => {
    await charging(t);
    await change(t, "EVSE", "Inoperative", "Scheduled");
    await t.powerCycle();
    const told = await t.expectWithin(
      20,
      "BootNotification PowerUp",
      anyOrder("SN 2 Available", "Ended AbnormalCondition * Transaction.End", "SN 1 Unavailable", optional("SN 1 Occupied")),
    );
    assert.ok(told.length >= 4);
  }),

  tc("G-07", "Unknown EVSE or connector: Rejected; Unavailable: no card, no remote start", TWO, async (t) => {
    for (const operationalStatus of ["Inoperative", "Operative"]) {
      await t.call("ChangeAvailability", { operationalStatus, evse: { id: 9 } }, "Rejected");
      await t.call("ChangeAvailability", { operationalStatus, evse: { id: 1, connectorId: 9 } }, "Rejected");
    }
    await change(t, "EVSE", "Inoperative", "Accepted");
    await t.expect("SN 1 Unavailable");
    await t.draw(true);
    await t.plug();
    await t.silence(2);
    await remoteStart(t, "Rejected");
    await t.tap(OTHER, 1);
    await t.expect(optional("Authorize 0499887766"));
    assert.equal((await t.evse()).contactor, false);
  }),

  tc("G-09", "A fault: SN Faulted; cleared: the true state", {}, async (t) => {
    await t.post("/evse/1/fault", { code: "HighTemperature" });
    await t.expect("SN 1 Faulted");
    await t.draw(true);
    await t.plug();
    await t.silence(2);
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Occupied");
    await left(t);
  }),

  tc("G-02", "A cable is in: Unavailable all the same; Operative tells the true state", TWO, async (t) => {
    await plugged(t);
    await change(t, "EVSE", "Inoperative", "Accepted");
    await t.expect("SN 1 Unavailable");
    await change(t, "EVSE", "Operative", "Accepted");
    await t.expect("SN 1 Occupied");
    await change(t, "station", "Inoperative", "Accepted");
    await t.expect(anyOrder("SN 1 Unavailable", "SN 2 Unavailable"));
    await t.unplug();
    await t.silence(2);
    await change(t, "station", "Operative", "Accepted");
    await t.expect(anyOrder("SN 1 Available", "SN 2 Available"));
    await charging(t);
  }),
];
