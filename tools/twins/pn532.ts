/**
 * NXP PN532 with cards in its field, behind its UART or its I2C bus: frames of "PN532 User Manual" UM0701-02, 6.2, and the commands
 * SAMConfiguration, RFConfiguration, InListPassiveTarget, GetFirmwareVersion; and the ways in which it can fail.
 */

export type Pn532Fault = "silent" | "wrong-lcs" | "wrong-dcs" | "no-ack" | "error-frame" | "noisy" | "cut";

const ACK = Buffer.from([0x00, 0x00, 0xff, 0x00, 0xff, 0x00]);
const NACK = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x00, 0x00]);
const ERROR = Buffer.from([0x00, 0x00, 0xff, 0x01, 0xff, 0x7f, 0x81, 0x00]);

/** A normal information frame of the PN532: TFI and data. */
export function pn532Frame(data: readonly number[]): Buffer {
  const sum = data.reduce((total, byte) => total + byte, 0);
  return Buffer.from([0x00, 0x00, 0xff, data.length, -data.length & 255, ...data, -sum & 255, 0x00]);
}

export class Pn532Twin {
  fault: Pn532Fault | null = null;
  /** UID of the card in the field, 4, 7 or 10 bytes. */
  card: Buffer | null = null;
  /** A card that does ISO/IEC 14443-4 gives its ATS too. */
  hasAts = false;
  /** Commands by their code, in order. */
  readonly commands: number[] = [];
  /** Times RSTPDN was low. */
  resets = 0;
  /** It neither hears nor answers before it is woken (UART) and configured. */
  private awake = false;
  private configured = false;
  private input = Buffer.alloc(0);

  constructor(private readonly bus: "uart" | "i2c") {
    this.awake = bus === "i2c";
  }

  /** RSTPDN was low: as after power-up. */
  reset(): void {
    this.resets++;
    this.awake = this.bus === "i2c";
    this.configured = false;
    this.input = Buffer.alloc(0);
  }

  /** Bytes of the host; what it answers: the ACK and, behind it, the answer. */
  receive(bytes: Uint8Array): Buffer[] {
    if (this.fault === "silent") return [];
    if (bytes[0] === 0x55) this.awake = true;
    if (!this.awake) return [];
    this.input = Buffer.concat([this.input, bytes]);
    const answers: Buffer[] = [];
    for (let frame = this.nextFrame(); frame; frame = this.nextFrame()) answers.push(...this.answer(frame));
    return this.spoilt(answers);
  }

  /** Data of the next whole frame; a wrong one is answered by nothing. */
  private nextFrame(): Buffer | null {
    const { input } = this;
    const start = input.indexOf(Buffer.from([0x00, 0xff]));
    if (start < 0 || input.length < start + 4) return null;
    const length = input[start + 2];
    if (length === 0 || ((length + input[start + 3]) & 255) !== 0) {
      this.input = input.subarray(start + 2);
      return this.nextFrame();
    }
    if (input.length < start + 5 + length) return null;
    const data = input.subarray(start + 4, start + 5 + length);
    this.input = input.subarray(start + 5 + length);
    return data.reduce((sum, byte) => sum + byte, 0) % 256 === 0 ? data.subarray(0, length) : this.nextFrame();
  }

  private answer(frame: Buffer): Buffer[] {
    const [tfi, code, ...data] = frame;
    if (tfi !== 0xd4) return [ACK, ERROR];
    this.commands.push(code);
    switch (code) {
      case 0x02:
        return [ACK, pn532Frame([0xd5, 0x03, 0x32, 0x01, 0x06, 0x07])];
      case 0x14:
        this.configured = data[0] === 1;
        return [ACK, pn532Frame([0xd5, 0x15])];
      case 0x32:
        return [ACK, pn532Frame([0xd5, 0x33])];
      case 0x4a:
        return this.configured ? [ACK, this.target()] : [ACK];
      default:
        return [ACK, ERROR];
    }
  }

  private target(): Buffer {
    const { card } = this;
    if (!card) return pn532Frame([0xd5, 0x4b, 0]);
    const ats = this.hasAts ? [0x06, 0x75, 0x77, 0x81, 0x02, 0x80] : [];
    return pn532Frame([0xd5, 0x4b, 1, 1, 0x00, 0x44, this.hasAts ? 0x20 : 0x00, card.length, ...card, ...ats]);
  }

  private spoilt(answers: Buffer[]): Buffer[] {
    const answer = answers[answers.length - 1];
    if (!answer) return answers;
    switch (this.fault) {
      case "wrong-lcs":
        answer[4] ^= 0x10;
        return answers;
      case "wrong-dcs":
        answer[answer.length - 2] ^= 0x01;
        return answers;
      case "no-ack":
        return [NACK, ...answers.filter((each) => each !== ACK)];
      case "error-frame":
        return [ACK, ERROR];
      case "noisy":
        return [Buffer.from([0x00, 0x00]), ACK, Buffer.from([0x00, 0xff, 0x05]), answer];
      case "cut":
        return [ACK, answer.subarray(0, answer.length - 3)];
      default:
        return answers;
    }
  }
}
