/** The first charge: OCPP 2.0.1 B01, C01, E02, E07, G01 (conformance B-01 … B-03, E-10, E-20, G-01, J-05 … J-07). */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };

describe("a charging session", () => {
  scenario("E-10, E-20: cable first, card, charge, same card, unplug", {}, async (bench) => {
    await bench.accepted();
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.post("/evse/1/ev", { draw: true, amps: 16 });
    await bench.advance(125);
    const charging = await bench.station.state();
    assert.equal(charging.evses[0].contactor, true);
    assert.equal(charging.evses[0].locked, true);
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.post("/evse/1/unplug");
    await bench.settled();
    const events = bench.sent("TransactionEvent") as {
      eventType: string;
      seqNo: number;
      triggerReason: string;
      transactionInfo: { chargingState?: string; stoppedReason?: string };
      meterValue?: { sampledValue: { context: string; value: number }[] }[];
    }[];
    assert.deepEqual(
      events.map((e) => [
        e.eventType,
        e.seqNo,
        e.triggerReason,
        e.transactionInfo.chargingState,
        e.transactionInfo.stoppedReason,
        e.meterValue?.[0].sampledValue[0].context,
      ]),
      [
        ["Started", 0, "Authorized", "EVConnected", undefined, "Transaction.Begin"],
        ["Updated", 1, "ChargingStateChanged", "SuspendedEV", undefined, undefined],
        ["Updated", 2, "ChargingStateChanged", "Charging", undefined, undefined],
        ["Updated", 3, "MeterValuePeriodic", undefined, undefined, "Sample.Periodic"],
        ["Updated", 4, "MeterValuePeriodic", undefined, undefined, "Sample.Periodic"],
        ["Ended", 5, "StopAuthorized", "EVConnected", "Local", "Transaction.Begin"],
      ],
    );
    assert.deepEqual(
      bench.sent("StatusNotification").map((s) => s.connectorStatus),
      ["Available", "Occupied", "Available"],
    );
  });
});
