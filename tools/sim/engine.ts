/** What runs the image: an Espruino binary, or its API imitated in Node. Design: one station, two engines, the same link. */

/** Contents of the file `link` in the engine's working directory. */
export interface LinkPorts {
  link: number;
  relay: number;
  /** Feeds the firmware's random numbers. */
  seed: number;
}

/** Why an engine stopped by itself: the firmware wants a reset, or its power failed inside a flash operation. */
export type Stopped = "reset" | "cut";

export interface EngineListener {
  /** A line of the engine's console. */
  log(line: string): void;
  /** The program ended by itself. Never called for `powerOff`. */
  stopped(how: Stopped): void;
}

export interface Engine {
  readonly kind: "node" | "espruino";
  /** Boots the image. Resolves when the program runs; it connects to the link by itself. */
  powerOn(ports: LinkPorts): Promise<void>;
  /** Ends the program at once, wherever it is; resolves when nothing of it is left. */
  powerOff(): Promise<void>;
  /** The flash in the layout of the control interface. */
  chip(): Buffer;
  /** Resolves when the program has nothing left to do before its next input, as far as the engine can tell. */
  settled(): Promise<void>;
  /** Most frames of the firmware on the stack at a call of the API since the start; null where it is not known. */
  deepest(): number | null;
  /** Power off, and the flash file complete. */
  close(): Promise<void>;
}

/** Something the user has to put right; its message is one sentence for the terminal. */
export class UsageError extends Error {}
