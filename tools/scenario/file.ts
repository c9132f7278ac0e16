/**
 * Scenario files, YAML or JSON: what is done to a station, what is expected of it, and how time passes.
 *
 *   title: one line                     about: more of it
 *   station: {evses, cable: socket|fixed, protocol, password, set: {Name: value}, startOnPower}
 *   csms: {interval: s, profile: name}
 *   lenient: true                       frames of the station against the schema and transactions out of order are no failure
 *   steps: a list of
 *     post: /evse/1/plug                control interface; body: {…}, status: 200
 *     call: GetVariables                the CSMS asks; payload: {…}, answer: {…} or error: code, unchecked: true
 *     send: "[2,…"                      the CSMS sends this text
 *     profile: reject                   of the CSMS: accept, reject, slow (seconds: n), silent, hostile
 *     handle: Authorize                 the CSMS answers it from now on; with: {…} over the usual answer, or error: code,
 *                                       or silent: true; times: n, then as before
 *     advance: 60                       simulated seconds
 *     registered: true                  time moves on until the CSMS has accepted the station
 *     settled: true                     time moves on until everything is delivered
 *     expect: a list of                 frames since the last expectation, in this order, others between them; within: s
 *       - sends: Authorize              of the station; payload: {…}, answered: {…}
 *       - receives: Reset               of the CSMS; payload: {…}, answered: {…}
 *     state: {…}                        members of GET /state; within: s
 *   Each step may have `say`, which is printed in place of its own words. Expectations match in part: see `match.ts`.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseDocument } from "yaml";
import { PROFILES, profileFault } from "../csms/profile.ts";

type Json = Record<string, unknown>;

/** A frame that is expected: a CALL, and what answers it. */
export interface FramePattern {
  sends?: string;
  receives?: string;
  payload?: Json;
  answered?: Json;
}

/** As it stands in the file; exactly one of the first members is there. */
export interface Step {
  say?: string;
  post?: string;
  call?: string;
  send?: string;
  profile?: string;
  handle?: string;
  advance?: number;
  registered?: boolean;
  settled?: boolean;
  expect?: FramePattern[];
  state?: Json;
  body?: Json;
  status?: number;
  payload?: Json;
  answer?: Json;
  error?: string;
  unchecked?: boolean;
  seconds?: number;
  with?: Json;
  silent?: boolean;
  times?: number;
  within?: number;
}

export interface Scenario {
  title: string;
  about?: string;
  station?: {
    evses?: number;
    cable?: "socket" | "fixed";
    protocol?: string;
    password?: string;
    set?: Record<string, string>;
    startOnPower?: boolean;
  };
  csms?: { interval?: number; profile?: string };
  lenient?: boolean;
  steps: Step[];
}

/** The message is one sentence that names the file, and the step. */
export class BadScenario extends Error {}

/** Type of a member: the name of a check below. */
type Kind = keyof typeof CHECKS;

const CHECKS = {
  text: [(value: unknown) => typeof value === "string" && value !== "", "a text"],
  number: [(value: unknown) => typeof value === "number" && value >= 0, "a number from 0"],
  count: [(value: unknown) => Number.isInteger(value) && (value as number) >= 1, "a whole number from 1"],
  seconds: [(value: unknown) => Number.isInteger(value) && (value as number) >= 0, "whole seconds"],
  yes: [(value: unknown) => value === true, "true"],
  bool: [(value: unknown) => typeof value === "boolean", "true or false"],
  object: [isObject, "an object"],
  list: [(value: unknown) => Array.isArray(value) && value.length > 0, "a list that is not empty"],
  path: [(value: unknown) => typeof value === "string" && value.startsWith("/"), "a path that begins with /"],
  profile: [(value: unknown) => PROFILES.includes(value as "accept"), `one of ${PROFILES.join(", ")}`],
  cable: [(value: unknown) => value === "socket" || value === "fixed", "socket or fixed"],
  protocol: [(value: unknown) => ["auto", "ocpp2.0.1", "ocpp1.6"].includes(String(value)), "auto, ocpp2.0.1 or ocpp1.6"],
} satisfies Record<string, [(value: unknown) => boolean, string]>;

/** Each kind of step with the members that it may have. */
const STEPS: Record<string, Record<string, Kind>> = {
  post: { post: "path", body: "object", status: "count" },
  call: { call: "text", payload: "object", answer: "object", error: "text", unchecked: "yes" },
  send: { send: "text" },
  profile: { profile: "profile", seconds: "number" },
  handle: { handle: "text", with: "object", error: "text", silent: "yes", times: "count" },
  advance: { advance: "seconds" },
  registered: { registered: "yes" },
  settled: { settled: "yes" },
  expect: { expect: "list", within: "seconds" },
  state: { state: "object", within: "seconds" },
};

const TOP: Record<string, Kind> = {
  title: "text",
  about: "text",
  station: "object",
  csms: "object",
  lenient: "yes",
  steps: "list",
};
const STATION: Record<string, Kind> = {
  evses: "count",
  cable: "cable",
  protocol: "protocol",
  password: "text",
  set: "object",
  startOnPower: "bool",
};
const CSMS: Record<string, Kind> = { interval: "seconds", profile: "profile" };
const FRAME: Record<string, Kind> = { sends: "text", receives: "text", payload: "object", answered: "object" };

/** Reads a scenario; throws BadScenario. */
export function readScenario(path: string): Scenario {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new BadScenario(`${path}: the file cannot be read`);
  }
  return parseScenario(text, basename(path));
}

/** `name` stands in the sentences for the file. */
export function parseScenario(text: string, name: string): Scenario {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split("\n").length;
    throw new BadScenario(`${name}: line ${line}: ${error.message.split("\n")[0]}`);
  }
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isObject(content)) throw new BadScenario(`${name}: it is no scenario: an object with title and steps is wanted`);
  members(content, TOP, name, ["title", "steps"]);
  if (content.station) members(content.station as Json, STATION, `${name}: station`);
  if (content.csms) members(content.csms as Json, CSMS, `${name}: csms`);
  for (const [index, step] of (content.steps as unknown[]).entries()) checkStep(step, `${name}: step ${index + 1}`);
  return content as unknown as Scenario;
}

function checkStep(step: unknown, place: string): void {
  if (!isObject(step)) throw new BadScenario(`${place}: an object is wanted, such as "advance: 60"`);
  const kinds = Object.keys(STEPS).filter((kind) => kind in step);
  if (kinds.length !== 1) {
    const names = Object.keys(STEPS).join(", ");
    throw new BadScenario(
      kinds.length === 0
        ? `${place}: it is none of ${names} (it has ${Object.keys(step).join(", ") || "no members"})`
        : `${place}: it is to be one of ${kinds.join(" and ")}, not both`,
    );
  }
  members(step, { say: "text", ...STEPS[kinds[0]] }, place);
  if (kinds[0] === "profile") {
    const fault = profileFault({ name: step.profile, seconds: step.seconds });
    if (fault !== null) throw new BadScenario(`${place}: ${fault}`);
  }
  for (const [index, frame] of ((step.expect ?? []) as unknown[]).entries()) {
    const inside = `${place}, frame ${index + 1}`;
    if (!isObject(frame)) throw new BadScenario(`${inside}: an object is wanted, such as "sends: Heartbeat"`);
    members(frame, FRAME, inside);
    if ("sends" in frame === "receives" in frame) throw new BadScenario(`${inside}: exactly one of sends and receives is wanted`);
  }
}

function members(object: Json, known: Record<string, Kind>, place: string, needed: string[] = []): void {
  for (const name of needed) if (!(name in object)) throw new BadScenario(`${place}: "${name}" is missing`);
  for (const [name, value] of Object.entries(object)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) {
      throw new BadScenario(`${place}: "${name}" is not known here; known are ${Object.keys(known).join(", ")}`);
    }
    const [check, wanted] = CHECKS[kind];
    if (!check(value)) throw new BadScenario(`${place}: "${name}" is to be ${wanted}`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
