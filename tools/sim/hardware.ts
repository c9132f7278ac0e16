/**
 * The charger's hardware and the car at it, EVSE by EVSE: cable, control pilot (IEC 61851-1 states A to C), socket lock with
 * position feedback, contactor, meter (one phase, 230 V). Inputs of the firmware are lines of the link; its outputs come
 * back as one. The model stays as it is while the power is off.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { UsageError } from "./engine.ts";

/** Fault codes of the hardware: ChargePointErrorCode of OCPP 1.6, 7.7, without NoError. */
export const FAULT_CODES = [
  "ConnectorLockFailure",
  "EVCommunicationError",
  "GroundFailure",
  "HighTemperature",
  "InternalError",
  "LocalListConflict",
  "OtherError",
  "OverCurrentFailure",
  "OverVoltage",
  "PowerMeterFailure",
  "PowerSwitchFailure",
  "ReaderFailure",
  "ResetFailure",
  "UnderVoltage",
  "WeakSignal",
];

const MILLIVOLTS = 230_000;
const DEFAULT_AMPS = 16;
/** mW·s in a Wh. */
const WATT_HOUR = 3_600_000;

/** What one EVSE keeps over a restart of the simulator. */
interface EvseRecord {
  inSocket: boolean;
  inCar: boolean;
  draw: boolean;
  amps: number;
  fault: string | null;
  lockFails: boolean;
  locked: boolean;
  energy: number;
}

/** The part of `GET /state` that the hardware knows. */
export interface EvseHardwareState {
  plugged: boolean;
  pilot: string;
  contactor: boolean;
  locked: boolean;
  limitAmps: number;
  amps: number;
  meterWh: number;
}

export class Evse {
  /** Cable plugged into the socket; always true for a fixed cable. */
  private inSocket: boolean;
  /** The car takes what it wants, whatever it is offered. */
  isGreedy = false;
  private inCar = false;
  private draw = false;
  private amps = DEFAULT_AMPS;
  private fault: string | null = null;
  /** The lock's motor is stuck: its position stays as it is, so an open lock never reports locked. */
  private lockFails = false;
  private locked = false;
  /** The plug was torn out of the closed lock, which stays open until the firmware opens it. */
  private torn = false;
  private contactor = false;
  private lockWanted = false;
  /** Offered to the car, mA. */
  private limit = 0;
  /** Delivered, mW·s. */
  private energy = 0;
  private lastMeter = "";

  constructor(
    readonly id: number,
    readonly fixed: boolean,
  ) {
    this.inSocket = fixed;
  }

  /** Every input of the firmware, for its start. */
  lines(): string[] {
    this.lastMeter = this.meterLine();
    return [this.cableLine(), this.pilotLine(), this.lockLine(), this.faultLine(), this.lastMeter];
  }

  /** The meter's line, when it has changed since it was last asked for. */
  meterLines(): string[] {
    const line = this.meterLine();
    if (line === this.lastMeter) return [];
    this.lastMeter = line;
    return [line];
  }

  plug(): string[] {
    return this.changed(() => {
      this.inSocket = true;
      this.inCar = true;
    });
  }

  get isLocked(): boolean {
    return this.locked;
  }

  /** The cable leaves car and socket; a closed lock is torn open. */
  unplug(): string[] {
    return this.changed(() => {
      if (this.locked) this.torn = true;
      this.locked = false;
      this.inSocket = this.fixed;
      this.inCar = false;
      this.draw = false;
    });
  }

  /** The cable leaves the car only. */
  unplugCar(): string[] {
    return this.changed(() => {
      this.inCar = false;
      this.draw = false;
    });
  }

  /** The car, or the next one that comes, asks for `amps` or for nothing. */
  askEnergy(draw: boolean, amps: number | undefined): string[] {
    return this.changed(() => {
      this.draw = draw;
      if (draw) this.amps = amps ?? DEFAULT_AMPS;
      else if (amps !== undefined) this.amps = amps;
    });
  }

  setFault(code: string | null): string[] {
    return this.changed(() => (this.fault = code));
  }

  failLock(fail: boolean): string[] {
    return this.changed(() => {
      this.lockFails = fail;
      this.moveLock();
    });
  }

  /** The firmware sets its outputs; the lock's feedback comes back as a line when it moves. */
  drive(contactor: boolean, lockWanted: boolean, limit: number): string[] {
    return this.changed(() => {
      this.contactor = contactor;
      this.lockWanted = lockWanted;
      this.limit = limit;
      if (!lockWanted) this.torn = false;
      this.moveLock();
    });
  }

  /** The main contacts close or open. */
  switchContactor(closed: boolean): void {
    this.contactor = closed;
  }

  /** The pilot offers `limit` mA. */
  offer(limit: number): void {
    this.limit = limit;
  }

  /** The lock's motor has run its way. */
  runLock(close: boolean): void {
    this.lockWanted = close;
    if (!close) this.torn = false;
    this.moveLock();
  }

  /** A bolt that a plug was torn out of moves again when the socket is empty. */
  freeLock(): void {
    if (!this.inSocket) this.torn = false;
  }

  /** No firmware drives the outputs: the contactor falls open, the pilot offers nothing, the lock stays where it is. */
  release(): void {
    this.contactor = false;
    this.limit = 0;
  }

  /** `seconds` pass. */
  pass(seconds: number): void {
    this.energy += Math.round((MILLIVOLTS * this.milliamps) / 1000) * seconds;
  }

  state(): EvseHardwareState {
    return {
      plugged: this.plugged,
      pilot: this.pilot,
      contactor: this.contactor,
      locked: this.locked,
      limitAmps: this.limit / 1000,
      amps: this.milliamps / 1000,
      meterWh: this.wattHours,
    };
  }

  record(): EvseRecord {
    const { inSocket, inCar, draw, amps, fault, lockFails, locked, energy } = this;
    return { inSocket, inCar, draw, amps, fault, lockFails, locked, energy };
  }

  restore(record: EvseRecord): void {
    this.inSocket = this.fixed || record.inSocket === true;
    this.inCar = record.inCar === true;
    this.draw = record.draw === true;
    this.amps = Number(record.amps);
    this.fault = record.fault !== null && FAULT_CODES.includes(record.fault) ? record.fault : null;
    this.lockFails = record.lockFails === true;
    this.locked = !this.fixed && record.locked === true;
    this.energy = Number(record.energy);
  }

  /** A cable is in the socket. */
  get hasCable(): boolean {
    return this.inSocket;
  }

  get isClosed(): boolean {
    return this.contactor;
  }

  private get plugged(): boolean {
    return this.fixed ? this.inCar : this.inSocket;
  }

  /** What the car's side of the control pilot asks for: A, B or C. */
  get pilot(): string {
    return !this.inCar ? "A" : this.draw ? "C" : "B";
  }

  /** What the car draws, mA. */
  get milliamps(): number {
    return this.contactor && this.pilot === "C"
      ? Math.min(Math.round(this.amps * 1000), this.isGreedy ? Infinity : this.limit)
      : 0;
  }

  /** The register. */
  get wattHours(): number {
    return Math.floor(this.energy / WATT_HOUR);
  }

  private moveLock(): void {
    if (!this.fixed && !this.lockFails && !this.torn) this.locked = this.lockWanted;
  }

  /** The lines of the inputs that `change` changed. */
  private changed(change: () => void): string[] {
    const before = this.inputs();
    change();
    return this.inputs().filter((line, i) => line !== before[i]);
  }

  private inputs(): string[] {
    return [this.cableLine(), this.pilotLine(), this.lockLine(), this.faultLine()];
  }

  private cableLine(): string {
    return `C${this.id}${this.plugged ? 1 : 0}`;
  }

  private pilotLine(): string {
    return `P${this.id}${this.pilot}`;
  }

  private lockLine(): string {
    return `L${this.id}${this.locked ? 1 : 0}`;
  }

  /** Its fault, an empty one for none. */
  faultLine(): string {
    return `F${this.id}${this.fault ?? ""}`;
  }

  private meterLine(): string {
    return `M${this.id},${this.wattHours},${this.milliamps},${MILLIVOLTS}`;
  }
}

/** All EVSEs of a station, kept in a JSON file when there is one. */
export class Hardware {
  readonly evses: Evse[];
  private written = "";

  constructor(
    count: number,
    fixedCable: boolean,
    private readonly path: string | null = null,
  ) {
    this.evses = Array.from({ length: count }, (_, i) => new Evse(i + 1, fixedCable));
  }

  /** Takes the hardware as the file has it; a missing file leaves it as new. */
  load(): void {
    if (this.path === null) return;
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch {
      return;
    }
    try {
      const records = (JSON.parse(text) as { evses: EvseRecord[] }).evses;
      for (const evse of this.evses) if (records[evse.id - 1]) evse.restore(records[evse.id - 1]);
    } catch {
      throw new UsageError(`${this.path} does not hold the state of a station's hardware; remove it to begin with a new one.`);
    }
  }

  /** Writes the file when something has changed. */
  save(): void {
    if (this.path === null) return;
    const text = JSON.stringify({ evses: this.evses.map((evse) => evse.record()) }) + "\n";
    if (text === this.written) return;
    writeFileSync(this.path + ".new", text);
    renameSync(this.path + ".new", this.path);
    this.written = text;
  }

  release(): void {
    for (const evse of this.evses) evse.release();
  }

  pass(seconds: number): void {
    for (const evse of this.evses) evse.pass(seconds);
  }
}
