/** A station on the twins of board esp32-devkit, for tests of its drivers and safety rules. */
import assert from "node:assert/strict";
import type { Evse } from "../../tools/sim/hardware.ts";
import { ContactorTwin } from "../../tools/twins/contactor.ts";
import { ControlPilotTwin } from "../../tools/twins/control-pilot.ts";
import { MeterTwin } from "../../tools/twins/meter.ts";
import { ProximityTwin } from "../../tools/twins/proximity.ts";
import { RcdTwin } from "../../tools/twins/rcd.ts";
import { ReaderTwin } from "../../tools/twins/reader.ts";
import type { Sensor } from "../../tools/twins/sensor.ts";
import { SocketLockTwin } from "../../tools/twins/socket-lock.ts";
import { ThermistorTwin } from "../../tools/twins/thermistor.ts";
import type { TwinWiring } from "../../tools/twins/twin-wiring.ts";
import { hasEspruino, withBench, type Bench, type BenchOptions } from "../scenario/harness.ts";

export const BOARD = "esp32-devkit";
export const CARD = { idToken: "04A1B2C3", type: "ISO14443" };

export interface Rig {
  bench: Bench;
  wiring: TwinWiring;
  pilot: ControlPilotTwin;
  proximity: ProximityTwin;
  lock: SocketLockTwin;
  contactor: ContactorTwin;
  rcd: RcdTwin;
  /** Every input that can go wrong. */
  sensors: readonly Sensor[];
  /** Car and cable. */
  evse: Evse;
  /** The main contacts. */
  isClosed(): Promise<boolean>;
  /** Cable, card, car: energy flows. */
  charge(amps?: number): Promise<void>;
  /** Nothing but the calls of `poll` moves the time of the drivers. */
  still(): void;
  poll(count: number): Promise<void>;
  /** Connector status that the CSMS was told last, with its error code in 1.6. */
  status(): string;
}

/** The rig on one engine. */
export async function withRig(options: BenchOptions, body: (rig: Rig) => Promise<void>): Promise<void> {
  let wiring: TwinWiring | undefined;
  const station = { ...options.station, board: BOARD, wired: (made: unknown) => void (wiring = made as TwinWiring) };
  await withBench({ ...options, station }, async (bench) => {
    await bench.accepted();
    await body(makeRig(bench, wiring!));
  });
}

function sensorsOf(wiring: TwinWiring): Sensor[] {
  const pilot = wiring.twin(ControlPilotTwin);
  return [
    pilot.high,
    pilot.low,
    wiring.twin(ProximityTwin).input,
    wiring.twin(SocketLockTwin).feedback,
    wiring.twin(ContactorTwin).feedback,
    wiring.twin(RcdTwin).contact,
    wiring.twin(ThermistorTwin).input,
    wiring.twin(MeterTwin),
    wiring.twin(ReaderTwin),
  ];
}

function makeRig(bench: Bench, wiring: TwinWiring): Rig {
  const rig: Rig = {
    bench,
    wiring,
    pilot: wiring.twin(ControlPilotTwin),
    proximity: wiring.twin(ProximityTwin),
    lock: wiring.twin(SocketLockTwin),
    contactor: wiring.twin(ContactorTwin),
    rcd: wiring.twin(RcdTwin),
    sensors: sensorsOf(wiring),
    evse: wiring.twin(ControlPilotTwin).evse,
    isClosed: async () => (await bench.station.state()).evses[0].contactor,
    charge: async (amps = 16) => {
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await bench.settled();
      await bench.post("/evse/1/ev", { draw: true, amps });
      await bench.advance(2);
      assert.equal(await rig.isClosed(), true, "the contactor closes for an accepted card and a car in state C");
    },
    still: () => (wiring.isManual = true),
    poll: (count) => wiring.poll(count),
    status: () => {
      const [last] = bench
        .sent("StatusNotification")
        .filter((s) => s.evseId === 1 || s.connectorId === 1)
        .slice(-1);
      return last.connectorStatus ? String(last.connectorStatus) : `${String(last.status)} ${String(last.errorCode)}`;
    },
  };
  return rig;
}

/** A case on each engine, as `scenario`. */
export function onTwins(title: string, options: BenchOptions, body: (rig: Rig) => Promise<void>): void {
  it(`${title} [node]`, async function () {
    this.timeout(120_000);
    await withRig({ ...options, station: { ...options.station, engine: "node" } }, body);
  });
  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`${title} [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(240_000);
    await withRig({ ...options, station: { ...options.station, engine: "espruino" } }, body);
  });
}
