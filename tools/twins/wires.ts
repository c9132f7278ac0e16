/**
 * The wires between the firmware of a board and the twins of its devices: levels that pins show, bytes under way, and what the firmware drives.
 * Levels go to the firmware when they have changed, as lines of the link (docs/ARCHITECTURE.md, "The link").
 */

/** The link's longest line carries so many bytes. */
const PIECE = 80;

export class Wires {
  private readonly levels = new Map<number, string>();
  private readonly told = new Map<number, string>();
  private lines: string[] = [];
  private readonly duties = new Map<number, number>();

  /** An analog input shows `level`, 0 … 1 of the converter's range. */
  analog(pin: number, level: number): void {
    this.levels.set(pin, `a${pin},${Math.round(Math.min(1, Math.max(0, level)) * 65_535)}`);
  }

  /** A digital input shows `level`. */
  digital(pin: number, level: boolean): void {
    this.levels.set(pin, `i${pin},${level ? 1 : 0}`);
  }

  /** Bytes arrive at serial port `port` of the firmware. */
  serial(port: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE)
      this.lines.push(`r${port},${Buffer.from(bytes.subarray(at, at + PIECE)).toString("hex")}`);
  }

  /** What the next I2C reads of the firmware give. */
  i2c(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE)
      this.lines.push(`x${Buffer.from(bytes.subarray(at, at + PIECE)).toString("hex")}`);
  }

  /** A line of another kind. */
  say(line: string): void {
    this.lines.push(line);
  }

  /** How long the firmware drives `pin` high, 0 … 1 of the time; undefined when it does not drive it. */
  duty(pin: number): number | undefined {
    return this.duties.get(pin);
  }

  isHigh(pin: number): boolean {
    return (this.duties.get(pin) ?? 0) > 0.5;
  }

  /** The firmware drives `pin`. */
  drive(pin: number, duty: number): void {
    this.duties.set(pin, duty);
  }

  /** Lines that the firmware has not heard yet; `isNews`: a level has changed, which serial ports and buses do not. */
  take(): { lines: string[]; isNews: boolean } {
    const lines = this.lines;
    this.lines = [];
    const talk = lines.length;
    for (const [pin, line] of this.levels) {
      if (this.told.get(pin) === line) continue;
      this.told.set(pin, line);
      lines.push(line);
    }
    return { lines, isNews: lines.length > talk };
  }

  /** There is no firmware: nothing is driven, and the next one has heard nothing. */
  release(): void {
    this.duties.clear();
    this.told.clear();
    this.lines = [];
  }
}
