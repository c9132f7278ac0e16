/**
 * @overlay
 * Reading of a Modbus RTU energy meter: MODBUS Application Protocol V1.1b3, 6.4 (04 Read Input Registers), and MODBUS over Serial Line V1.02,
 * 6.2.2 (CRC). A value is an IEEE 754 binary32 in two registers, high word first.
 */
import { clock } from "../kernel/clock";
import { pulsePin } from "../kernel/engine/pins";
import { writeSerial } from "../kernel/engine/serial";
import { find } from "../kernel/text";
import { evses, Field } from "../station/evse";
import { meterReading } from "../station/inputs";
import { fault, Source } from "./faults";
import { LINE, METER, modbus } from "./modbus";

/** Polls of 100 ms that a meter may take for an answer. */
const ANSWER = 5;
/** Times a question is asked in vain before the next meter has its turn. */
const TRIES = 3;
/** Seconds without a good register until PowerMeterFailure. */
const METER_TIMEOUT = 10;
/** A register that rises by more between two good reads is not believed before `METER_TIMEOUT` is over, Wh. */
const STEP = 1000;
/** A pin of driver enable that there is not. */
const NONE = 255;

const enum Read {
  Voltage,
  Current,
  Power,
  Energy,
}

/** The meters of line `line` (see `LINE`) are read from the next second on. The board has opened the port. */
export function openMeters(line: string): void {
  modbus.line = line;
  modbus.seen = new Int32Array((line.length - LINE) / METER);
}

/** The line's head for serial port `port` at `baud` (1200 … 38400) and a transceiver whose driver enable is GPIO `enable` (255: it switches by itself). */
export function meterLine(port: number, baud: number, enable: number): string {
  // 8 characters of up to 11 bits, and 1 ms for the engine; the meter waits 3.5 characters before it answers.
  return String.fromCharCode(port, enable, Math.ceil(88000 / baud) + 1);
}

/** Ask for what is to be read. */
export function ask(): void {
  const line = modbus.line;
  const meter = LINE + (modbus.read >> 2) * METER;
  const register = meter + 1 + (modbus.read & 3) * 3;
  const text = line[meter] + "\x04" + line.substr(register, 2) + "\0" + String.fromCharCode(line.charCodeAt(register + 2) * 2);
  const check = crc(text);
  modbus.heard = "";
  modbus.left = ANSWER;
  modbus.tries++;
  if (line.charCodeAt(1) !== NONE) {
    pulsePin(line.charCodeAt(1), 1, line.charCodeAt(2));
  }
  writeSerial(line.charCodeAt(0), text + String.fromCharCode(check & 255, check >> 8));
}

/** CRC-16 of `text`: 0 for a frame with its right CRC. The reflected polynomial 0xA001 takes a byte at a time by its parity. */
function crc(text: string): number {
  let check = 0xffff;
  for (let i = 0; i < text.length; i++) {
    const low = (check ^ text.charCodeAt(i)) & 255;
    check = (check >> 8) ^ (low << 6) ^ (low << 7) ^ (((0x6996 >> ((low ^ (low >> 4)) & 15)) & 1) * 0xc001);
  }
  return check;
}

/** Something has come, or the time is over. */
export function answered(): void {
  const evse = modbus.read >> 2;
  const read = modbus.read & 3;
  const meter = LINE + evse * METER;
  const count = modbus.line.charCodeAt(meter + 3 + read * 3);
  // Noise of the switching line may stand before it.
  const at = find(modbus.heard, modbus.line[meter] + "\x04" + String.fromCharCode(count * 4));
  const frame = at < 0 ? "" : modbus.heard.substr(at, 5 + count * 4);
  const whole = frame.length === 5 + count * 4 && !crc(frame);
  if (!whole && modbus.left) {
    return;
  }
  const good = whole && took(evse, read, frame, count);
  modbus.left = 0;
  if (good) {
    modbus.tries = 0;
    modbus.read++;
  } else {
    const lost = clock.up - modbus.seen[evse] >= METER_TIMEOUT;
    if (lost) {
      fault(evse, Source.Meter, 1);
      evses.v[evse * Field.Size + Field.Milliamps] = 0;
    }
    // A meter that is lost takes the line's time but once a round.
    if (modbus.tries >= (lost ? 1 : TRIES)) {
      modbus.tries = 0;
      modbus.read = (modbus.read | 3) + 1;
    }
  }
  if (modbus.read >= modbus.seen.length * 4) {
    modbus.read = 0; // and rest until the next second
  } else {
    ask();
  }
}

/** Take the `count` values of `frame` for what was read; false: no meter of this station can have measured them. */
function took(evse: number, read: Read, frame: string, count: number): boolean {
  const v = evses.v;
  const at = evse * Field.Size;
  let value = 0;
  for (let i = 3; i < count * 4; i += 4) {
    const high = frame.charCodeAt(i) * 256 + frame.charCodeAt(i + 1);
    const exponent = (high >> 7) & 255;
    const size =
      exponent &&
      Math.pow(2, exponent - 150) * (((high & 127) | 128) * 65536 + frame.charCodeAt(i + 2) * 256 + frame.charCodeAt(i + 3));
    const one = high >> 15 ? -size : size;
    if (read === Read.Voltage) {
      value += one / count;
    } else if (one > value || count === 1) {
      value = one; // of the phases the one that carries most
    }
  }
  if (read === Read.Power) {
    return value > -1e6 && value < 1e6;
  }
  if (!(value >= 0 && value < (read === Read.Energy ? 2e6 : 1000))) {
    return false;
  }
  value = Math.floor(value * 1000 + 0.5);
  if (read === Read.Voltage) {
    v[at + Field.Millivolts] = value;
  } else if (read === Read.Current) {
    v[at + Field.Milliamps] = value;
  } else {
    const last = v[at + Field.WattHours];
    if (value < last || (last && value > last + STEP && clock.up - modbus.seen[evse] < METER_TIMEOUT)) {
      return false;
    }
    if (clock.up - modbus.seen[evse] >= METER_TIMEOUT) {
      fault(evse, Source.Meter, 0);
    }
    modbus.seen[evse] = clock.up;
    meterReading(evse, value, v[at + Field.Milliamps], v[at + Field.Millivolts]);
  }
  return true;
}
