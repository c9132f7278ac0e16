/**
 * Scripted behaviour of the CSMS, to see how a station takes it; changed while stations are connected.
 * OCPP 2.0.1 Part 2, B03 (rejected boot), C01, E07 (invalid cards); Part 4, 4 (answers that are late, wrong or missing).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER, type HandlerContext } from "./api.ts";
import type { Csms } from "./csms.ts";
import type { Payload, Protocol } from "./schema.ts";

export const PROFILES = ["accept", "reject", "slow", "silent", "hostile"] as const;
export type ProfileName = (typeof PROFILES)[number];

export interface Profile {
  name: ProfileName;
  /** slow: how long an answer takes, s. */
  seconds: number;
}

export const ACCEPT: Profile = { name: "accept", seconds: 5 };
/** Longest delay, s: beyond it no station waits. */
export const MOST_SECONDS = 600;
/** Until a rejected station asks again, s. */
const REJECTED_INTERVAL = 30;
/** A hostile answer that is late, ms. */
const LATE_MS = 3000;

/** Harmless requests that come in the middle of a station's own. */
const CROSSING_CALLS: Record<Protocol, [action: string, payload: Payload]> = {
  "ocpp2.0.1": [
    "GetVariables",
    { getVariableData: [{ component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" } }] },
  ],
  "ocpp1.6": ["GetConfiguration", { key: ["HeartbeatInterval"] }],
};

/** The hostile CSMS makes this call by itself. */
export function isCrossingCall(action: string, payload: unknown): boolean {
  return Object.values(CROSSING_CALLS).some((call) => JSON.stringify(call) === JSON.stringify([action, payload]));
}

/** What is wrong with a profile that comes from outside, as a sentence; null when it is one. */
export function profileFault({ name, seconds }: { name: unknown; seconds?: unknown }): string | null {
  if (!PROFILES.includes(name as ProfileName)) return `a profile is one of ${PROFILES.join(", ")}`;
  if (seconds === undefined) return null;
  const valid = typeof seconds === "number" && seconds >= 0 && seconds <= MOST_SECONDS;
  return valid ? null : `"seconds" is to be a number from 0 to ${MOST_SECONDS}`;
}

/** From now on the CSMS behaves like this, towards all stations. */
export function applyProfile(csms: Csms, profile: Profile): void {
  const { name, seconds } = profile;
  csms.profile = profile;
  switch (name) {
    case "accept":
      csms.otherwise = null;
      return;
    case "reject":
      csms.otherwise = (_request, context) => rejected(context);
      return;
    case "slow":
      csms.otherwise = async (_request, context) => {
        await sleep(seconds * 1000, undefined, { ref: false });
        return context.defaultAnswer();
      };
      return;
    case "silent":
      csms.otherwise = () => NO_ANSWER;
      return;
    case "hostile": {
      let turn = 0;
      csms.otherwise = (_request, context) => MISCHIEF[turn++ % MISCHIEF.length](csms, context);
    }
  }
}

function rejected({ action, defaultAnswer }: HandlerContext): Payload {
  const answer = defaultAnswer();
  if (action === "BootNotification") return { ...answer, status: "Rejected", interval: REJECTED_INTERVAL };
  // Answers to events without a card say nothing about one, and stay so.
  if (answer.idTokenInfo) return { ...answer, idTokenInfo: { status: "Invalid" } };
  if (answer.idTagInfo) return { ...answer, idTagInfo: { status: "Invalid" } };
  return answer;
}

type Mischief = (csms: Csms, context: HandlerContext) => Promise<Payload> | Payload;

const MISCHIEF: Mischief[] = [
  function underWrongId(_csms, { raw, defaultAnswer }) {
    raw(JSON.stringify([3, "not-an-id-of-yours", defaultAnswer()]));
    return defaultAnswer();
  },
  function twice(_csms, { messageId, raw, defaultAnswer }) {
    const answer = defaultAnswer();
    setImmediate(() => quietly(() => raw(JSON.stringify([3, messageId, answer]))));
    return answer;
  },
  async function late(_csms, { defaultAnswer }) {
    await sleep(LATE_MS, undefined, { ref: false });
    return defaultAnswer();
  },
  function afterCallsOfItsOwn(csms, { identity, station, defaultAnswer }) {
    const [action, payload] = CROSSING_CALLS[station.protocol ?? "ocpp2.0.1"];
    csms.call(identity, action, payload).catch(() => undefined);
    return defaultAnswer();
  },
];

/** The connection may be gone by now. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Nobody is there to be treated badly.
  }
}
