/** OCPP 2.0.1 Part 2, B09, B10: network profiles. Part 4, 5.3: reconnect. */
import assert from "node:assert/strict";
import type { Csms, Payload } from "../../csms/csms.ts";
import { later, tc, type Case } from "../case.ts";
import type { Rig } from "../rig.ts";
import { charging, get, set, setTo, TWO, value } from "./moves.ts";

const PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority";
const ATTEMPTS = "OCPPCommCtrlr.NetworkProfileConnectionAttempts";
const PASSWORD = "0123456789abcdef";
const WITH_PASSWORD = { set: { "SecurityCtrlr.BasicAuthPassword": PASSWORD } };

function profile(ocppCsmsUrl: string, more: Payload = {}): Payload {
  return {
    messageTimeout: 30,
    ocppCsmsUrl,
    ocppInterface: "Wired0",
    ocppTransport: "JSON",
    ocppVersion: "OCPP20",
    securityProfile: 1,
    ...more,
  };
}

/** The slots: that in use, and another one. */
async function slots(t: Rig): Promise<[number, number]> {
  const active = Number(await value(t, "OCPPCommCtrlr.ActiveNetworkProfile"));
  assert.ok(active > 0, "ActiveNetworkProfile");
  return [active, active === 1 ? 2 : 1];
}

/** A profile for `url` in the other slot; the priority is that one, then (unless `alone`) the present one. */
async function prepare(t: Rig, url: string, alone = false): Promise<[number, number]> {
  const [active, other] = await slots(t);
  await setTo(t, ATTEMPTS, "2");
  await t.call("SetNetworkProfile", { configurationSlot: other, connectionData: profile(url) }, "Accepted");
  const [status] = await set(t, [[PRIORITY, alone ? `${other}` : `${other},${active}`]]);
  assert.ok(["Accepted", "RebootRequired"].includes(status), `${PRIORITY}: ${status}`);
  return [active, other];
}

/** A CSMS that lets nobody in. */
async function closedCsms(t: Rig): Promise<Csms> {
  const csms = await t.secondCsms();
  csms.overloaded = true;
  return csms;
}

const tries = (csms: Csms): number => csms.attempts.length;

export const NETWORK: Case[] = [
  tc("TC_B_42", "SetNetworkProfile: Accepted, stored, not used until it is selected", WITH_PASSWORD, async (t) => {
    const second = await t.secondCsms();
    const [, other] = await slots(t);
    await t.call("SetNetworkProfile", { configurationSlot: other, connectionData: profile(second.url) }, "Accepted");
    await t.post("/network", { drop: true });
    await t.online();
    await t.silence(3);
    assert.equal(tries(second), 0);
  }),

  tc(
    "TC_B_43",
    "SetNetworkProfile: a slot that does not exist, or a connection that cannot be: Rejected",
    WITH_PASSWORD,
    async (t) => {
      const [, other] = await slots(t);
      const url = t.csms.url;
      const refuse = (configurationSlot: number, connectionData: Payload): Promise<Payload> =>
        t.call("SetNetworkProfile", { configurationSlot, connectionData }, "Rejected");
      await refuse(999, profile(url));
      for (const bad of ["http://127.0.0.1", "nonsense", "ws://", ""]) await refuse(other, profile(bad));
      await refuse(other, profile(url, { ocppTransport: "SOAP" }));
      await refuse(other, profile(url, { ocppVersion: "OCPP15" }));
    },
  ),

  tc("TC_B_45", "Migration to another CSMS: after the reset a full boot there", { ...TWO, ...WITH_PASSWORD }, async (t) => {
    const second = await t.secondCsms();
    const [, other] = await prepare(t, second.url);
    await t.call("Reset", { type: "OnIdle" }, "Accepted");
    await t.booted("RemoteReset");
    assert.equal(second.stations.get("CS001")?.boots, 1);
    assert.equal(t.csms.stations.get("CS001")!.online, false, "the old connection is closed");
    t.csms = second;
    assert.equal(await value(t, "OCPPCommCtrlr.ActiveNetworkProfile"), String(other));
  }),

  tc("TC_B_46", "Migration fails: back to the next entry after the attempts", WITH_PASSWORD, async (t) => {
    const closed = await closedCsms(t);
    const [active] = await prepare(t, closed.url);
    await t.call("Reset", { type: "OnIdle" }, "Accepted");
    await t.booted("RemoteReset");
    assert.equal(tries(closed), 2, "NetworkProfileConnectionAttempts");
    assert.equal(await value(t, "OCPPCommCtrlr.ActiveNetworkProfile"), String(active));
  }),

  later("TC_B_47", "Migration fails under a new root: back to the old profile"),

  tc(
    "TC_B_49",
    "All entries are exhausted: the list begins again, or the last profile that worked; never given up",
    WITH_PASSWORD,
    async (t) => {
      const closed = await closedCsms(t);
      const [active] = await prepare(t, closed.url);
      t.csms.overloaded = true;
      const before = tries(t.csms);
      await t.powerCycle();
      for (let second = 0; second < 60; second++) await t.advance(1);
      await t.until("attempts at both", () => tries(closed) >= 4 && tries(t.csms) - before >= 2);
      await t.expect();
      t.csms.overloaded = false;
      await t.expectWithin(60, "BootNotification PowerUp", "SN 1 Available");
      assert.equal(await value(t, "OCPPCommCtrlr.ActiveNetworkProfile"), String(active));
    },
  ),

  tc(
    "B-44",
    "The only entry of the list does not work: back to the last profile that worked, or on with it until it does",
    WITH_PASSWORD,
    async (t) => {
      const closed = await closedCsms(t);
      await prepare(t, closed.url, true);
      await t.call("Reset", { type: "OnIdle" }, "Accepted");
      for (let second = 0; second < 60 && t.csms.stations.get("CS001")!.boots === 1; second++) await t.advance(1);
      await t.until("attempts", () => tries(closed) >= 2);
      closed.overloaded = false;
      await t.booted("RemoteReset");
      assert.equal(t.csms.stations.get("CS001")!.boots + (closed.stations.get("CS001")?.boots ?? 0), 2);
    },
  ),

  later("TC_B_50", "Migration under a new root: the new CSMS is checked with it"),

  tc("B-40", "At least two slots; overwriting the active one acts at the next connect only", WITH_PASSWORD, async (t) => {
    const second = await t.secondCsms();
    const [active] = await slots(t);
    await t.call("SetNetworkProfile", { configurationSlot: active, connectionData: profile(second.url) }, "Accepted");
    await t.silence(3);
    assert.equal(tries(second), 0);
    await t.powerCycle();
    await t.booted();
    assert.equal(tries(second), 1);
  }),

  tc("B-41", "NetworkConfigurationPriority: an empty slot, an unknown one, one twice: Rejected", WITH_PASSWORD, async (t) => {
    const [active, other] = await slots(t);
    const before = await value(t, PRIORITY);
    for (const bad of [`${other}`, `${active},${other}`, "99", `${active},${active}`, "x", ""]) {
      assert.deepEqual(await set(t, [[PRIORITY, bad]]), ["Rejected"], bad);
    }
    assert.equal(await value(t, PRIORITY), before);
    await prepare(t, t.csms.url);
    assert.deepEqual(await get(t, PRIORITY), [`Accepted ${other},${active}`]);
  }),

  tc(
    "B-43",
    "The connection is lost: attempts at the entry in use, then the next; a change of profile means a boot",
    WITH_PASSWORD,
    async (t) => {
      const second = await t.secondCsms();
      const [first] = [t.csms];
      const [active] = await prepare(t, second.url);
      await t.powerCycle();
      await t.booted();
      assert.equal(second.stations.get("CS001")?.boots, 1);
      await second.close();
      await t.expectWithin(60, "BootNotification *", "SN 1 Available");
      assert.equal(first.stations.get("CS001")!.boots, 2);
      assert.equal(await value(t, "OCPPCommCtrlr.ActiveNetworkProfile"), String(active));
    },
  ),

  tc(
    "TC_B_57",
    "Reconnect: waits that double, at most RetryBackOffRepeatTimes times, and begin anew after a success",
    {
      set: {
        "OCPPCommCtrlr.RetryBackOffWaitMinimum": "3",
        "OCPPCommCtrlr.RetryBackOffRepeatTimes": "2",
        "OCPPCommCtrlr.RetryBackOffRandomRange": "2",
      },
    },
    async (t) => {
      const { attempts } = t.csms;
      for (let round = 0; round < 2; round++) {
        await t.post("/network", { drop: true });
        t.csms.overloaded = true;
        const times: number[] = [];
        let seen = attempts.length;
        for (let second = 1; times.length < 4 && second < 90; second++) {
          await t.advance(1);
          await t.quiet();
          if (attempts.length > seen) times.push(second);
          seen = attempts.length;
        }
        t.csms.overloaded = false;
        const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
        [3, 6, 12, 12].forEach((least, i) => {
          assert.ok(gaps[i] >= least && gaps[i] <= least + 2 * 2 ** i + 2, `round ${round}: gap ${i} of ${gaps.join(", ")}`);
        });
        await t.online(40);
      }
      await t.silence(2);
    },
  ),

  tc(
    "RPC-02",
    "The upgrade is refused with any status: again and again, never given up",
    { set: { "OCPPCommCtrlr.OfflineThreshold": "600" } },
    async (t) => {
      t.csms.overloaded = true;
      await t.post("/network", { drop: true });
      for (let second = 0; second < 60; second++) await t.advance(1);
      await t.until("attempts", () => tries(t.csms) >= 10);
      t.csms.overloaded = false;
      await t.online();
      await t.expect();
    },
  ),

  tc("RPC-14", "A plain reconnect brings no BootNotification; a running transaction goes on", {}, async (t) => {
    await charging(t);
    await t.offline(3);
    await t.silence(3);
  }),
];
