/** The devices of board `openevse`: the safety controller, with the simulator's car at its cable, and the module's Wi-Fi. */
import type { Evse } from "../sim/hardware.ts";
import type { MakeTwins } from "./boards.ts";
import { OpenEvseTwin, STATE } from "./openevse.ts";
import type { Trouble } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import { WifiTwin } from "./wifi.ts";
import type { Wires } from "./wires.ts";

/** The controller's states for faults that the simulator's hardware is to have. */
const FAULTS: Readonly<Record<string, number>> = {
  EVCommunicationError: STATE.DiodeCheckFailed,
  GroundFailure: STATE.GfciFault,
  HighTemperature: STATE.OverTemperature,
  OverCurrentFailure: STATE.OverCurrent,
  PowerSwitchFailure: STATE.StuckRelay,
};

export class OpenEvseBoardTwin implements Twin {
  readonly name = "OpenEVSE controller";
  readonly troubles = ["noisy", "silent", "wrong checksum"] as const;
  readonly controller: OpenEvseTwin;
  /** mV that its voltmeter shows. */
  private readonly millivolts = 230_000;

  /** Polls since the firmware said something. */
  private quiet = 0;

  constructor(
    private readonly evse: Evse,
    wires: Wires,
    readonly port: number,
  ) {
    this.controller = new OpenEvseTwin((bytes) => wires.serial(port, bytes));
    this.controller.millivolts = this.millivolts;
    this.begin();
  }

  get trouble(): Trouble | null {
    const { fault } = this.controller;
    return fault === "wrong-checksum" ? "wrong checksum" : fault === "noisy" || fault === "silent" ? fault : null;
  }

  set trouble(trouble: Trouble | null) {
    this.controller.fault =
      trouble === "wrong checksum" ? "wrong-checksum" : trouble === "noisy" || trouble === "silent" ? trouble : null;
  }

  show(): void {
    const { pilot } = this.evse;
    this.controller.setCar(pilot !== "A", pilot === "C");
    this.drive();
  }

  pass(): void {
    this.quiet++;
  }

  /** One command follows another. */
  get busy(): boolean {
    return this.quiet < 3;
  }

  heard(bytes: Buffer): void {
    this.quiet = 0;
    this.controller.receive(bytes);
    this.drive();
  }

  second(): void {
    this.controller.draw = this.evse.milliamps;
    this.controller.pass(1);
  }

  fault(code: string | null): boolean {
    const state = code === null ? 0 : FAULTS[code];
    if (state === undefined) return false;
    this.controller.fail(state);
    this.drive();
    return true;
  }

  /** The station is without power: the controller too. Its counters are what the car got. */
  release(): void {
    this.begin();
    this.evse.switchContactor(false);
    this.evse.offer(0);
  }

  private begin(): void {
    this.controller.begin(this.evse.wattHours);
  }

  /** Relay and pilot as the controller has them. */
  private drive(): void {
    const { controller, evse } = this;
    evse.switchContactor(controller.relay);
    evse.offer(controller.state === STATE.Sleeping ? 0 : controller.amps * 1000);
    controller.draw = evse.milliamps;
  }
}

export const openEvse: MakeTwins = ({ evses: [evse] }, wires, board) => [
  new OpenEvseBoardTwin(evse, wires, board.RAPI_PORT),
  WifiTwin.simulated(wires, board.BUTTON_PIN),
];
