/**
 * The control pilot of IEC 61851-1:2017, annex A, with the car at its end: the voltages that two peak detectors see on the pilot. The car's resistors
 * and its diode are figure A.1; the station's signal comes from the firmware's pulse width.
 */
import type { Evse } from "../sim/hardware.ts";
import type { BoardData } from "./board-data.ts";
import { AnalogInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

/** mV of the positive peak, by what the car asks for; state D asks for ventilation. */
const PEAKS: Readonly<Record<string, number>> = { A: 12_000, B: 9_000, C: 6_000, D: 3_000, E: 0 };
const NEGATIVE = -12_000;

export class ControlPilotTwin implements Twin {
  /** The car's diode; without it the negative peak is loaded as the positive one. */
  hasDiode = true;
  /** Shown in the place of what the car asks for: D, E (pilot shorted to ground), F (-12 V), or the mV of the positive peak. */
  forced: string | number | null = null;
  readonly high: AnalogInput;
  readonly low: AnalogInput;

  constructor(
    readonly evse: Evse,
    private readonly wires: Wires,
    private readonly board: BoardData,
    private readonly pins: { pwm: number; high: number; low: number },
    seed = 1,
  ) {
    const quiet = this.level(0);
    this.high = new AnalogInput("control pilot, positive peak", wires, pins.high, quiet, 1, noise(seed));
    this.low = new AnalogInput("control pilot, negative peak", wires, pins.low, quiet, 0, noise(seed + 1));
  }

  show(): void {
    const { high, low } = this.peaks();
    this.high.show(this.level(high));
    this.low.show(this.level(low));
  }

  /** Duty cycle that the firmware drives, 0 … 1. */
  get duty(): number {
    return this.wires.duty(this.pins.pwm) ?? 1;
  }

  driven(): void {
    this.evse.offer(milliamps(this.duty));
  }

  release(): void {
    this.evse.offer(0);
  }

  private peaks(): { high: number; low: number } {
    if (this.forced === "F") return { high: NEGATIVE, low: NEGATIVE };
    const high = typeof this.forced === "number" ? this.forced : PEAKS[this.forced ?? this.evse.pilot];
    // Without a signal both detectors see the level at rest.
    if (this.duty > 0.99) return { high, low: high };
    return { high, low: this.hasDiode && high > 0 ? NEGATIVE : -high };
  }

  private level(millivolts: number): number {
    return (millivolts - this.board.PILOT_ZERO) / this.board.PILOT_SPAN;
  }
}

/** Table A.8: what a car may take at a duty cycle of `duty` (0 … 1), in steps of 10 mA. */
export function milliamps(duty: number): number {
  const percent = duty * 100;
  if (percent < 9.9 || percent > 96.5) return 0;
  const amps = percent <= 85 ? percent * 0.6 : (percent - 64) * 2.5;
  return Math.round(amps * 100) * 10;
}
