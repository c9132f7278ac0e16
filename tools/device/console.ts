/**
 * The console of an engine as something to ask. A line may lose characters on its way (a serial port without flow control does that), and half an order to
 * write flash would be worse than none: each is sent with its CRC-32 to a function that evaluates only what is whole, answers with a CRC-32, and
 * may be given the same again. Lines begin with DLE, so the engine neither echoes them nor keeps them among the typed ones.
 */
import { crc32 } from "node:zlib";
import { UsageError } from "../sim/engine.ts";
import { openPort, type Port } from "./port.ts";

const NO_ECHO = "\x10";
/** An engine does not answer while it connects somewhere. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 3_000;
/** Nor while it begins to: opening a serial port may have started the board anew. */
const FIRST_MS = 12_000;
const FIRST_AGAIN_MS = 1_500;

/** So many lines in a row do not lose the same. */
const UNKNOWN = 3;

/** Takes number, CRC-32 and text of an order. Its name is longer than any of the firmware's. */
const GUARD =
  'TOOL=function(n,c,s){var k="=";try{if(E.CRC32(s)!=c)return;s=""+eval(s)}catch(e){k="!";s=""+e}print("~"+n+k+s+"~"+E.CRC32(s)+"~")}';
/** Makes it, if all of it has come. */
const MAKE_GUARD = `(function(s){if(E.CRC32(s)==${crc32(Buffer.from(GUARD))})eval(s)})(${JSON.stringify(GUARD)})`;

/** What the engine threw. */
export class DeviceError extends Error {}

/** The device did not answer in time, or is gone. */
export class Silence extends Error {}

export class DeviceConsole {
  private text = "";
  private asked = 0;
  private changed: (() => void) | null = null;
  private isGone = false;
  private isOpen = false;

  private constructor(
    readonly port: Port,
    private readonly again: number,
  ) {
    port.onData((text) => {
      // Flow control of the engine's serial port.
      this.text = (this.text + text.replaceAll(/[\x11\x13]/g, "")).slice(-20_000);
      this.changed?.();
    });
    port.onClosed(() => {
      this.isGone = true;
      this.changed?.();
    });
  }

  /** Opens the port and makes sure that an engine answers. `again`: ms after which a line is said again. */
  static async open(name: string, again = AGAIN_MS): Promise<DeviceConsole> {
    const device = new DeviceConsole(await openPort(name), again);
    try {
      // The empty line ends whatever somebody has begun to type.
      await device.exchange(`\n${NO_ECHO}${MAKE_GUARD}\n${device.lineOf('"TOOL"')}`, FIRST_MS, Math.min(again, FIRST_AGAIN_MS));
      device.isOpen = true;
      return device;
    } catch (error) {
      device.close();
      if (error instanceof Silence)
        throw new UsageError(`--port ${name}: no Espruino console answers there; docs/FLASHING.md tells which boards have none.`);
      throw error;
    }
  }

  /** The value of an expression, as text; throws `DeviceError` for what it throws, `Silence` when there is no answer. It may be evaluated twice. */
  ask(expression: string): Promise<string> {
    return this.exchange(this.lineOf(expression), PATIENCE_MS, this.again);
  }

  close(): void {
    this.port.close();
  }

  private lineOf(expression: string): string {
    const order = `${++this.asked},${crc32(Buffer.from(expression, "latin1"))},${JSON.stringify(expression)}`;
    // An exception would be a fault to the firmware.
    return `${NO_ECHO}typeof TOOL=="function"?TOOL(${order}):print("~${this.asked}#~")\n`;
  }

  private async exchange(lines: string, patience: number, again: number): Promise<string> {
    const number = this.asked;
    const late = Date.now() + patience;
    this.text = "";
    for (let unknown = 0; ;) {
      this.port.write(lines);
      const answer = await this.answer(number, unknown, Math.min(late, Date.now() + again));
      if (answer !== undefined) return answer;
      unknown = this.unknown(number);
      if (this.isOpen && unknown >= UNKNOWN) throw new Silence("the device has started anew meanwhile");
      if (this.isGone) throw new Silence("the connection to the device has closed");
      if (Date.now() >= late) throw new Silence("the device does not answer");
    }
  }

  /** How often the device has said that it does not know the function: once may be a line that lost a character. */
  private unknown(number: number): number {
    return this.text.split(`~${number}#~`).length - 1;
  }

  /** Undefined when there is none until `late`, or a broken one, or the device has said more than `unknown` times that it does not know how. */
  private async answer(number: number, unknown: number, late: number): Promise<string | undefined> {
    const pattern = new RegExp(`~${number}([=!])([^~]*)~(\\d+)~`);
    for (;;) {
      const [, kind, value, crc] = pattern.exec(this.text) ?? [];
      if (kind !== undefined && crc32(Buffer.from(value, "latin1")) === Number(crc)) {
        if (kind === "!") throw new DeviceError(value);
        return value;
      }
      if (this.isOpen && this.unknown(number) > unknown) return undefined;
      if (this.isGone || Date.now() >= late) return undefined;
      await this.moreText(late - Date.now());
    }
  }

  private moreText(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
