/**
 * Configuration of a board without a computer: an access point of its own with a page (`page.html`) that is served from the image. Open when
 * the board has no network configured, and after its button was held for 5 s. Resident is its state alone; all that it does is in overlays.
 */
import { listNetworks, opened, openSetup, setupTick } from "./steps";

/** Polls of 100 ms. */
const HOLD = 50;

/** Trial of a configuration before it is saved. The engine joins no network beside its own access point for sure, so that is closed meanwhile. */
export const enum Trial {
  None,
  /** The answer leaves; then the access point is closed. */
  Announced,
  /** The access point closes. */
  Closing,
  /** The network before is left. */
  Leaving,
  Joining,
  /** On the network; the name is looked up, then the connection is made. */
  Connecting,
  /** The upgrade request is out. */
  Asking,
  /** The network is left; then the access point is opened again. */
  Returning,
}

/** A socket of the page, with its request. */
export interface PageSocket extends Socket {
  /** Seconds that it may still take. */
  time: number;
  /** Bytes of the head so far. */
  size: number;
  /** The line that is not complete yet; behind the head the body. */
  text: string;
  /** Method and target of the request; "" before its first line is complete. */
  goal: string;
  /** Bytes of the body; -1 while the head is not complete; answered: -2, or -3 when it was not complete. */
  need: number;
  /** Where the rest of the page begins that is still to be sent; -1: nothing is. */
  from: number;
}

export const setup = {
  /** Seconds until it is closed; 0: it is not open. */
  left: 0,
  /** The page's server, once the access point is there. */
  server: undefined as Server | undefined,
  /** The one that answers for every name. */
  names: undefined as DatagramSocket | undefined,
  sockets: undefined as PageSocket[] | undefined,
  trial: Trial.None as Trial,
  /** Seconds until the step of the trial ends by itself. */
  trialLeft: 0,
  /** What was sent last for trial, as it came: form-urlencoded. */
  form: "",
  /** Connection of the trial. */
  socket: undefined as Socket | undefined,
  /** What came of the trial. */
  verdict: "",
  /** Networks found, as JSON without brackets; " " while they are being looked for. */
  networks: "",
  /** Polls for which the button has been held. */
  held: 0,
};

/** The button of the board, 1 while it is pressed: asked every 100 ms. */
export function setupPoll(pressed: number): void {
  setup.held = pressed ? setup.held + 1 : 0;
  if (setup.held === HOLD) {
    openSetup();
  }
}

/** The engine's answers: operations of overlays are no functions that it could keep. */
export function pointOpened(): void {
  opened();
}

export function networksFound(found: AccessPoint[]): void {
  listNetworks(found);
}

/** One second has passed. */
export function setupSecond(): void {
  if (setup.left) {
    setupTick();
  }
}
