/**
 * Client of the simulator's control interface, as far as the demo needs it.
 */

export interface EvseState {
  id: number;
  plugged: boolean;
  contactor: boolean;
  locked: boolean;
  amps: number;
  meterWh: number;
  status: string;
  transactionId: string | null;
}

export interface StationState {
  powered: boolean;
  online: boolean;
  protocol: string | null;
  registration: string | null;
  evses: EvseState[];
  queue: { events: number };
}

export interface ControlFrame {
  k: number;
  t: number;
  dir: "in" | "out";
  text: string;
}

/** No simulator answers at this address. */
export class Unreachable extends Error {}

/** The simulator said no. */
export class Refused extends Error {}

export class Control {
  private seen = 0;

  /** `url` as the simulator prints it, e.g. http://127.0.0.1:8080. */
  constructor(readonly url: string) {}

  async state(): Promise<StationState> {
    return (await this.ask("GET", "/state")) as StationState;
  }

  async post(path: string, body: object = {}): Promise<void> {
    await this.ask("POST", path, body);
  }

  /** The frames that have come since the last time. */
  async frames(): Promise<ControlFrame[]> {
    const frames = (await this.ask("GET", `/frames?since=${this.seen}`)) as ControlFrame[];
    this.seen = frames.at(-1)?.k ?? this.seen;
    return frames;
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(this.url + path, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      });
    } catch {
      throw new Unreachable(`no simulator answers at ${this.url}; start one with npm start or npm run sim`);
    }
    const text = await response.text();
    let answer: unknown;
    try {
      answer = text === "" ? {} : JSON.parse(text);
    } catch {
      throw new Unreachable(`what answers at ${this.url} is no simulator`);
    }
    if (response.ok) return answer;
    const { error } = answer as { error?: string };
    throw new Refused(`${method} ${path} was refused with ${response.status}${error ? `: ${error}` : ""}`);
  }
}
