/** What a conformance case is. */
import { readFileSync } from "node:fs";
import type { CsmsOptions, Protocol } from "../csms/csms.ts";
import type { Rig } from "./rig.ts";

const ACTIONS = readFileSync(new URL("../../src/ocpp201/actions.txt", import.meta.url), "latin1");

export interface CaseOptions {
  /** ocpp2.0.1 unless said. */
  protocol?: Protocol;
  evses?: number;
  fixedCable?: boolean;
  /** Defaults of variables, as with `--set`; they go over those of `rig.ts`. */
  set?: Record<string, string>;
  csms?: CsmsOptions;
  /** false: the body sees the first boot; otherwise it begins when the station is accepted and has told its connectors. */
  boot?: false;
  /** false: the power is off at the begin. */
  power?: false;
  /** CALLs that are no concern of this case, where the catalogue allows them at any time. */
  tolerate?: string[];
  /** CALLs of the station may come between a call and its answer. */
  crossing?: true;
  /** The case breaks the order of transaction events on purpose. */
  outOfOrder?: true;
  /** Takes minutes: in `npm test` with FULL=1 alone. */
  slow?: true;
  /** The case answers or asks against the rules: the station's answers to that have no open CALL. */
  allowFaults?: true;
}

export interface Case {
  /** `TC_B_01`, or the line of the catalogue when there is no test case for it. Several cases may share one id. */
  id: string;
  title: string;
  /** Why it is not run. */
  without?: { verdict: "not applicable" | "later"; why: string };
  options: CaseOptions;
  body(t: Rig): Promise<void>;
}

export function tc(id: string, title: string, options: CaseOptions, body: (t: Rig) => Promise<void>): Case {
  return { id, title, options, body };
}

const nothing = async (): Promise<void> => undefined;

/** The station does not have what the case is about. */
export function notApplicable(id: string, title: string, why: string): Case {
  return { id, title, options: {}, body: nothing, without: { verdict: "not applicable", why } };
}

/** Cases of an option that the station does not offer are no cases. */
export function ifOffered(action: string, ...cases: Case[]): Case[] {
  const offered = ACTIONS.includes(`\n${action} offered\n`);
  return offered ? cases : cases.map(({ id, title }) => notApplicable(id, title, `the station does not offer ${action}`));
}

/** Not built yet. */
export function later(id: string, title: string, why = "security issue"): Case {
  return { id, title, options: {}, body: nothing, without: { verdict: "later", why } };
}
