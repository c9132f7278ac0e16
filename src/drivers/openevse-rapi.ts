/**
 * @overlay
 * RAPI: `$cc p p :ss^xx\r`, `xx` the XOR of all characters before the `^`, `ss` an id that the answer `$OK …` or `$NK …` repeats. In between the
 * controller says what has happened: `$AT state pilot amps flags`, `$AB` at its start, `$ST state` of old firmware. Numbers are decimal
 * but states, flags and ids.
 */
import { writeSerial } from "../kernel/engine/serial";
import { evses, Field, Pilot } from "../station/evse";
import { input, meterReading } from "../station/inputs";
import { fault, Source } from "./faults";
import { CYCLE, rapi } from "./openevse";

/** Polls of 100 ms that an answer may take. */
const ANSWER = 5;
/** Questions in a row without a good answer until InternalError. */
const LOST = 5;
/** Lowest current of a pilot, mA. */
const LEAST = 6000;
/** Seconds without a sign of life until the controller falls back, and to how many A. */
const HEARTBEAT = "SY 10 6";
/** It has missed some, and wants to be told that this is known: 0xA5. */
const HEARTBEAT_SEEN = "SY 165";

/** EVSE_STATE_…: 1 to 3 are A to C, then faults, and these. */
const enum State {
  Unknown,
  C = 3,
  Sleeping = 0xfe,
  Disabled = 0xff,
}
/** Source of the fault of each state from 4 (vent required, which the pilot tells) to 14, as a letter from A. */
const FAULTS_OF = "-IAABAEDIEC";
/** ECVF_EV_CONNECTED, ECVF_BOOT_LOCK. */
const EV_CONNECTED = 0x100;
const BOOT_LOCK = 0x4000;

/** The controller is at serial port `port`, which the board has opened. */
export function openController(port: number): void {
  rapi.port = port;
  ask(HEARTBEAT);
}

/** Exclusive or of the characters of `text`, four at a time. */
function check(text: string): number {
  const words = new Uint32Array(E.toUint8Array(text + "\0\0\0".substr(0, -text.length & 3)).buffer);
  let sum = 0;
  for (let i = 0; i < words.length; i++) {
    sum ^= words[i];
  }
  sum ^= sum >> 16;
  return (sum ^ (sum >> 8)) & 255;
}

/** `n` (0 … 255) as two hexadecimal digits. */
function hex(n: number): string {
  return "0123456789ABCDEF"[n >> 4] + "0123456789ABCDEF"[n & 15];
}

/** Send a command. */
function ask(command: string): void {
  rapi.asked = command;
  rapi.sequence = (rapi.sequence & 127) + 1;
  rapi.left = ANSWER;
  const text = "$" + command + " :" + hex(rapi.sequence);
  const sum = check(text);
  writeSerial(rapi.port, text + "^" + hex(sum) + "\r");
}

/** Ask for what is wanted most. */
export function next(): void {
  const limit = evses.v[Field.Limit];
  const state = rapi.state & 255;
  const amps = Math.floor(limit / 1000);
  if (rapi.may && state && limit < LEAST && (state <= State.C || state === State.Disabled)) {
    rapi.may = 0;
    ask("FS");
  } else if (rapi.mend) {
    rapi.mend = 0;
    ask("SK " + rapi.total);
  } else if (limit >= LEAST && rapi.amps !== amps && state) {
    ask("SC " + amps + " V");
  } else if (rapi.may && limit >= LEAST && state >= State.Sleeping) {
    rapi.may = 0;
    ask("FE");
  } else if (rapi.cycle < CYCLE.length) {
    rapi.cycle += 2;
    ask(CYCLE.substr(rapi.cycle - 2, 2));
  } else {
    rapi.may = 0;
  }
}

/** Whole lines have come. */
export function lines(): void {
  let end = rapi.heard.indexOf("\r");
  while (end >= 0) {
    const line = rapi.heard.substr(0, end);
    rapi.heard = rapi.heard.substr(end + 1);
    const start = line.lastIndexOf("$");
    const text = line.substr(start, end - start - 3);
    if (start >= 0 && line[end - 3] === "^" && parseInt(line.substr(end - 2), 16) === check(text)) {
      heard(text.substr(1).split(" "));
    }
    end = rapi.heard.indexOf("\r");
  }
  if (!rapi.left) {
    next();
  }
}

/** The words of a line. */
function heard(words: string[]): void {
  const word = words[0];
  const last = words[words.length - 1];
  if (word === "OK" || word === "NK") {
    // Only the answer to what is asked: the one to a question whose time is over may come late.
    if (rapi.left && (last[0] !== ":" || parseInt(last.substr(1), 16) === rapi.sequence)) {
      rapi.left = 0;
      if (rapi.lost >= LOST) {
        fault(0, Source.Board, 0);
      }
      rapi.lost = 0;
      answered(word === "OK", words);
    }
  } else if (word === "AT") {
    if (parseInt(words[3]) !== rapi.given) {
      rapi.amps = 0; // it has changed its current by itself
    }
    rapi.may = 1;
    state(parseInt(words[1], 16), parseInt(words[2], 16), parseInt(words[4], 16));
  } else if (word === "AB" || word === "ST") {
    // It has started anew, or something has changed.
    rapi.amps = rapi.cycle = 0;
    rapi.may = 1;
  }
}

/** The answer to `rapi.asked`; `ok` false: it was refused. */
function answered(ok: boolean, words: string[]): void {
  const command = rapi.asked.substr(0, 2);
  const first = parseInt(words[1]);
  const second = parseInt(words[2]);
  if (command === "GS") {
    state(parseInt(words[1], 16), parseInt(words[3], 16), parseInt(words[4], 16));
  } else if (command === "GG") {
    evses.v[Field.Milliamps] = first > 0 ? first : 0;
    if (second > 0) {
      evses.v[Field.Millivolts] = second;
    }
  } else if (command === "GU") {
    energy(first, second);
  } else if (command === "SC") {
    // What is beyond its own limits it has cut.
    rapi.amps = parseInt(rapi.asked.substr(3));
    rapi.given = first;
  } else if (command === "FE" || command === "FS") {
    rapi.state = rapi.cycle = 0;
  } else if (command === "SY" && parseInt(words[3]) === 2 && rapi.asked !== HEARTBEAT_SEEN) {
    rapi.amps = 0;
    ask(HEARTBEAT_SEEN);
  } else if (command === "SY" && ok && !first) {
    ask(HEARTBEAT);
  }
}

/** State of the controller and of the pilot, and the controller's flags. */
function state(evse: number, pilot: number, flags: number): void {
  if (!evse) {
    return; // between two states
  }
  const known = pilot >= 0 && flags >= 0;
  if (!known || !rapi.state) {
    fault(0, Source.Board, known ? 0 : 1);
  }
  if (!known) {
    rapi.state = 0;
    return;
  }
  const car = flags & EV_CONNECTED ? 1 : 0;
  const before = rapi.state;
  rapi.state = (car * 256 + (pilot & 15)) * 256 + evse;
  if (flags & BOOT_LOCK) {
    ask("SB");
  }
  if (rapi.state !== before) {
    const source = evse > State.C && evse < 15 ? FAULTS_OF.charCodeAt(evse - 4) - 65 : -1;
    for (let i = Source.Rcd as number; i <= Source.Pilot; i++) {
      fault(0, i, i === source ? 1 : 0);
    }
    input(0, Field.Plug, car);
    input(0, Field.Pilot, !car ? Pilot.A : pilot === 3 ? Pilot.C : pilot === 4 ? Pilot.D : Pilot.B);
  }
}

/**
 * The energy counters: `session` W·s since the car came, which is in `total` Wh once it has gone, and is lost when the controller is without
 * power; then the total is set to what it was here.
 */
function energy(session: number, total: number): void {
  const known = session >= 0 && total >= 0;
  if (!known || rapi.total < 0) {
    fault(0, Source.Meter, known ? 0 : 1);
  }
  if (!known) {
    rapi.total = -1;
    return;
  }
  if (total !== rapi.total) {
    rapi.counted = rapi.total < 0 && rapi.state & 65536 ? 0 : session;
    rapi.total = total;
  } else if (session < rapi.counted) {
    rapi.counted = 0;
  }
  const more = Math.floor((session - rapi.counted) / 3600);
  const last = evses.v[Field.WattHours];
  if (total + more < last) {
    rapi.total = last - more;
    rapi.mend = 1;
  }
  meterReading(0, rapi.total + more, evses.v[Field.Milliamps], evses.v[Field.Millivolts]);
}

/** Nothing has come. */
export function silent(): void {
  rapi.may = 1;
  if (++rapi.lost === LOST) {
    rapi.state = rapi.amps = 0;
    rapi.cycle = 0;
    fault(0, Source.Board, 1);
    evses.v[Field.Milliamps] = 0;
  }
}
