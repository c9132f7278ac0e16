/**
 * A link that goes and comes back while a car charges: offline queue (E-40 … E-42), status rule (B-11), half-open link (RPC-11), plain
 * reconnect (RPC-14). All times are simulated ones.
 */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { BACK_OFF, CARD, charge, charging, events, gapless, online, quick, statuses } from "./transport-steps.ts";

const THRESHOLD = "OCPPCommCtrlr.OfflineThreshold";

describe("the link is lost while a car charges", () => {
  for (const [title, away, all] of [
    ["shorter than OfflineThreshold: no StatusNotification", 40, false],
    ["longer than OfflineThreshold: one StatusNotification for every connector", 100, true],
  ] as const) {
    scenario(
      `E-40, B-11: ${title}; the events follow with offline true`,
      quick({ [THRESHOLD]: "60", [`${BACK_OFF}WaitMinimum`]: "8" }, 2),
      async (bench) => {
        await charge(bench);
        await bench.advance(30);
        await bench.settled();
        const known = statuses(bench).length;
        const begun = events(bench).length;
        await bench.post("/network", { up: false });
        const lostAt = bench.station.now();
        await charging(bench, away);
        const state = await bench.station.state();
        assert.equal(state.online, false);
        assert.ok(state.queue.events >= 1, "the sample of the offline time is queued");
        assert.equal(events(bench).length, begun);
        await bench.post("/network", { up: true });
        const backAt = bench.station.now();
        await online(bench);
        await bench.settled();
        const late = events(bench).slice(begun);
        assert.ok(late.length >= 1);
        for (const { offline, timestamp, triggerReason } of late) {
          assert.equal(triggerReason, "MeterValuePeriodic");
          assert.equal(offline, true);
          const time = Date.parse(timestamp);
          assert.ok(time >= lostAt - 1000 && time <= backAt + 1000, `${timestamp} is the time of the event, not of its sending`);
        }
        await bench.advance(60);
        await bench.settled();
        assert.equal(events(bench).at(-1)!.offline, undefined, "new ones are without the flag");
        gapless(events(bench));
        assert.deepEqual(statuses(bench).slice(known), all ? ["1 Occupied", "2 Available"] : []);
        assert.equal(bench.sent("BootNotification").length, 1, "RPC-14");
      },
      !all,
    );
  }

  scenario(
    "B-11: shorter, with one connector changed: its state now, and of no other",
    quick({ [THRESHOLD]: "60" }, 3),
    async (bench) => {
      await bench.accepted();
      await bench.quiet();
      const known = statuses(bench).length;
      await bench.post("/network", { up: false });
      await bench.post("/evse/2/plug");
      await bench.post("/evse/3/plug");
      await bench.advance(20);
      await bench.post("/evse/3/unplug");
      await bench.post("/network", { up: true });
      await online(bench);
      await bench.quiet();
      assert.deepEqual(statuses(bench).slice(known), ["2 Occupied"]);
    },
    true,
  );

  scenario(
    "E-41: the stop is offline: Ended is delivered with its own time",
    quick(),
    async (bench) => {
      await charge(bench);
      await bench.post("/network", { up: false });
      await bench.advance(10);
      await bench.post("/tap", CARD);
      const stoppedAt = bench.station.now();
      await bench.advance(1);
      const state = await bench.station.state();
      assert.deepEqual([state.evses[0].contactor, state.evses[0].transactionId], [false, null]);
      await bench.advance(200);
      await bench.post("/network", { up: true });
      await online(bench);
      await bench.settled();
      const last = events(bench).at(-1)!;
      assert.deepEqual([last.eventType, last.transactionInfo.stoppedReason, last.offline], ["Ended", "Local", true]);
      assert.ok(Math.abs(Date.parse(last.timestamp) - stoppedAt) <= 2000);
      gapless(events(bench));
    },
    true,
  );

  scenario(
    "E-41: the whole transaction is offline: Started … Ended are delivered",
    quick({ "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" }),
    async (bench) => {
      await bench.accepted();
      await bench.post("/network", { up: false });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await bench.post("/evse/1/ev", { draw: true, amps: 16 });
      await bench.advance(130);
      await bench.post("/tap", CARD);
      await bench.advance(2);
      assert.equal(events(bench).length, 0);
      await bench.post("/network", { up: true });
      await online(bench);
      await bench.settled();
      gapless(events(bench));
      assert.deepEqual([events(bench)[0].eventType, events(bench).at(-1)!.eventType], ["Started", "Ended"]);
      assert.equal(new Set(events(bench).map(({ transactionInfo }) => transactionInfo.transactionId)).size, 1);
      assert.ok(events(bench).every(({ offline }) => offline === true));
    },
    true,
  );

  for (const how of ["drop", "reset by the CSMS", "close 1001 by the CSMS"] as const) {
    scenario(
      `RPC-14: ${how}: back at once, the charge goes on, no BootNotification`,
      quick(),
      async (bench) => {
        await charge(bench);
        for (let round = 0; round < 3; round++) {
          if (how === "drop") await bench.post("/network", { drop: true });
          else bench.csms.disconnect("CS001", how.startsWith("reset") ? "reset" : { code: 1001, reason: "restart" });
          await bench.until("offline", async () => !(await bench.station.state()).online);
          assert.ok((await online(bench)) <= 4);
          await charging(bench, 2);
        }
        await bench.advance(60);
        await bench.settled();
        gapless(events(bench));
        assert.equal(bench.sent("BootNotification").length, 1);
        assert.equal(bench.csms.stations.get("CS001")!.connects, 4);
      },
      how !== "drop",
    );
  }
});

describe("a half-open link", () => {
  scenario(
    "RPC-11: is found within two WebSocketPingIntervals; the charge goes on; nothing is lost",
    quick({ "OCPPCommCtrlr.WebSocketPingInterval": "20" }),
    async (bench) => {
      await charge(bench);
      for (let round = 0; round < 3; round++) {
        // At a different point of the interval each time.
        await bench.advance(7);
        await bench.post("/network", { stall: true });
        const stalledAt = bench.station.now();
        while ((await bench.station.state()).online) {
          await charging(bench, 1);
          assert.ok(bench.station.now() - stalledAt <= 42_000, "not found within two intervals");
        }
        const found = (bench.station.now() - stalledAt) / 1000;
        assert.ok(found >= 19, `a link that was silent for ${found} s only`);
        await charging(bench, 3);
        await bench.post("/network", { stall: false });
        await online(bench);
        await bench.settled();
      }
      const once = [...new Map(events(bench).map((event) => [event.seqNo, event])).values()];
      gapless(once);
      assert.equal(bench.sent("BootNotification").length, 1);
    },
  );

  scenario(
    "RPC-11: an event that was sent into it comes again with the same seqNo and offline true",
    quick({ "OCPPCommCtrlr.WebSocketPingInterval": "10" }),
    async (bench) => {
      await charge(bench);
      await bench.post("/network", { stall: true });
      await bench.post("/evse/1/ev", { draw: false });
      await bench.advance(1);
      const sent = events(bench).at(-1)!;
      assert.equal(sent.offline, undefined, "the station cannot know yet");
      while ((await bench.station.state()).online) await bench.advance(1);
      await bench.post("/network", { drop: true });
      await bench.post("/network", { stall: false });
      await online(bench);
      // The CALL of the dead link stays without answer, so it is never quiet.
      await bench.until("delivered", async () => {
        await bench.advance(1);
        return (await bench.station.state()).queue.events === 0;
      });
      const again = events(bench).filter(({ seqNo }) => seqNo === sent.seqNo);
      assert.equal(again.length, 2);
      assert.deepEqual({ ...again[1], offline: undefined }, { ...sent, offline: undefined });
      assert.equal(again[1].offline, true, "E11.FR.07");
    },
    true,
  );

  scenario(
    "RPC-11: interval 0: no pings, and silence is no fault",
    quick({ "OCPPCommCtrlr.WebSocketPingInterval": "0" }),
    async (bench) => {
      await bench.accepted();
      await bench.advance(200);
      assert.equal(bench.csms.stations.get("CS001")!.pings, 0);
      assert.equal((await bench.station.state()).online, true);
    },
    true,
  );

  scenario(
    "RPC-11: pings come at the interval, and not later when messages pass",
    quick({ "OCPPCommCtrlr.WebSocketPingInterval": "15" }),
    async (bench) => {
      await charge(bench);
      const { pings } = bench.csms.stations.get("CS001")!;
      await bench.advance(150);
      await bench.quiet();
      const more = bench.csms.stations.get("CS001")!.pings - pings;
      assert.ok(more >= 9 && more <= 11, `${more} pings in 150 s`);
    },
    true,
  );
});
