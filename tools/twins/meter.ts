/** An Eastron meter (`sdm.ts`) on the serial line of a board, between the contactor and the socket of one EVSE. */
import type { Evse } from "../sim/hardware.ts";
import { Rs485Line, SdmTwin, type SdmFault, type SdmKind } from "./sdm.ts";
import type { Sensor, Trouble } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

const FAULTS: Readonly<Partial<Record<Trouble, SdmFault>>> = {
  noisy: "babble",
  "out of range": "nan",
  silent: "silent",
  "wrong checksum": "wrong-crc",
};

export class MeterTwin implements Twin, Sensor {
  readonly name = "energy meter";
  readonly troubles = ["stuck", "noisy", "out of range", "silent", "wrong checksum"] as const;
  trouble: Trouble | null = null;
  private readonly meter: SdmTwin;
  private readonly line: Rs485Line;

  constructor(
    private readonly evse: Evse,
    private readonly wires: Wires,
    readonly port: number,
    private readonly baud: number,
    kind: SdmKind = "SDM120",
    address = 1,
  ) {
    this.meter = new SdmTwin(kind, address);
    this.line = new Rs485Line([this.meter], false);
  }

  show(): void {
    this.meter.fault = (this.trouble && FAULTS[this.trouble]) ?? null;
    if (this.trouble === "stuck") return;
    this.meter.amps = this.meter.amps.map(() => this.evse.milliamps / 1000);
    this.meter.kilowattHours = this.evse.wattHours / 1000;
  }

  heard(bytes: Buffer): void {
    this.wires.serial(this.port, this.line.request(bytes, this.baud, 0));
  }
}
