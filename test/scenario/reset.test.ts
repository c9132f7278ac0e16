/** OCPP 2.0.1 Part 2, B11, B12: Reset with and without transactions, and what comes after it. */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, CARD, charging, mark, OTHER_CARD, pace, paceUntil, registered, told } from "./steps.ts";

const TWO = { station: { evses: 2 } };

async function reset(bench: Bench, type: string, more: Payload = {}): Promise<unknown> {
  return (await call(bench, "Reset", { type, ...more })).status;
}

/** Waits for the n-th BootNotification (2: that after the reset) and what follows it. */
async function rebooted(bench: Bench, boots = 2): Promise<void> {
  await paceUntil(bench, "BootNotification", () => calls(bench, 0, "BootNotification").length >= boots, 60);
  await registered(bench);
}

describe("B11: Reset without a transaction", () => {
  for (const type of ["OnIdle", "Immediate"]) {
    scenario(`B-50: ${type}: Accepted, boot with RemoteReset, status of all`, TWO, async (bench) => {
      await registered(bench);
      await bench.post("/evse/2/plug");
      await bench.settled();
      const since = mark(bench);
      assert.equal(await reset(bench, type), "Accepted");
      await rebooted(bench);
      assert.deepEqual(told(bench, since), [
        "BootNotification RemoteReset",
        "StatusNotification 1 Available",
        "StatusNotification 2 Occupied",
      ]);
    });
  }

  scenario("B-50: the next power-up is a PowerUp again", {}, async (bench) => {
    await registered(bench);
    await reset(bench, "Immediate");
    await rebooted(bench);
    await bench.post("/power", { on: false });
    await bench.post("/power", { on: true });
    await rebooted(bench, 3);
    assert.equal(
      told(bench)
        .filter((line) => line.startsWith("Boot"))
        .at(-1),
      "BootNotification PowerUp",
    );
  });
});

describe("B12: Reset with a transaction", () => {
  scenario("B-51: OnIdle: Scheduled; the transactions end normally; then boot with ScheduledReset", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    const since = mark(bench);
    assert.equal(await reset(bench, "OnIdle"), "Scheduled");
    await pace(bench, 5);
    await bench.post("/tap", CARD);
    await bench.settled();
    await pace(bench, 5);
    assert.equal(calls(bench, 0, "BootNotification").length, 1, "the other transaction runs");
    assert.equal((await bench.station.state()).evses[1].contactor, true);
    // No new transaction starts in between.
    await bench.post("/tap", CARD);
    await bench.quiet();
    const start = { remoteStartId: 1, idToken: { idToken: "APP", type: "Central" }, evseId: 1 };
    assert.deepEqual(await call(bench, "RequestStartTransaction", start), { status: "Rejected" });
    assert.equal((await bench.station.state()).evses[0].contactor, false);
    await bench.post("/tap", OTHER_CARD);
    await rebooted(bench);
    assert.deepEqual(
      told(bench, since).filter((line) => !line.startsWith("Authorize")),
      [
        "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
        "#2 Ended 2 StopAuthorized EVConnected Local token=0499887766 Transaction.Begin Transaction.End",
        "BootNotification ScheduledReset",
        "StatusNotification 1 Occupied",
        "StatusNotification 2 Occupied",
      ],
    );
  });

  scenario("B-52: Immediate: Ended ImmediateReset for each transaction, then boot with RemoteReset", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    const since = mark(bench);
    assert.equal(await reset(bench, "Immediate"), "Accepted");
    await rebooted(bench);
    assert.deepEqual(told(bench, since), [
      "Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End",
      "#2 Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End",
      "BootNotification RemoteReset",
      "StatusNotification 1 Occupied",
      "StatusNotification 2 Occupied",
    ]);
    const { evses } = await bench.station.state();
    assert.deepEqual(
      evses.map(({ contactor, transactionId }) => ({ contactor, transactionId })),
      [1, 2].map(() => ({ contactor: false, transactionId: null })),
    );
    assert.equal(bench.csms.stations.get("CS001")!.running().length, 0);
  });

  scenario("B-51: a permit that waits for its cable starts nothing once a reset is scheduled", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await bench.post("/tap", OTHER_CARD);
    await bench.settled();
    assert.equal(await reset(bench, "OnIdle"), "Scheduled");
    await bench.post("/evse/2/plug");
    await bench.settled();
    assert.equal((await bench.station.state()).evses[1].transactionId, null);
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await rebooted(bench);
    assert.ok(told(bench, since).includes("BootNotification ScheduledReset"));
  });

  scenario("B-56: OnIdle after an Immediate that still waits for its messages: Accepted, not put off", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    assert.equal(await reset(bench, "Immediate"), "Accepted");
    assert.equal(await reset(bench, "OnIdle"), "Accepted");
    await rebooted(bench);
    assert.ok(told(bench, since).includes("BootNotification RemoteReset"));
  });

  scenario("B-55, TC_B_23: Unavailable survives the reset", TWO, async (bench) => {
    await registered(bench);
    await call(bench, "ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 2, connectorId: 1 } });
    await bench.settled();
    const since = mark(bench);
    await reset(bench, "OnIdle");
    await rebooted(bench);
    assert.deepEqual(told(bench, since), [
      "BootNotification RemoteReset",
      "StatusNotification 1 Available",
      "StatusNotification 2 Unavailable",
    ]);
  });

  scenario("B-56: a second OnIdle stays Scheduled, Immediate overrides it", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    assert.equal(await reset(bench, "OnIdle"), "Scheduled");
    assert.equal(await reset(bench, "OnIdle"), "Scheduled");
    await pace(bench, 3);
    assert.equal((await bench.station.state()).evses[0].contactor, true);
    assert.equal(await reset(bench, "Immediate"), "Accepted");
    await rebooted(bench);
    assert.deepEqual(told(bench, since), [
      "Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End",
      "BootNotification RemoteReset",
      "StatusNotification 1 Occupied",
    ]);
  });

  scenario(
    "B-52, B12.FR.05: Ended not confirmed before the reboot is delivered after Accepted",
    { allowViolations: true },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      const since = mark(bench);
      const restore = bench.csms.on("TransactionEvent", () => NO_ANSWER);
      // Before the boot is accepted: what is queued follows at once.
      bench.csms.on("BootNotification", (_request, context) => {
        restore();
        return context.defaultAnswer();
      });
      assert.equal(await reset(bench, "Immediate"), "Accepted");
      await paceUntil(bench, "BootNotification", () => calls(bench, since, "BootNotification").length > 0, 60);
      await registered(bench);
      const lines = told(bench, since);
      assert.equal(lines[0], "Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End");
      assert.deepEqual(
        lines.slice(-3).map((line) => line.replace(" offline", "")),
        [
          "BootNotification RemoteReset",
          "StatusNotification 1 Occupied",
          "Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End",
        ],
      );
      assert.deepEqual(bench.csms.violations, []);
    },
  );

  scenario("B-54: a locked cable is not idle: OnIdle waits for its card", {}, async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].locked, true, "deauthorized, still locked");
    assert.equal(await reset(bench, "OnIdle"), "Scheduled");
    await pace(bench, 5);
    assert.equal(calls(bench, 0, "BootNotification").length, 1);
    await bench.post("/tap", CARD);
    await rebooted(bench);
    assert.equal((await bench.station.state()).evses[0].locked, false);
  });
});

describe("E-26: a reboot of the firmware that nobody asked for", () => {
  scenario("E-26: not needed after a commanded one: no second Ended", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await reset(bench, "Immediate");
    await rebooted(bench);
    await bench.post("/power", { on: false });
    await bench.post("/power", { on: true });
    await rebooted(bench, 3);
    assert.equal(told(bench).filter((line) => line.startsWith("Ended")).length, 1);
  });
});
