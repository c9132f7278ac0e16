/** OCPP 2.0.1 Part 2, E01–E10: start and stop points other than PowerPathClosed (conformance E-13, E-14, E-23, E-24, E-31, E-32; TC_E_09 … TC_E_27). */
import assert from "node:assert/strict";
import { scenario, type Bench } from "./harness.ts";
import { CARD, END_WHEN_PULLED, mark, OTHER_CARD, pulled, registered, seqNo, told } from "./steps.ts";

const at = (start: string, stop: string, more: Record<string, string> = {}) => ({
  station: { set: { "TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop, ...more } },
});

const tap = (bench: Bench, card: object = CARD) => bench.post("/tap", card);
const plug = (bench: Bench, evse = 1) => bench.post(`/evse/${evse}/plug`);
const draw = (bench: Bench, evse = 1) => bench.post(`/evse/${evse}/ev`, { draw: true, amps: 16 });

async function after(bench: Bench, act: () => Promise<unknown>): Promise<string[]> {
  const since = mark(bench);
  await act();
  await bench.settled();
  return told(bench, since);
}

describe("E01: start point EVConnected", () => {
  scenario("E-13, TC_E_09: plug begins it, the card is told, unplug ends it", at("EVConnected", "EVConnected"), async (bench) => {
    await registered(bench);
    assert.deepEqual(await after(bench, () => plug(bench)), [
      "StatusNotification 1 Occupied",
      "Started 0 CablePluggedIn EVConnected evse=1 Transaction.Begin",
    ]);
    assert.deepEqual(await after(bench, () => tap(bench)), [
      "Authorize 04A1B2C3",
      "Updated 1 Authorized EVConnected token=04A1B2C3",
      "Updated 2 ChargingStateChanged SuspendedEV",
    ]);
    assert.deepEqual(await after(bench, () => draw(bench)), ["Updated 3 ChargingStateChanged Charging"]);
    // E-23, TC_E_14
    assert.deepEqual(await after(bench, () => tap(bench)), ["Updated 4 StopAuthorized EVConnected token=04A1B2C3"]);
    assert.equal((await bench.station.state()).evses[0].contactor, false);
    assert.deepEqual(await after(bench, () => tap(bench)), ["Authorize 04A1B2C3"], "the transaction is over for every card");
    assert.deepEqual(
      await after(bench, () => bench.post("/evse/1/unplug")),
      pulled("Ended 5 EVCommunicationLost Idle Local Transaction.Begin Transaction.End"),
    );
  });

  scenario(
    "E-13: remote start of a transaction that waits: its id, then RemoteStart",
    at("EVConnected", "EVConnected"),
    async (bench) => {
      await registered(bench);
      await plug(bench);
      await bench.settled();
      const { transactionId } = (await bench.station.state()).evses[0];
      let answer: unknown;
      const frames = await after(bench, async () => {
        answer = await bench.csms.call("CS001", "RequestStartTransaction", { idToken: CARD, remoteStartId: 7, evseId: 1 });
      });
      assert.deepEqual(answer, { status: "Accepted", transactionId });
      assert.deepEqual(frames, [
        "Updated 1 RemoteStart EVConnected token=04A1B2C3 remote=7",
        "Updated 2 ChargingStateChanged SuspendedEV",
      ]);
      // E-23 after a remote stop.
      assert.deepEqual(
        await after(bench, () => bench.csms.call("CS001", "RequestStopTransaction", { transactionId: transactionId! })),
        ["Updated 3 RemoteStop EVConnected"],
      );
      assert.match(
        (await after(bench, () => bench.post("/evse/1/unplug")))[END_WHEN_PULLED],
        /^Ended 4 EVCommunicationLost Idle Remote /,
      );
    },
  );

  scenario("E-13: remote start before the cable", at("EVConnected", "EVConnected"), async (bench) => {
    await registered(bench);
    await bench.csms.call("CS001", "RequestStartTransaction", { idToken: CARD, remoteStartId: 8, evseId: 1 });
    assert.equal(
      (await after(bench, () => plug(bench)))[1],
      "Started 0 RemoteStart EVConnected evse=1 token=04A1B2C3 remote=8 Transaction.Begin",
    );
  });

  scenario(
    "C-02: a refused card leaves the transaction open and unauthorised",
    at("EVConnected", "PowerPathClosed"),
    async (bench) => {
      await registered(bench);
      bench.csms.on("Authorize", () => ({ idTokenInfo: { status: "Blocked" } }));
      await plug(bench);
      await bench.settled();
      assert.deepEqual(await after(bench, () => tap(bench)), ["Authorize 04A1B2C3"]);
      assert.match(
        (await after(bench, () => bench.post("/evse/1/unplug")))[END_WHEN_PULLED],
        /^Ended 1 EVCommunicationLost Idle EVDisconnected /,
      );
    },
  );

  scenario(
    "E-26: power lost after the card: Ended PowerLoss, and the token is known to a resumed one",
    at("EVConnected", "PowerPathClosed", { "TxCtrlr.ResumptionTimeout": "600" }),
    async (bench) => {
      await registered(bench);
      await plug(bench);
      await tap(bench);
      await draw(bench);
      await bench.settled();
      await bench.post("/power", { on: false });
      await bench.post("/power", { on: true });
      await registered(bench);
      await bench.settled();
      const next = seqNo(bench, 4);
      assert.deepEqual(await after(bench, () => tap(bench)), [
        `Ended ${next} StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End`,
      ]);
    },
  );
});

describe("E01: start point Authorized", () => {
  scenario("E-14, TC_E_10: card, then cable, on a station with one EVSE", at("Authorized", "Authorized"), async (bench) => {
    await registered(bench);
    assert.deepEqual(await after(bench, () => tap(bench)), [
      "Authorize 04A1B2C3",
      "Started 0 Authorized Idle evse=1 token=04A1B2C3 Transaction.Begin",
    ]);
    assert.deepEqual(await after(bench, () => plug(bench)), [
      "StatusNotification 1 Occupied",
      "Updated 1 CablePluggedIn EVConnected",
      "Updated 2 ChargingStateChanged SuspendedEV",
    ]);
    assert.deepEqual(await after(bench, () => tap(bench)), [
      "Ended 3 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
  });

  scenario(
    "E-14, J-08, TC_J_08: the EVSE is told when the cable says which one it is",
    { station: { evses: 3, set: at("Authorized", "Authorized").station.set } },
    async (bench) => {
      await registered(bench);
      assert.deepEqual(await after(bench, () => tap(bench)), ["Authorize 04A1B2C3", "Started 0 Authorized Idle token=04A1B2C3"]);
      assert.deepEqual(await after(bench, () => tap(bench, OTHER_CARD)), [
        "Authorize 0499887766",
        "#2 Started 0 Authorized Idle token=0499887766",
      ]);
      assert.deepEqual(await after(bench, () => plug(bench, 3)), [
        "StatusNotification 3 Occupied",
        "Updated 1 CablePluggedIn EVConnected evse=3 Transaction.Begin",
        "Updated 2 ChargingStateChanged SuspendedEV",
      ]);
      assert.deepEqual(await after(bench, () => plug(bench, 2)), [
        "StatusNotification 2 Occupied",
        "#2 Updated 1 CablePluggedIn EVConnected evse=2 Transaction.Begin",
        "#2 Updated 2 ChargingStateChanged SuspendedEV",
      ]);
      await draw(bench, 3);
      await bench.advance(60);
      const ended = await after(bench, () => tap(bench));
      assert.match(ended.at(-1)!, /^Ended \d StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End$/);
    },
  );

  scenario("E-17, TC_E_05: nobody plugs in: Ended EVConnectTimeout", at("Authorized", "Authorized"), async (bench) => {
    await registered(bench);
    await tap(bench);
    await bench.settled();
    assert.deepEqual(await after(bench, () => bench.advance(59)), []);
    assert.deepEqual(await after(bench, () => bench.advance(2)), [
      "Updated 1 MeterValuePeriodic Sample.Periodic",
      "Ended 2 EVConnectTimeout Idle Timeout Transaction.Begin Transaction.End",
    ]);
  });

  const stays = at("PowerPathClosed", "Authorized", { "TxCtrlr.StopTxOnEVSideDisconnect": "false" });
  scenario("E-24, TC_E_26: unplugged at the car and plugged in again", stays, async (bench) => {
    await registered(bench);
    await plug(bench);
    await tap(bench);
    await draw(bench);
    await bench.settled();
    const next = seqNo(bench, 2);
    assert.deepEqual(await after(bench, () => bench.post("/evse/1/unplug-ev")), [`Updated ${next} EVCommunicationLost Idle`]);
    assert.equal((await bench.station.state()).evses[0].contactor, false);
    assert.deepEqual(
      (
        await after(bench, async () => {
          await plug(bench);
          await draw(bench);
        })
      ).slice(0, 1),
      [`Updated ${next + 1} CablePluggedIn EVConnected`],
    );
    assert.equal((await bench.station.state()).evses[0].contactor, true);
  });

  scenario("E-24, TC_E_27: … or not: Ended EVConnectTimeout", stays, async (bench) => {
    await registered(bench);
    await plug(bench);
    await tap(bench);
    await bench.settled();
    await bench.post("/evse/1/unplug-ev");
    assert.match((await after(bench, () => bench.advance(61))).at(-1)!, /^Ended \d EVConnectTimeout Idle Timeout /);
  });
});

describe("E05: the CSMS takes the authorization back, other stop points", () => {
  scenario(
    "E-31: stop point EVConnected: Updated Deauthorized, Ended when the car leaves",
    at("PowerPathClosed", "EVConnected"),
    async (bench) => {
      await registered(bench);
      bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
      await plug(bench);
      const frames = await after(bench, () => tap(bench));
      assert.ok(frames.includes("Updated 2 Deauthorized EVConnected"), frames.join("\n"));
      assert.equal((await bench.station.state()).evses[0].contactor, false);
    },
  );

  scenario(
    "E-32: MaxEnergyOnInvalidId: the last Wh, then SuspendedEVSE",
    at("PowerPathClosed", "PowerPathClosed", { "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "100" }),
    async (bench) => {
      await registered(bench);
      bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
      await plug(bench);
      await draw(bench);
      await tap(bench);
      await bench.settled();
      const { meterWh } = (await bench.station.state()).evses[0];
      assert.equal((await bench.station.state()).evses[0].contactor, true);
      const frames = await after(bench, () => bench.advance(200));
      assert.ok(
        frames.includes("Updated 2 ChargingStateChanged SuspendedEVSE") || frames.some((f) => f.endsWith("SuspendedEVSE")),
      );
      const state = (await bench.station.state()).evses[0];
      assert.equal(state.contactor, false);
      assert.ok(Math.abs(state.meterWh - meterWh - 100) <= 3, `${state.meterWh - meterWh} Wh`);
    },
  );
});
