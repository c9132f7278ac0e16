/** The control interface of the simulator: calls, their bodies and answers, without HTTP. The calls are fixed; outside tests use them. */
import { Charger, Conflict, NotSeen } from "./charger.ts";
import type { FrameLog } from "./frames.ts";
import { FAULT_CODES, type Evse } from "./hardware.ts";

export interface Answer {
  status: number;
  /** JSON; text for a readable page; bytes for the flash. */
  body: unknown;
}

const HELP = `Control interface of the simulated charging station. Bodies and answers are JSON.

POST /evse/{n}/plug         cable into the socket and the car
POST /evse/{n}/unplug       cable out; {"force":true} tears it out of a closed lock
POST /evse/{n}/ev           {"draw":bool,"amps":16} the car asks for energy or stops
POST /evse/{n}/unplug-ev    cable out of the car, stays in the socket
POST /evse/{n}/fault        {"code":"GroundFailure"} or {"code":null}
POST /evse/{n}/lock         {"fail":bool} the lock's motor is stuck
POST /tap                   {"idToken":"04A1B2C3","type":"ISO14443","evse":1} card at the reader
POST /network               {"up":bool} or {"drop":true} or {"stall":bool}
POST /power                 {"on":bool} or {"cutAfterFlashOps":n,"torn":bool}
POST /clock                 {"advance":seconds}
GET  /state                 state of the station
GET  /frames?since=k        OCPP frames after number k
GET  /events                frames and state changes as server-sent events
GET  /flash                 contents of the flash
GET  /                      the station's page, for a browser
GET  /page/station?since=n  the simulator and the history after row n
GET  /page/notes?since=k    words and schema faults of the frames after number k
GET  /page/settings         the variables on flash
`;

/** IdTokenEnumType of OCPP 2.0.1, Part 2, 3.41: those that a reader or a keypad can give. */
const TOKEN_TYPES = ["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress"];
const HEX_TYPES = ["ISO14443", "ISO15693"];
/** CiString36Type. */
const TOKEN_LENGTH = 36;
const MOST_AMPS = 80;
const MOST_SECONDS = 100 * 365 * 86_400;

/** The body is not what the call takes. */
class BadRequest extends Error {}

type Body = Record<string, unknown>;

/** Stands for a body that could not be read. */
export class Unreadable {
  constructor(readonly reason: string) {}
}

/** Refuses members that the call does not know. */
function members(body: Body, ...known: string[]): void {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BadRequest(`unknown member "${unknown}"`);
}

function bool(body: Body, name: string): boolean {
  const value = body[name];
  if (typeof value !== "boolean") throw new BadRequest(`"${name}" is to be true or false`);
  return value;
}

function optionalBool(body: Body, name: string): boolean {
  return body[name] === undefined ? false : bool(body, name);
}

function number(body: Body, name: string, least: number, most: number, whole: boolean): number {
  const value = body[name];
  if (typeof value !== "number" || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    throw new BadRequest(`"${name}" is to be a ${whole ? "whole number" : "number"} from ${least} to ${most}`);
  }
  return value;
}

function only(body: Body, names: string[]): string {
  const given = names.filter((name) => body[name] !== undefined);
  if (given.length !== 1) throw new BadRequest(`exactly one of ${names.map((name) => `"${name}"`).join(", ")} is wanted`);
  return given[0];
}

function sinceOf(query: URLSearchParams): number {
  const since = query.get("since") ?? "0";
  if (!/^\d{1,15}$/.test(since)) throw new BadRequest(`"since" is to be the number of a frame`);
  return Number(since);
}

/** Hears of a POST call that begins; `answer` settles when the firmware has dealt with it. */
export type PostListener = (path: string, body: unknown, answer: Promise<Answer>) => void;

export class Control {
  /** Told of each POST call that acts on the station. */
  readonly listeners: PostListener[] = [];
  /** POST calls beside those of the station, by path; they take the parsed body. */
  readonly further = new Map<string, (body: unknown) => Promise<Answer>>();
  /** GET calls that only the page needs, by path; they take the number after `since`. */
  readonly readings = new Map<string, (since: number) => object>();

  constructor(
    private readonly charger: Charger,
    private readonly frames: FrameLog,
  ) {}

  /** Answers a call; `body` is the parsed JSON, undefined when there was none. Never throws. */
  async call(method: string, path: string, query: URLSearchParams, body: unknown): Promise<Answer> {
    const further = method === "POST" ? this.further.get(path) : undefined;
    if (further) return further(body);
    const answer = this.act(method, path, query, body);
    if (method === "POST") for (const listener of this.listeners) listener(path, body, answer);
    return answer;
  }

  private async act(method: string, path: string, query: URLSearchParams, body: unknown): Promise<Answer> {
    try {
      const result = method === "POST" ? this.post(path, body) : method === "GET" ? this.get(path, query) : undefined;
      return result === undefined
        ? { status: 404, body: { error: `no ${method} ${path}` } }
        : { status: 200, body: await result };
    } catch (error) {
      const status = error instanceof BadRequest ? 400 : error instanceof Conflict ? 409 : error instanceof NotSeen ? 504 : 500;
      return { status, body: { error: error instanceof Error ? error.message : String(error) } };
    }
  }

  private get(path: string, query: URLSearchParams): unknown {
    switch (path) {
      case "/help":
        return HELP;
      case "/state":
        return this.charger.state();
      case "/frames":
        return this.frames.since(sinceOf(query));
      case "/flash":
        return this.charger.chip();
      default:
        return this.readings.get(path)?.(sinceOf(query));
    }
  }

  private post(path: string, json: unknown): Promise<object> | undefined {
    const [, evseId, evseCall] = /^\/evse\/([1-9]\d{0,2})\/([a-z-]+)$/.exec(path) ?? [];
    const evse = evseId === undefined ? undefined : this.charger.evse(Number(evseId));
    const act = evse ? EVSE_CALLS[evseCall] : undefined;
    const call = CALLS[path];
    if (!act && !call) return undefined;
    if (json instanceof Unreadable) throw new BadRequest(json.reason);
    const body = json ?? {};
    if (typeof body !== "object" || Array.isArray(body)) throw new BadRequest("the body is to be a JSON object");
    const done = evse && act ? this.charger.input(act(evse, body as Body)) : call(this.charger, body as Body);
    return done.then(() => ({}));
  }
}

/** Each changes the hardware and answers the lines that tell the firmware. */
const EVSE_CALLS: Record<string, ((evse: Evse, body: Body) => string[]) | undefined> = {
  plug: (evse, body) => {
    members(body);
    return evse.plug();
  },
  unplug: (evse, body) => {
    members(body, "force");
    const force = optionalBool(body, "force");
    if (evse.isLocked && !force) throw new Conflict(`the socket of EVSE ${evse.id} is locked`);
    return evse.unplug();
  },
  "unplug-ev": (evse, body) => {
    members(body);
    return evse.unplugCar();
  },
  ev: (evse, body) => {
    members(body, "draw", "amps");
    const draw = bool(body, "draw");
    return evse.askEnergy(draw, body.amps === undefined ? undefined : number(body, "amps", 0, MOST_AMPS, false));
  },
  fault: (evse, body) => {
    members(body, "code");
    const { code } = body;
    if (code !== null && !FAULT_CODES.includes(code as string)) {
      throw new BadRequest(`"code" is to be null or one of ${FAULT_CODES.join(", ")}`);
    }
    return evse.setFault(code as string | null);
  },
  lock: (evse, body) => {
    members(body, "fail");
    const fail = bool(body, "fail");
    if (evse.fixed) throw new Conflict(`EVSE ${evse.id} has a fixed cable and no lock`);
    return evse.failLock(fail);
  },
};

const CALLS: Record<string, (charger: Charger, body: Body) => Promise<void>> = {
  "/tap": (charger, body) => {
    members(body, "idToken", "type", "evse");
    const { idToken, type = "ISO14443" } = body;
    if (typeof idToken !== "string" || idToken === "" || [...idToken].length > TOKEN_LENGTH || /[\x00-\x1f\x7f]/.test(idToken)) {
      throw new BadRequest(`"idToken" is to be a text of 1 to ${TOKEN_LENGTH} characters`);
    }
    if (!TOKEN_TYPES.includes(type as string)) throw new BadRequest(`"type" is to be one of ${TOKEN_TYPES.join(", ")}`);
    if (HEX_TYPES.includes(type as string) && !/^[0-9A-Fa-f]+$/.test(idToken)) {
      throw new BadRequest(`"idToken" of type ${String(type)} is to be hexadecimal`);
    }
    const evse = body.evse === undefined ? 0 : number(body, "evse", 1, 8, true);
    if (evse !== 0 && !charger.evse(evse)) throw new BadRequest(`there is no EVSE ${evse}`);
    return charger.tap(evse, type as string, idToken);
  },
  "/network": (charger, body) => {
    members(body, "up", "drop", "stall");
    const name = only(body, ["up", "drop", "stall"]);
    const value = bool(body, name);
    if (name === "up") return charger.setNetwork({ up: value });
    if (name === "stall") return charger.setNetwork({ stall: value });
    if (!value) throw new BadRequest(`"drop" is to be true`);
    return charger.setNetwork({ drop: true });
  },
  "/power": (charger, body) => {
    members(body, "on", "cutAfterFlashOps", "torn");
    if (only(body, ["on", "cutAfterFlashOps"]) === "on") {
      members(body, "on");
      return charger.setPower(bool(body, "on"));
    }
    return charger.armCut(number(body, "cutAfterFlashOps", 1, 1_000_000, true), optionalBool(body, "torn"));
  },
  "/clock": (charger, body) => {
    members(body, "advance");
    return charger.advance(number(body, "advance", 0, MOST_SECONDS, true));
  },
};
