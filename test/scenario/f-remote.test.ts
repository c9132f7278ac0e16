/** OCPP 2.0.1 Part 2, F01–F03 remote start and stop. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, car, CARD, charging, contactors, mark, registered, told, transactionOf } from "./steps.ts";

const TWO = { station: { evses: 2 } };

const start = (more: Payload = {}): Payload => ({ remoteStartId: 1, idToken: { idToken: "APP", type: "Central" }, ...more });

async function startStatus(bench: Bench, more: Payload = {}): Promise<unknown> {
  return (await call(bench, "RequestStartTransaction", start(more))).status;
}

async function stopStatus(bench: Bench, transactionId: string): Promise<unknown> {
  return (await call(bench, "RequestStopTransaction", { transactionId })).status;
}

describe("F01, F02: RequestStartTransaction", () => {
  scenario("F-01: the answer comes first, then Started with the remote start id, once", {}, async (bench) => {
    await registered(bench);
    await car(bench);
    const since = mark(bench);
    assert.equal(await startStatus(bench, { evseId: 1, remoteStartId: 2147483647 }), "Accepted");
    await bench.settled();
    const out = bench.station.frames(since).filter(({ dir }) => dir === "out");
    assert.match(out[0].text, /^\[3,/);
    assert.deepEqual(told(bench, since), [
      "Started 0 RemoteStart EVConnected evse=1 token=APP remote=2147483647 Transaction.Begin",
      "Updated 1 ChargingStateChanged Charging",
    ]);
  });

  for (const remoteStartId of [0, -1]) {
    scenario(`F-01: remoteStartId ${remoteStartId}`, {}, async (bench) => {
      await registered(bench);
      await car(bench);
      assert.equal(await startStatus(bench, { evseId: 1, remoteStartId }), "Accepted");
      await bench.settled();
      const { triggerReason, transactionInfo } = calls(bench, 0, "TransactionEvent")[0].payload;
      assert.deepEqual([triggerReason, (transactionInfo as Payload).remoteStartId], ["RemoteStart", remoteStartId]);
    });
  }

  scenario("F-02: Rejected: unknown EVSE, faulted, in use", TWO, async (bench) => {
    await registered(bench);
    for (const evseId of [3, 99, -1]) assert.equal(await startStatus(bench, { evseId }), "Rejected", `evseId ${evseId}`);
    await bench.post("/evse/2/fault", { code: "OtherError" });
    await bench.settled();
    assert.equal(await startStatus(bench, { evseId: 2 }), "Rejected", "faulted");
    await charging(bench);
    const since = mark(bench);
    assert.equal(await startStatus(bench, { evseId: 1 }), "Rejected", "in use");
    assert.equal(await startStatus(bench), "Rejected", "no EVSE can be chosen");
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
    assert.deepEqual(await contactors(bench), [true, false]);
  });

  scenario("F-02: evseId 0 is refused", {}, async (bench) => {
    await registered(bench);
    await car(bench);
    const answer = await call(bench, "RequestStartTransaction", start({ evseId: 0 })).catch((error: { code: string }) => error);
    assert.match(
      String((answer as { status?: string }).status ?? (answer as { code?: string }).code),
      /^(Rejected|PropertyConstraintViolation)$/,
    );
    assert.deepEqual(await contactors(bench), [false]);
  });

  scenario("F-02: without evseId: the EVSE with a cable first", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 2);
    assert.equal(await startStatus(bench), "Accepted");
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("F-02: without evseId and cable: the one plugged in next", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await startStatus(bench), "Accepted");
    await car(bench, 2);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("F-02: with evseId it is that EVSE, whatever is plugged in elsewhere", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 1);
    assert.equal(await startStatus(bench, { evseId: 2 }), "Accepted");
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, false]);
    await car(bench, 2);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
  });

  scenario("F-03: two remote starts for one EVSE before the cable: one transaction", {}, async (bench) => {
    await registered(bench);
    const answers = [
      await startStatus(bench, { evseId: 1, remoteStartId: 1 }),
      await startStatus(bench, { evseId: 1, remoteStartId: 2 }),
    ];
    assert.equal(answers[0], "Accepted");
    await car(bench);
    await bench.settled();
    const started = calls(bench, 0, "TransactionEvent").filter(({ payload }) => payload.eventType === "Started");
    assert.deepEqual(
      started.map(({ payload }) => (payload.transactionInfo as Payload).remoteStartId),
      [answers[1] === "Accepted" ? 2 : 1],
    );
  });

  scenario("F-01: each accepted remote start of two EVSEs leads to a transaction", TWO, async (bench) => {
    await registered(bench);
    const answers = [
      await startStatus(bench, { evseId: 1, remoteStartId: 1 }),
      await startStatus(bench, { evseId: 2, remoteStartId: 2 }),
    ];
    await car(bench, 1);
    await car(bench, 2);
    await bench.settled();
    assert.equal(answers[0], "Accepted");
    assert.deepEqual(
      await contactors(bench),
      answers.map((status) => status === "Accepted"),
    );
  });

  scenario("F-01: a card for one EVSE does not undo the accepted remote start of another", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await startStatus(bench, { evseId: 2 }), "Accepted");
    await charging(bench, 1, CARD);
    await car(bench, 2);
    await bench.settled();
    assert.deepEqual(await contactors(bench), [true, true]);
  });

  scenario("a card stops what a remote start began, when it is the same token", {}, async (bench) => {
    await registered(bench);
    await car(bench);
    assert.equal(await startStatus(bench, { evseId: 1, idToken: CARD }), "Accepted");
    await bench.settled();
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
  });
});

describe("F03: RequestStopTransaction", () => {
  scenario("F-05: Accepted for the running id, exactly; Rejected for any other", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await charging(bench, 2, { idToken: "0499887766", type: "ISO14443" });
    const [one, two] = [await transactionOf(bench, 1), await transactionOf(bench, 2)];
    assert.ok(one && two && one !== two && one.length <= 36 && two.length <= 36);
    for (const id of ["", "unknown", one.toUpperCase(), one + " ", one.slice(1), "x".repeat(36)]) {
      if (id === one) continue;
      assert.equal(await stopStatus(bench, id), "Rejected", id);
    }
    assert.deepEqual(await contactors(bench), [true, true]);
    assert.equal(await stopStatus(bench, one), "Accepted");
    await bench.settled();
    assert.deepEqual(await contactors(bench), [false, true]);
    assert.equal(await stopStatus(bench, one), "Rejected", "ended");
    assert.equal(told(bench).at(-1), "Ended 2 RemoteStop EVConnected Remote Transaction.Begin Transaction.End");
  });
});
