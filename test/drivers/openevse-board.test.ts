/** Board `openevse` whole: charging sessions on the twin of its safety controller, by RAPI alone, on both engines. */
import assert from "node:assert/strict";
import { OpenEvseBoardTwin } from "../../tools/twins/openevse-board.ts";
import { STATE } from "../../tools/twins/openevse.ts";
import { boardData } from "../../tools/twins/board-data.ts";
import type { MakeTwins } from "../../tools/twins/boards.ts";
import { WifiTwin } from "../../tools/twins/wifi.ts";
import { withBench, type Bench } from "../scenario/harness.ts";
import { ENGINES } from "./bench.ts";

const { BUTTON_PIN } = boardData("openevse");
const CARD = { idToken: "04A1B2C3", type: "ISO14443" };

const ENERGY = "Energy.Active.Import.Register";

/** A case on each engine; `twin` is the controller. */
function onBoard(title: string, body: (bench: Bench, twin: OpenEvseBoardTwin) => Promise<void>): void {
  for (const engine of ENGINES) {
    it(`${title} [${engine}]`, async () => {
      const made: OpenEvseBoardTwin[] = [];
      const twins: MakeTwins = ({ evses: [evse] }, wires) => [
        (made[0] = new OpenEvseBoardTwin(evse, wires, 1)),
        WifiTwin.simulated(wires, BUTTON_PIN),
      ];
      await withBench({ station: { board: "openevse", twins, engine } }, async (bench) => {
        await bench.accepted();
        await bench.advance(31); // energy waits after a restart
        await body(bench, made[0]);
      });
    });
  }
}

interface Event {
  eventType: string;
  triggerReason: string;
  transactionInfo: { chargingState?: string; stoppedReason?: string };
  meterValue?: { sampledValue: { measurand?: string; value: number }[] }[];
}

describe("board openevse", function () {
  this.timeout(240_000);

  onBoard("charges after a card, tells what flows, and stops at the same card", async (bench) => {
    const { station } = bench;
    await bench.post("/evse/1/plug");
    await bench.post("/evse/1/ev", { draw: true, amps: 16 });
    assert.equal((await station.state()).evses[0].contactor, false, "no energy without a card");
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.advance(120);
    let [evse] = (await station.state()).evses;
    assert.deepEqual([evse.plugged, evse.pilot, evse.contactor, evse.status], [true, "C", true, "Occupied"]);
    assert.equal(evse.amps, 16);
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.advance(3);
    [evse] = (await station.state()).evses;
    assert.equal(evse.contactor, false);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    const events = bench.sent("TransactionEvent") as unknown as Event[];
    assert.equal(events[0].eventType, "Started");
    assert.ok(events.some((event) => event.transactionInfo.chargingState === "Charging"));
    const last = events[events.length - 1];
    assert.deepEqual([last.eventType, last.transactionInfo.stoppedReason], ["Ended", "Local"]);
    // Ended tells the register of the begin once more.
    const registers = events.flatMap(({ meterValue = [] }) =>
      meterValue
        .slice(-1)
        .flatMap(({ sampledValue }) =>
          sampledValue.filter(({ measurand = ENERGY }) => measurand === ENERGY).map(({ value }) => value),
        ),
    );
    assert.ok(registers.length >= 2);
    assert.deepEqual(
      registers,
      [...registers].sort((a, b) => a - b),
    );
    assert.ok(
      Math.abs(registers[registers.length - 1] - evse.meterWh) <= 3,
      `${registers[registers.length - 1]} told, ${evse.meterWh} flowed`,
    );
  });

  onBoard(
    "opens at a ground fault of the controller and reports it, and at a controller that says nothing",
    async (bench, twin) => {
      const { station } = bench;
      await bench.post("/evse/1/plug");
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/tap", CARD);
      await bench.advance(5);
      assert.equal((await station.state()).evses[0].contactor, true);
      await bench.post("/evse/1/fault", { code: "GroundFailure" });
      assert.equal((await station.state()).evses[0].contactor, false);
      await bench.settled();
      assert.equal((await station.state()).evses[0].status, "Faulted");
      const events = bench.sent("TransactionEvent") as unknown as Event[];
      assert.equal(events[events.length - 1].transactionInfo.stoppedReason, "GroundFault");
      await bench.post("/evse/1/fault", { code: null });
      await bench.advance(3);
      assert.notEqual((await station.state()).evses[0].status, "Faulted");
      twin.trouble = "silent";
      await bench.advance(8);
      assert.equal((await station.state()).evses[0].status, "Faulted");
      twin.trouble = null;
      await bench.advance(5);
      assert.notEqual((await station.state()).evses[0].status, "Faulted");
      assert.equal(twin.controller.state, STATE.Sleeping);
    },
  );

  for (const engine of ENGINES)
    it(`opens the page for its configuration when it has no network [${engine}]`, async () => {
      const radios: WifiTwin[] = [];
      const twins: MakeTwins = ({ evses: [evse] }, wires) => [
        new OpenEvseBoardTwin(evse, wires, 1),
        (radios[0] = WifiTwin.simulated(wires, BUTTON_PIN)),
      ];
      await withBench({ station: { board: "openevse", twins, engine, set: { "Board.WifiSsid": "" } } }, async (bench) => {
        await bench.advance(5);
        assert.equal(radios[0].own?.ssid, "OpenEVSE ESP32 OPENEVSE0001");
      });
    });
});
