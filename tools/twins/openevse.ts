/**
 * OpenEVSE's safety controller: RAPI as firmware/open_evse/rapi_proc.h of github.com/lincomatic/open_evse documents it, the states of
 * J1772EvseController.h, energy counters that the EEPROM gets when the car goes; and the ways in which it can fail.
 */

/** EVSE_STATE_… */
export const STATE = {
  A: 1,
  B: 2,
  C: 3,
  VentRequired: 4,
  DiodeCheckFailed: 5,
  GfciFault: 6,
  NoGround: 7,
  StuckRelay: 8,
  GfiTestFailed: 9,
  OverTemperature: 10,
  OverCurrent: 11,
  RelayClosureFault: 14,
  Sleeping: 0xfe,
  Disabled: 0xff,
} as const;

const EV_CONNECTED = 0x100;
const CHARGING_ON = 0x40;
const BUFFER = 32;
const LEAST_AMPS = 6;

export type OpenEvseFault = "silent" | "wrong-checksum" | "refuses" | "stale" | "noisy" | "old" | "unmetered";

/** `^` and the XOR of all characters before it, two digits. */
export function rapiLine(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i);
  return `${text}^${sum.toString(16).toUpperCase().padStart(2, "0")}\r`;
}

export class OpenEvseTwin {
  fault: OpenEvseFault | null = null;
  /** Commands that it took, without ids. */
  readonly commands: string[] = [];
  /** Most amps that its EEPROM allows. */
  mostAmps = 32;
  /** Current that its pilot offers, A. */
  amps = 32;
  millivolts = 240_000;
  /** What the car draws with the relay closed, mA, up to the pilot's current. */
  draw = 16_000;
  /** Heartbeat supervision: seconds, A; and whether a beat was missed. */
  heartbeat = { seconds: 0, amps: 0, missed: 0, since: 0 };
  /** EEPROM: total, Wh. */
  total = 0;
  private session = 0;
  private inSession = false;
  private car = false;
  private wants = false;
  private asleep = false;
  private failure = 0;
  private input = "";
  private told = "";
  private lastAnswer = "";

  constructor(private readonly say: (bytes: Buffer) => void) {}

  /** EVSE state. */
  get state(): number {
    if (this.asleep) return STATE.Sleeping;
    return this.failure || this.pilotState;
  }

  get relay(): boolean {
    return this.state === STATE.C;
  }

  /** What flows, mA. */
  get milliamps(): number {
    return this.relay ? Math.min(this.draw, this.amps * 1000) : 0;
  }

  /** Register as its maker means it, Wh. */
  get wattHours(): number {
    return this.total + (this.inSession ? Math.floor(this.session / 3600) : 0);
  }

  /** The car at the cable: none, there, there and asking for energy. */
  setCar(car: boolean, wants: boolean): void {
    if (car && !this.car) {
      this.session = 0;
      this.inSession = true;
    } else if (!car && this.car) {
      this.inSession = false;
      this.total += Math.floor(this.session / 3600);
    }
    this.car = car;
    this.wants = car && wants;
    this.changed();
  }

  /** A fault state, 0 for none. */
  fail(state: number): void {
    this.failure = state;
    this.changed();
  }

  /** Its front button, or a timer, puts it to sleep or wakes it. */
  press(asleep: boolean): void {
    this.asleep = asleep;
    this.changed();
  }

  /** It loses its power and comes back: the session's counter is gone, it is awake. */
  restart(): void {
    this.session = 0;
    this.inSession = this.car;
    this.asleep = false;
    this.amps = this.mostAmps;
    this.input = "";
    this.heartbeat.missed = 0;
    this.told = "";
    this.send("$AB 00 8.2.1");
    this.changed();
  }

  /** Seconds pass. */
  pass(seconds: number): void {
    this.session += Math.round((this.milliamps * this.millivolts * seconds) / 1_000_000);
    const beat = this.heartbeat;
    beat.since += seconds;
    if (beat.seconds > 0 && beat.since > beat.seconds) {
      beat.since = 0;
      beat.missed = 2;
      if (beat.amps < this.amps) this.amps = Math.max(beat.amps, LEAST_AMPS);
    }
  }

  /** As after power-up, with `total` Wh in its EEPROM, and nobody to hear of it. */
  begin(total: number): void {
    this.total = total;
    this.session = 0;
    this.inSession = this.car;
    this.asleep = false;
    this.amps = this.mostAmps;
    this.input = "";
  }

  receive(bytes: Uint8Array): void {
    for (const char of Buffer.from(bytes).toString("latin1")) {
      if (char === "$") this.input = "$";
      else if (char !== "\r") this.input += char;
      if (this.input.length > BUFFER) this.input = "";
      if (char === "\r" && this.input.startsWith("$")) {
        const line = this.input;
        this.input = "";
        this.line(line);
      }
    }
  }

  private line(line: string): void {
    if (this.fault === "silent") return;
    const hat = line.indexOf("^");
    if (hat < 0 || rapiLine(line.slice(0, hat)) !== `${line.slice(0, hat + 3)}\r`) return this.send("$NK");
    const words = line.slice(1, hat).split(" ");
    const id = words[words.length - 1].startsWith(":") ? words.pop()! : "";
    this.commands.push(words.join(" "));
    const answer = this.fault === "refuses" ? "$NK" : this.command(words);
    const text = id && this.fault !== "old" ? `${answer} ${id}` : answer;
    if (this.fault === "stale" && this.lastAnswer) this.send(this.lastAnswer);
    else this.send(text);
    this.lastAnswer = text;
    this.changed();
  }

  private command([command, first, second]: string[]): string {
    const beat = this.heartbeat;
    switch (command) {
      case "GS":
        return this.fault === "old"
          ? `$OK ${hex(this.state)} 0`
          : `$OK ${hex(this.state)} 12 ${hex(this.pilotState)} ${this.flags}`;
      case "GG":
        return `$OK ${this.fault === "unmetered" ? "-1 -1" : `${this.milliamps} ${this.millivolts}`}`;
      case "GU":
        return this.fault === "unmetered" ? "$NK" : `$OK ${this.session} ${this.total}`;
      case "GV":
        return "$OK 8.2.1 5.2.1";
      case "FE":
        this.asleep = false;
        return "$OK";
      case "FS":
        this.asleep = true;
        return "$OK";
      case "SK":
        this.total = Number(first);
        return "$OK";
      case "SC": {
        const wanted = Number(first);
        this.amps = Math.min(Math.max(wanted, LEAST_AMPS), this.mostAmps);
        if (second !== "V") this.mostAmps = this.amps;
        return `$${this.amps === wanted ? "OK" : "NK"} ${this.amps}`;
      }
      case "SY": {
        let ok = beat.missed < 2;
        if (second !== undefined) {
          this.heartbeat = { seconds: Number(first), amps: Number(second), missed: 0, since: 0 };
          ok = true;
        } else if (first === "165") {
          beat.missed = Math.min(beat.missed, 1);
          this.amps = this.mostAmps;
          ok = true;
        } else beat.since = 0;
        return `$${ok ? "OK" : "NK"} ${this.heartbeat.seconds} ${this.heartbeat.amps} ${this.heartbeat.missed}`;
      }
      default:
        return "$NK";
    }
  }

  private get pilotState(): number {
    return !this.car ? STATE.A : this.wants ? STATE.C : STATE.B;
  }

  private get flags(): string {
    return hex((this.car ? EV_CONNECTED : 0) | (this.relay ? CHARGING_ON : 0) | 0x200, 4);
  }

  /** It tells of its own accord what has changed. */
  private changed(): void {
    if (this.fault === "silent") return;
    const text = `$AT ${hex(this.state)} ${hex(this.pilotState)} ${this.amps} ${this.flags}`;
    if (text === this.told) return;
    this.told = text;
    if (this.fault !== "old") this.send(text);
  }

  private send(text: string): void {
    const line = rapiLine(text);
    if (this.fault === "wrong-checksum") this.say(Buffer.from(line.replace("^", "x^"), "latin1"));
    else if (this.fault === "noisy") this.say(Buffer.from(`\xff$O${line}\n`, "latin1"));
    else this.say(Buffer.from(line, "latin1"));
  }
}

function hex(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, "0");
}
