/**
 * Eastron SDM120, SDM230 and SDM630 as they behave on an RS-485 line: input registers by function 04 as in the meters' Modbus protocol
 * documents, Modbus RTU frames with CRC-16, exception answers; and the ways in which they can fail.
 */

export type SdmKind = "SDM120" | "SDM230" | "SDM630";

/** What a meter does instead of answering well. */
export type SdmFault = "silent" | "wrong-crc" | "short" | "exception" | "noisy" | "nan" | "babble";

/** CRC-16 of MODBUS over Serial Line V1.02, 6.2.2, bit by bit. */
export function modbusCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** A frame with its CRC, low byte first. */
export function modbusFrame(bytes: readonly number[]): Buffer {
  const crc = modbusCrc(Uint8Array.from(bytes));
  return Buffer.from([...bytes, crc & 255, crc >> 8]);
}

export class SdmTwin {
  fault: SdmFault | null = null;
  /** By phase: V, A. The power is what they make. */
  volts: number[];
  amps: number[];
  /** Import, kWh. */
  kilowattHours = 0;
  /** Requests that were for this meter. */
  requests = 0;

  constructor(
    readonly kind: SdmKind,
    readonly address: number,
  ) {
    const phases = kind === "SDM630" ? 3 : 1;
    this.volts = Array.from({ length: phases }, () => 230);
    this.amps = Array.from({ length: phases }, () => 0);
  }

  get watts(): number {
    return this.volts.reduce((sum, volts, phase) => sum + volts * this.amps[phase], 0);
  }

  /** Time passes with these currents. */
  pass(seconds: number): void {
    this.kilowattHours += (this.watts * seconds) / 3_600_000;
  }

  /** Answer to a frame on the line; null: it is not for this meter, or it says nothing. */
  answer(frame: Uint8Array): Buffer | null {
    if (this.fault === "babble") return Buffer.from([0xff, this.address, 4, 4, 1, 2]);
    if (frame.length !== 8 || frame[0] !== this.address || modbusCrc(frame) !== 0) return null;
    this.requests++;
    if (this.fault === "silent") return null;
    const count = frame[4] * 256 + frame[5];
    if (frame[1] !== 4) return modbusFrame([this.address, frame[1] | 0x80, 1]);
    if (this.fault === "exception" || count === 0 || count > 80 || count % 2 !== 0) return modbusFrame([this.address, 0x84, 2]);
    const data = Buffer.alloc(count * 2);
    const first = frame[2] * 256 + frame[3];
    for (let i = 0; i < count; i += 2) data.writeFloatBE(this.fault === "nan" ? NaN : this.register(first + i), i * 2);
    const answer = modbusFrame([this.address, 4, data.length, ...data]);
    if (this.fault === "wrong-crc") answer[answer.length - 1] ^= 0x40;
    if (this.fault === "short") return answer.subarray(0, answer.length - 3);
    if (this.fault === "noisy") return Buffer.concat([Buffer.from([0x00, 0xff, this.address]), answer, Buffer.from([0xfe])]);
    return answer;
  }

  /** The value that begins at an input register; what is not there reads as 0. */
  private register(address: number): number {
    const { volts, amps } = this;
    if (this.kind === "SDM630") {
      if (address < 0x06) return volts[address / 2];
      if (address < 0x0c) return amps[address / 2 - 3];
      if (address < 0x12) return volts[address / 2 - 6] * amps[address / 2 - 6];
      if (address === 0x34) return this.watts;
    } else {
      if (address === 0x00) return volts[0];
      if (address === 0x06) return amps[0];
      if (address === 0x0c) return this.watts;
    }
    return address === 0x48 ? this.kilowattHours : 0;
  }
}

/** The line that several meters share. A request that is sent without the transceiver's driver enable reaches nobody. */
export class Rs485Line {
  /** Frames that collided with a driver still enabled, or left with it disabled. */
  lost = 0;
  private driving = false;

  constructor(
    readonly meters: readonly SdmTwin[],
    /** Has the transceiver a driver-enable pin? */
    private readonly hasEnable: boolean,
  ) {}

  /** The driver-enable pin is high for so many ms from now on. */
  enable(milliseconds: number): void {
    this.driving = milliseconds > 0;
  }

  /** Bytes of the station at a baud rate; what comes back. */
  request(bytes: Uint8Array, baud: number, heldFor: number): Buffer {
    // 10 bits a character; a meter answers 3.5 characters behind the frame.
    const sent = (bytes.length * 10_000) / baud;
    const silence = 35_000 / baud;
    if (this.hasEnable && (!this.driving || heldFor < sent || heldFor > sent + silence + 5)) {
      this.lost++;
      return Buffer.alloc(0);
    }
    this.driving = false;
    return Buffer.concat(this.meters.flatMap((meter) => meter.answer(bytes) ?? []));
  }
}
