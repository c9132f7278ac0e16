/**
 * @overlay
 * Frames and commands of the PN532 ("PN532 User Manual" UM0701-02 Rev. 02): 6.2.1.1 normal information frame, 6.2.1.3 ACK frame, 6.2.1.5
 * error frame, 6.2.3 HSU, 6.2.4 I2C; 7.2.10 SAMConfiguration, 7.3.1 RFConfiguration, 7.3.5 InListPassiveTarget.
 */
import { pulsePin } from "../kernel/engine/pins";
import { readI2c, writeI2c } from "../kernel/engine/i2c";
import { writeSerial } from "../kernel/engine/serial";
import { find } from "../kernel/text";
import { card } from "../station/authorize";
import { evses, Field } from "../station/evse";
import { fault, Source } from "./faults";
import { pn532 } from "./pn532";

/** TFI of frames from the host to the PN532, and back: 6.2.1.1. */
const TO_READER = "\xd4";
const FROM_READER = "\xd5";
/**
 * Commands in turn, each behind its length: SAMConfiguration (normal mode), RFConfiguration (MaxRetries: the passive activation is tried
 * three times), then for ever InListPassiveTarget (one target, 106 kbit/s type A) and RFConfiguration (field off, so that every card
 * begins anew).
 */
const COMMANDS = "\x03\x14\x01\x00\x05\x32\x05\xff\x01\x02\x03\x4a\x01\x00\x03\x32\x01\x00";
/** Place of InListPassiveTarget in them, and their end. */
const LOOK = 10;
const END = 18;

const ACK = "\x00\x00\xff\x00\xff\x00";
/** Wakes the reader behind a serial port: 6.3.2.3. */
const WAKE = "\x55\x55\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
/** 7 bits. */
const I2C_ADDRESS = 0x24;
/** The longest answer to one of the commands, with a status byte: a target with a UID of 10 bytes and an ATS of 20. */
const LONGEST = 48;

/** Seconds begun that a command may take; polls of 100 ms between two looks, and that a reset takes. */
const ANSWER = 2;
const PAUSE = 2;
const RESET = 10;
/** Bad answers in a row until the reader is reset and ReaderFailure is told. */
const LOST = 3;
/** Looks in a row that do not find a card until it is away. */
const AWAY = 3;
const NONE = 255;

const DIGITS = "0123456789ABCDEF";

/**
 * The reader of EVSE `reader` (0-based, -1: of the station) is at serial port `port` (0: I2C); `reset` is the pin of RSTPDN (255: none).
 * The board has opened the port or the bus.
 */
export function openReader(port: number, reset: number, reader: number): void {
  pn532.port = port;
  pn532.reset = reset;
  pn532.reader = reader;
  pn532.left = 1;
}

/** Something has come, or a time is over. */
export function turn(): void {
  if (!pn532.asked) {
    command();
    return;
  }
  if (!pn532.port) {
    hearI2c();
  }
  const answer = parse();
  if (answer) {
    answered(answer);
  } else if (pn532.left < 1 || pn532.heard.length > 2 * LONGEST) {
    failed();
  }
}

/** Send the command of `pn532.step`. */
function command(): void {
  const length = COMMANDS.charCodeAt(pn532.step);
  const data = TO_READER + COMMANDS.substr(pn532.step + 1, length);
  const frame =
    "\x00\x00\xff" + String.fromCharCode(length + 1, 255 - length) + data + String.fromCharCode(-E.sum(data) & 255) + "\x00";
  pn532.heard = "";
  pn532.left = ANSWER;
  pn532.asked = 1;
  if (pn532.port) {
    writeSerial(pn532.port, pn532.step ? frame : WAKE + frame);
  } else {
    try {
      writeI2c(I2C_ADDRESS, frame);
    } catch (error) {
      void error; // nobody there: the time will be over
    }
  }
}

/** Read what the reader has for its host: the ACK, then the answer, each behind a status byte. */
function hearI2c(): void {
  try {
    const text = readI2c(I2C_ADDRESS, pn532.heard ? LONGEST : 7);
    if (text.charCodeAt(0) & 1) {
      pn532.heard += text.substr(1);
    }
  } catch (error) {
    void error; // not ready
  }
}

/** The data of a good answer to the command, behind its code; "" when there is none yet: an ACK, then a frame with right LCS and DCS. */
function parse(): string {
  const heard = pn532.heard;
  let at = find(heard, ACK);
  while (at >= 0) {
    at = find(heard, "\x00\xff", at + 4);
    const length = heard.charCodeAt(at + 2);
    if (at >= 0 && length > 1 && length + heard.charCodeAt(at + 3) === 256) {
      const data = heard.substr(at + 4, length + 1);
      if (
        data.length === length + 1 &&
        !(E.sum(data) & 255) &&
        data[0] === FROM_READER &&
        data.charCodeAt(1) === COMMANDS.charCodeAt(pn532.step + 1) + 1
      ) {
        return data.substr(1, length - 1);
      }
    }
  }
  return "";
}

/** The command is done; `answer` begins with its code. */
function answered(answer: string): void {
  if (pn532.lost >= LOST) {
    tell(0);
  }
  pn532.lost = pn532.asked = 0;
  pn532.heard = "";
  if (pn532.step === LOOK) {
    seen(answer.charCodeAt(1) ? answer.substr(7, answer.charCodeAt(6)) : "");
  }
  pn532.step += COMMANDS.charCodeAt(pn532.step) + 1;
  if (pn532.step < END) {
    command();
  } else {
    pn532.step = LOOK;
    pn532.left = PAUSE;
  }
}

/** A look found a card of UID `uid`, "" for none. */
function seen(uid: string): void {
  if (uid.length !== 4 && uid.length !== 7 && uid.length !== 10) {
    if (++pn532.away >= AWAY) {
      pn532.uid = "";
    }
    return;
  }
  pn532.away = 0;
  if (uid !== pn532.uid) {
    pn532.uid = uid;
    let token = "A"; // ISO14443
    for (let i = 0; i < uid.length; i++) {
      token += DIGITS[uid.charCodeAt(i) >> 4] + DIGITS[uid.charCodeAt(i) & 15];
    }
    card(token, pn532.reader);
  }
}

/** The reader did not answer well: begin anew. */
function failed(): void {
  pn532.step = pn532.asked = 0;
  pn532.heard = pn532.uid = "";
  pn532.left = PAUSE;
  if (++pn532.lost >= LOST) {
    tell(1);
    pn532.left = RESET;
    if (pn532.reset !== NONE) {
      pulsePin(pn532.reset, 0, 20);
    }
  }
}

/** ReaderFailure of the EVSEs that the reader is for is there (1), but where a transaction runs, or is over (0). */
function tell(present: number): void {
  for (let evse = 0; evse * Field.Size < evses.v.length; evse++) {
    if ((pn532.reader < 0 || pn532.reader === evse) && !(present && evses.v[evse * Field.Size + Field.Transaction])) {
      fault(evse, Source.Reader, present);
    }
  }
}
