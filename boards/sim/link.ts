/**
 * The simulated hardware of board `sim`: text lines over a loopback socket. tools/sim/link.ts has the other end; the lines are listed in
 * `obey.ts` and docs/ARCHITECTURE.md, "The link".
 */
import { deal } from "./lines";

export const link = {
  socket: undefined as Socket | undefined,
  /** A line that is not complete yet. */
  rest: "",
  /** Most variables in use seen so far. */
  peak: 0,
  /** 1 when the CSMS connection is TLS: its plaintext is mirrored for the frame log. */
  tls: 0,
};

/** Send one line. */
export function say(text: string): void {
  if (link.socket) {
    link.socket.write(text + "\n");
  }
}

/** Remember the most variables in use. */
export function sample(): void {
  const used = process.memory(false).usage;
  if (used > link.peak) {
    link.peak = used;
  }
}

/**
 * Lines are dealt with from a timer: a `data` event comes from inside the engine's socket loop, where a write breaks a TLS socket
 * that is open beside this one.
 */
function heard(chunk: string): void {
  link.rest += chunk;
  setTimeout(complete, 0);
}

function complete(): void {
  const lines = link.rest.split("\n");
  link.rest = lines.pop() as string;
  deal(lines);
  sample();
}

/** The simulator is gone: so is the hardware. */
function linkLost(): void {
  E.reboot();
}

/** Connect to the simulator, which then tells the state of the hardware. */
export function openLink(): void {
  const socket = require("net").connect({ host: "127.0.0.1", port: parseInt(linkFile()[0]) });
  link.socket = socket;
  socket.on("data", heard);
  socket.on("close", linkLost);
}

/** Plaintext that came over TLS. */
export function mirrorIn(chunk: string): void {
  say("mi," + btoa(chunk));
}

/** The TLS connection has closed. */
export function mirrorEnd(): void {
  say("m-");
}

/** Parameters that the runner leaves in the working directory: port of the link, port of the relay, seed. */
export function linkFile(): string[] {
  return require("fs").readFileSync("link")!.split(",");
}
