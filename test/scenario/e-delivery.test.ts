/** OCPP 2.0.1 Part 2, E04, E08, E11–E13: what happens offline, and events that the CSMS does not confirm. */
import assert from "node:assert/strict";
import { NO_ANSWER, rpcError, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  calls,
  CARD,
  charging,
  gaps,
  mark,
  offlineFor,
  OTHER_CARD,
  pace,
  paceUntil,
  powerCycle,
  QUICK_RETRY,
  registered,
  told,
  type Told,
} from "./steps.ts";

const OFFLINE = {
  station: {
    set: { ...QUICK_RETRY, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "SampledDataCtrlr.TxUpdatedInterval": "20" },
  },
};

/** The events of the last transaction. */
function events(bench: Bench, since = 0): Told[] {
  return calls(bench, since, "TransactionEvent");
}

function assertComplete(all: Told[]): void {
  const numbers = [...new Set(all.map(({ payload }) => payload.seqNo as number))];
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i),
    "seqNo without gap, in order",
  );
  assert.equal(new Set(all.map(({ payload }) => (payload.transactionInfo as Payload).transactionId)).size, 1);
}

describe("E04, E08, E11, E12: offline", () => {
  scenario("E-40: link lost while charging: all events in order, offline true, then new ones without", OFFLINE, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await offlineFor(bench, 45, async () => {
      await bench.post("/evse/1/ev", { draw: false });
      await bench.advance(3);
      await bench.post("/evse/1/ev", { draw: true });
    });
    await bench.settled();
    const offline = told(bench, since).filter((line) => line.includes("offline"));
    assert.deepEqual(offline.slice(0, 4), [
      "Updated 2 ChargingStateChanged SuspendedEV offline",
      "Updated 3 ChargingStateChanged Charging offline",
      "Updated 4 MeterValuePeriodic offline Sample.Periodic",
      "Updated 5 MeterValuePeriodic offline Sample.Periodic",
    ]);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.match(
      told(bench).at(-1)!,
      /^Ended \d StopAuthorized EVConnected Local token=04A1B2C3 Transaction\.Begin Transaction\.End$/,
    );
    assertComplete(events(bench));
    // Each has the time at which it happened.
    const times = events(bench, since).map(({ payload }) => Date.parse(payload.timestamp as string) / 1000);
    assert.deepEqual(
      [...times].sort((a, b) => a - b),
      times,
    );
    assert.ok(times[1] - times[0] === 3, "the car paused for 3 s");
  });

  scenario("E-41: the whole transaction offline", OFFLINE, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await offlineFor(bench, 1, async () => {
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await pace(bench, 25);
      await bench.post("/tap", CARD);
      await bench.post("/evse/1/unplug");
    });
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Started 0 Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
      "Updated 1 ChargingStateChanged Charging offline",
      "Updated 2 MeterValuePeriodic offline Sample.Periodic",
      "Ended 3 StopAuthorized EVConnected Local offline token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
    assertComplete(events(bench));
  });

  scenario("E-41: the end of a transaction offline", OFFLINE, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await offlineFor(bench, 5, () => bench.post("/tap", CARD));
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Ended 2 StopAuthorized EVConnected Local offline token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
  });

  scenario("E-41: three transactions offline, over a power cycle", OFFLINE, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await bench.post("/network", { up: false });
    await bench.post("/evse/1/ev", { draw: true });
    for (const card of [CARD, OTHER_CARD, CARD]) {
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", card);
      await pace(bench, 2);
      await bench.post("/tap", card);
      await bench.post("/evse/1/unplug");
      await pace(bench, 2);
    }
    await powerCycle(bench);
    await pace(bench, 3);
    await bench.post("/network", { up: true });
    await registered(bench);
    const three = (card: { idToken: string }, n: string): string[] => [
      `${n}Started 0 Authorized EVConnected offline evse=1 token=${card.idToken} Transaction.Begin`,
      `${n}Updated 1 ChargingStateChanged Charging offline`,
      `${n}Ended 2 StopAuthorized EVConnected Local offline token=${card.idToken} Transaction.Begin Transaction.End`,
    ];
    assert.deepEqual(
      told(bench, since).filter((line) => /Started|Updated|Ended/.test(line)),
      [...three(CARD, ""), ...three(OTHER_CARD, "#2 "), ...three(CARD, "#3 ")],
    );
  });

  scenario("E-40, E11.FR.07: an event that was under way when the link broke comes again, offline", OFFLINE, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/network", { stall: true });
    await bench.post("/tap", CARD);
    await pace(bench, 1);
    await bench.post("/network", { drop: true });
    await bench.post("/network", { stall: false });
    await paceUntil(bench, "reconnected", async () => (await bench.station.state()).online);
    await bench.settled();
    assert.equal(
      told(bench, since).at(-1),
      "Ended 2 StopAuthorized EVConnected Local offline token=04A1B2C3 Transaction.Begin Transaction.End",
    );
  });

  scenario(
    "E-43: being offline uses up no attempts",
    { station: { set: { ...OFFLINE.station.set, "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "1" } } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      const restore = bench.csms.on("TransactionEvent", () => NO_ANSWER);
      await bench.post("/tap", CARD);
      await pace(bench, 2);
      await bench.post("/network", { drop: true });
      restore();
      bench.csms.on("TransactionEvent", (_request, context) => context.defaultAnswer());
      await paceUntil(bench, "reconnected", async () => (await bench.station.state()).online);
      await bench.settled();
      const ended = events(bench).filter(({ payload }) => payload.eventType === "Ended");
      assert.ok(ended.length >= 2 && ended.at(-1)!.payload.offline === true, "sent again after the reconnect");
    },
  );

  scenario("E-41: remote stop and status after a time offline stay right", OFFLINE, async (bench) => {
    await registered(bench);
    await charging(bench);
    await offlineFor(bench, 30);
    await bench.settled();
    const { transactionId } = (await bench.station.state()).evses[0];
    assert.deepEqual(await bench.csms.call("CS001", "RequestStopTransaction", { transactionId }), { status: "Accepted" });
    await bench.settled();
    assert.match(told(bench).at(-1)!, /^Ended \d RemoteStop EVConnected Remote Transaction\.Begin Transaction\.End$/);
    assertComplete(events(bench));
  });
});

describe("E13: events that are not confirmed", () => {
  const settings = (attempts: number, interval: number): { station: { set: Record<string, string> } } => ({
    station: {
      set: {
        "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": String(attempts),
        "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": String(interval),
      },
    },
  });
  const refuse = (): never => {
    throw rpcError("InternalError");
  };

  scenario("E-43: CALLERROR: waits of interval × number of sends, then the next event", settings(3, 10), async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.eventType === "Started" ? refuse() : {}));
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.quiet();
    await pace(bench, 35);
    await bench.settled();
    const started = events(bench).filter(({ payload }) => payload.eventType === "Started");
    assert.deepEqual(gaps(started), [10, 20]);
    assert.deepEqual(
      started.map(({ payload }) => payload.timestamp),
      started.map(() => started[0].payload.timestamp),
    );
    assert.deepEqual(
      told(bench)
        .slice(4)
        .map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["Started 0", "Started 0", "Started 0", "Updated 1"],
      "order is held; after MessageAttempts it goes on",
    );
  });

  scenario("E-43, TC_E_42: success on the second send: no more of it", settings(3, 5), async (bench) => {
    await registered(bench);
    let sends = 0;
    bench.csms.on("TransactionEvent", () => (sends++ === 0 ? refuse() : {}));
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.quiet();
    await pace(bench, 20);
    await bench.settled();
    assert.deepEqual(
      told(bench)
        .slice(4)
        .map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["Started 0", "Started 0", "Updated 1"],
    );
    const [wait, next] = gaps(events(bench));
    assert.equal(wait, 5);
    assert.ok(next <= 1, `${next} s: the next one goes at once`);
  });

  scenario("E-43: no answer: the wait is counted from MessageTimeout", settings(2, 10), async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.eventType === "Started" ? NO_ANSWER : {}));
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.until("the first send", () => events(bench).length === 1);
    await paceUntil(bench, "the event after it", () => events(bench).length >= 3, 90);
    const [first, second, next] = gaps([events(bench)[0], ...events(bench).slice(0, 3)]);
    assert.deepEqual([first, second], [0, 41], "MessageTimeout 30, full seconds, + 10");
    assert.equal(next, 31);
  });

  scenario("E-43: one attempt: no second send", settings(1, 10), async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.eventType === "Started" ? refuse() : {}));
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(
      told(bench)
        .slice(4)
        .map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["Started 0", "Updated 1"],
    );
  });

  scenario("E-44: other messages overtake the waiting queue", settings(3, 60), async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", refuse);
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.quiet();
    const since = mark(bench);
    await bench.post("/tap", OTHER_CARD);
    await bench.csms.call("CS001", "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.csms.call("CS001", "TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 1, connectorId: 1 } });
    await bench.quiet();
    assert.deepEqual(told(bench, since).sort(), ["Authorize 0499887766", "Heartbeat", "StatusNotification 1 Occupied"]);
  });

  scenario(
    "E-43: attempts begin anew with the next event, and a later answer to an old send changes nothing",
    settings(2, 5),
    async (bench) => {
      await registered(bench);
      const late: string[] = [];
      bench.csms.on("TransactionEvent", (_request, context) => {
        late.push(context.messageId);
        if (late.length <= 2) return refuse();
        return {};
      });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await pace(bench, 7);
      await bench.settled();
      const queued = (await bench.station.state()).queue.events;
      bench.csms.raw("CS001", `[3,"${late[0]}",{"idTokenInfo":{"status":"Invalid"}}]`);
      bench.csms.raw("CS001", `[3,"never-sent",{}]`);
      bench.csms.raw("CS001", `[4,"${late[1]}","InternalError","",{}]`);
      const since = mark(bench);
      await bench.quiet();
      assert.equal((await bench.station.state()).queue.events, queued);
      assert.deepEqual(told(bench, since), []);
      assert.notEqual((await bench.station.state()).evses[0].transactionId, null);
      bench.csms.violations.length = 0;
    },
  );
});
