/** OCPP 2.0.1 Part 2, B09 SetNetworkProfile, B10 migration to another CSMS (B-40 … B-44, A-12, A-13). */
import assert from "node:assert/strict";
import { startCsms } from "../../tools/csms/csms.ts";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, get, ID, pace, paceUntil, powerCycle, QUICK_RETRY, registered, set, setTo } from "./steps.ts";

const PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority";
const ACTIVE = "OCPPCommCtrlr.ActiveNetworkProfile";
const QUICK = { station: { set: QUICK_RETRY } };

type Csms = Awaited<ReturnType<typeof startCsms>>;

function profile(ocppCsmsUrl: string, more: Payload = {}): Payload {
  return {
    ocppVersion: "OCPP20",
    ocppTransport: "JSON",
    ocppCsmsUrl,
    messageTimeout: 20,
    securityProfile: 1,
    ocppInterface: "Wired0",
    ...more,
  };
}

/** SetNetworkProfile: the status, and the reason when there is one. */
async function store(bench: Bench, configurationSlot: number, connectionData: Payload): Promise<string> {
  const answer = await call(bench, "SetNetworkProfile", { configurationSlot, connectionData });
  const info = answer.statusInfo as Payload | undefined;
  return String(answer.status) + (info ? ` ${String(info.reasonCode)}` : "");
}

/** A second CSMS for the time of `work`. */
async function withOther(bench: Bench, work: (other: Csms) => Promise<void>): Promise<void> {
  const other = await startCsms({ port: 0, now: () => bench.station.now() });
  try {
    await work(other);
    assert.deepEqual(other.violations, []);
  } finally {
    await other.close();
  }
}

function here(csms: Csms): boolean {
  return csms.stations.get(ID)?.online === true;
}

/** Time moves on until the station is connected there and has nothing more to say. */
async function arrived(bench: Bench, csms: Csms, seconds = 60): Promise<void> {
  await paceUntil(bench, "connected there", () => here(csms), seconds);
  await bench.settled();
}

/** Actions of the station that `csms` got, in order. */
function heard(csms: Csms): string[] {
  return csms.frames
    .filter(({ dir, text }) => dir === "in" && text.startsWith("[2"))
    .map(({ text }) => (JSON.parse(text) as string[])[2]);
}

describe("B09: SetNetworkProfile", () => {
  scenario(
    "B-40, TC_B_42, TC_B_43, A-13: what is stored and what is refused, with the reason",
    { station: { password: "0123456789abcdef" } },
    async (bench) => {
      await registered(bench);
      const path = "/" + "p".repeat(512 - 22);
      const cases: [slot: number, data: Payload, status: string][] = [
        [2, profile("ws://csms.example.org"), "Accepted"],
        [2, profile("ws://10.0.0.1:8080/ocpp/2.0.1/", { ocppInterface: "Wireless0" }), "Accepted"],
        [2, profile("wss://csms.example.org:443", { securityProfile: 2 }), "Accepted"],
        [1, profile(`ws://csms.example.org${path}`), "Accepted"],
        [2, profile(`ws://csms.example.org${path}`, { messageTimeout: 3600 }), "Accepted"],
        [999, profile("ws://csms.example.org"), "Rejected InvalidConfSlot"],
        [0, profile("ws://csms.example.org"), "Rejected InvalidConfSlot"],
        [-1, profile("ws://csms.example.org"), "Rejected InvalidConfSlot"],
        [2, profile("ws://csms.example.org", { securityProfile: 0 }), "Rejected NoSecurityDowngrade"],
        ...[
          profile("ws://csms.example.org", { ocppTransport: "SOAP" }),
          profile("ws://csms.example.org", { ocppVersion: "OCPP15" }),
          profile("ws://csms.example.org", { ocppInterface: "Wireless3" }),
          profile("ws://csms.example.org", { messageTimeout: 0 }),
          profile("ws://csms.example.org", { messageTimeout: 3601 }),
          profile("ws://csms.example.org", { securityProfile: 4 }),
          profile("ws://csms.example.org", { securityProfile: 2 }),
          profile("wss://csms.example.org", { securityProfile: 1 }),
          profile("ws://csms.example.org", { apn: { apn: "internet", apnAuthentication: "AUTO" } }),
          profile("ws://csms.example.org", { vpn: { server: "s", user: "u", password: "p", key: "k", type: "IPSec" } }),
          ...[
            "",
            "ws://",
            "ws:///path",
            "ws://:80",
            "http://csms",
            "csms.example.org",
            "ws://a b",
            "ws://a:0",
            "ws://a:65536",
          ].map((url) => profile(url)),
          ...[
            "ws://a:8x",
            "ws://a:80:90",
            "ws://user@a",
            "ws://a?b",
            "ws://a/b?c=1",
            "ws://a/#b",
            "ws://a/\u00e4",
            'ws://a/"',
          ].map((url) => profile(url)),
        ].map((data): [number, Payload, string] => [2, data, "Rejected InvalidNetworkConf"]),
      ];
      for (const [slot, data, status] of cases) assert.equal(await store(bench, slot, data), status, JSON.stringify(data));
      // Nothing of it is used before its slot is: still here, and active is slot 1.
      assert.deepEqual(await get(bench, ACTIVE, PRIORITY), ["Accepted 1", "Accepted 1"]);
      assert.equal(bench.csms.stations.get(ID)!.connects, 1);
    },
  );

  scenario(
    "B-40, B-44, A-12: a slot of NetworkConfigurationPriority cannot become one that the station never connects with",
    QUICK,
    async (bench) => {
      await registered(bench);
      const never = profile("wss://csms.example.org", { securityProfile: 2 });
      for (const securityProfile of [2, 3])
        assert.equal(await store(bench, 1, { ...never, securityProfile }), "Rejected InvalidNetworkConf");
      assert.equal(await store(bench, 2, never), "Accepted", "that slot is not in use");
      await bench.post("/network", { drop: true });
      await arrived(bench, bench.csms);
      await withOther(bench, async (other) => {
        assert.equal(await store(bench, 2, profile(other.url)), "Accepted");
        await setTo(bench, PRIORITY, "1,2");
        assert.equal(await store(bench, 2, never), "Rejected InvalidNetworkConf");
        // What the one CSMS asked for is not told to the other, and a Heartbeat only after BootNotification.
        bench.csms.on("Heartbeat", () => new Promise<Payload>(() => undefined));
        await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
        await bench.until("Heartbeat", () => calls(bench, 0, "Heartbeat").length === 1);
        for (const requestedMessage of ["Heartbeat", "FirmwareStatusNotification"])
          await call(bench, "TriggerMessage", { requestedMessage });
        other.on("BootNotification", (_request, context) => ({ ...context.defaultAnswer(), status: "Pending", interval: 300 }));
        await bench.csms.close();
        await paceUntil(bench, "connected there", () => here(other), 60);
        await pace(bench, 3);
        assert.deepEqual(heard(other), ["BootNotification"]);
      });
    },
  );

  scenario("B-41, A-12: NetworkConfigurationPriority takes slots with a usable profile, each once", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(await set(bench, { [PRIORITY]: "1,2" }), ["Rejected"], "slot 2 is empty");
    assert.equal(await store(bench, 2, profile("ws://csms.example.org")), "Accepted");
    for (const [value, status] of [
      ["1,2", "Accepted"],
      ["2,1", "Accepted"],
      ["2", "Accepted"],
      ["1", "Accepted"],
      ["", "Rejected"],
      ["1,1", "Rejected"],
      ["3", "Rejected"],
      ["1,2,3", "Rejected"],
      ["1;2", "Rejected"],
    ])
      assert.deepEqual(await set(bench, { [PRIORITY]: value }), [status], value);
    // The engine verifies no server: profiles 2 and 3 can be stored, but not used.
    for (const securityProfile of [2, 3]) {
      assert.equal(await store(bench, 2, profile("wss://csms.example.org", { securityProfile })), "Accepted");
      assert.deepEqual(await set(bench, { [PRIORITY]: "2,1" }), ["Rejected"]);
    }
    assert.deepEqual(await get(bench, PRIORITY), ["Accepted 1"]);
  });
});

describe("B10: migration", () => {
  scenario(
    "B-42, TC_B_45: after a reset the first slot of the list: full boot there, its MessageTimeout, its number",
    QUICK,
    async (bench) => {
      await registered(bench);
      await withOther(bench, async (other) => {
        assert.deepEqual(await get(bench, "OCPPCommCtrlr.MessageTimeout[Default]"), ["Accepted 30"]);
        assert.equal(await store(bench, 2, profile(other.url)), "Accepted");
        await setTo(bench, PRIORITY, "2,1");
        await pace(bench, 3);
        assert.ok(here(bench.csms), "not before the reset");
        assert.equal((await call(bench, "Reset", { type: "OnIdle" })).status, "Accepted");
        await arrived(bench, other);
        assert.ok(!here(bench.csms), "the old connection is closed");
        assert.deepEqual(heard(other).slice(0, 2), ["BootNotification", "StatusNotification"]);
        const got = await other.call(ID, "GetVariables", {
          getVariableData: [
            { component: { name: "OCPPCommCtrlr" }, variable: { name: "ActiveNetworkProfile" } },
            { component: { name: "OCPPCommCtrlr" }, variable: { name: "MessageTimeout", instance: "Default" } },
          ],
        });
        assert.deepEqual(
          (got.getVariableResult as Payload[]).map(({ attributeValue }) => attributeValue),
          ["2", "20"],
        );
      });
    },
  );

  scenario("RPC-04: the MessageTimeout of the profile in use decides when a CALL has failed", QUICK, async (bench) => {
    await registered(bench);
    assert.equal(await store(bench, 1, profile(bench.csms.url, { messageTimeout: 3 })), "Accepted");
    await powerCycle(bench);
    await registered(bench);
    bench.csms.on("Heartbeat", () => new Promise<Payload>(() => undefined));
    await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.until("Heartbeat", () => calls(bench, 0, "Heartbeat").length === 1);
    await call(bench, "TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 1 } });
    const before = calls(bench).length;
    await pace(bench, 2);
    assert.equal(calls(bench).length, before);
    await pace(bench, 2);
    assert.equal(calls(bench).length, before + 1);
  });

  scenario(
    "B-43, B-44, TC_B_46, TC_B_49: each slot gets its attempts, then the next; back to what worked; BootNotification at the other CSMS only",
    { station: { set: { ...QUICK_RETRY, "OCPPCommCtrlr.NetworkProfileConnectionAttempts": "2" } } },
    async (bench) => {
      await registered(bench);
      await withOther(bench, async (other) => {
        assert.equal(await store(bench, 2, profile(other.url)), "Accepted");
        await setTo(bench, PRIORITY, "1,2");
        // A loss that ends before the attempts are used up: the same CSMS, no BootNotification (RPC-14).
        await bench.post("/network", { drop: true });
        await arrived(bench, bench.csms);
        assert.equal(calls(bench, 0, "BootNotification").length, 1);
        // The first CSMS is gone: two attempts, then the second.
        const port = bench.csms.port;
        await bench.csms.close();
        await arrived(bench, other);
        assert.deepEqual(heard(other).slice(0, 2), ["BootNotification", "StatusNotification"]);
        const again = await startCsms({ port, now: () => bench.station.now() });
        try {
          // It stays there as long as that works, and goes back when it does not.
          await pace(bench, 10);
          assert.ok(here(other) && !here(again));
          await other.close();
          await arrived(bench, again);
          assert.deepEqual(heard(again).slice(0, 2), ["BootNotification", "StatusNotification"]);
          // Nobody answers for long: it never stops trying, and comes back.
          await again.close();
          await pace(bench, 60);
          const last = await startCsms({ port, now: () => bench.station.now() });
          try {
            await arrived(bench, last);
          } finally {
            await last.close();
          }
        } finally {
          await again.close();
        }
      });
    },
  );

  scenario(
    "B10.FR.10: the slot in use is overwritten: at the next connection BootNotification at the new address",
    QUICK,
    async (bench) => {
      await registered(bench);
      await withOther(bench, async (other) => {
        assert.equal(await store(bench, 1, profile(other.url)), "Accepted");
        await pace(bench, 5);
        assert.ok(here(bench.csms), "takes effect at the next connect only");
        await bench.post("/network", { drop: true });
        await arrived(bench, other);
        assert.deepEqual(heard(other).slice(0, 2), ["BootNotification", "StatusNotification"]);
      });
    },
  );

  scenario("a transaction goes on over the change of CSMS; its events go to the new one", QUICK, async (bench) => {
    await registered(bench);
    await withOther(bench, async (other) => {
      assert.equal(await store(bench, 1, profile(other.url)), "Accepted");
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.settled();
      await bench.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
      await bench.settled();
      await bench.post("/network", { drop: true });
      await arrived(bench, other);
      await pace(bench, 65);
      await bench.settled();
      assert.equal((await bench.station.state()).evses[0].contactor, true);
      assert.ok(heard(other).includes("TransactionEvent"));
    });
  });
});
