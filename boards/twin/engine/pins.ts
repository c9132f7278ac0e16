/** Pins whose levels the simulator's twins tell, and who are told what the firmware drives. */
import { say } from "../../sim/link";
import { wires } from "../wires";

/** Level of a pin, 0 or 1. */
export function readPin(pin: number): number {
  return wires.levels[pin] >> 15;
}

/** Level of an analog input, 0 … 1. */
export function readAnalog(pin: number): number {
  return wires.levels[pin] / 65535;
}

/** Drive a pin, 0 or 1. */
export function writePin(pin: number, value: number): void {
  say("d" + pin + "," + value);
}

/** Drive a pin by pulse width. */
export function writePwm(pin: number, duty: number, hertz: number): void {
  say("w" + pin + "," + Math.floor(duty * 65535 + 0.5) + "," + hertz);
}

/** Drive a pin for a while, which is over before the twins look. */
export function pulsePin(pin: number, value: number, milliseconds: number): void {
  void milliseconds;
  say("d" + pin + "," + value);
  say("d" + pin + "," + (1 - value));
}

/** Call `fell` at each falling edge that the twins tell. */
export function watchPin(pin: number, debounce: number, fell: (event: PinEvent) => void): void {
  void (pin + debounce);
  wires.fell = fell;
}

/** The twins know what their pins are. */
export function pinMode(pin: number, mode: string): void {
  void (pin + mode);
}
