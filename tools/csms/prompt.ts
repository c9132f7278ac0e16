/**
 * The commands of the CSMS's prompt: one line in, requests to a station out. The same words serve both protocol versions.
 */
import { CallError, type Csms, type Payload, type StationRecord } from "./csms.ts";
import { applyProfile, profileFault, PROFILES, type Profile } from "./profile.ts";
import { parseEvse, parseVariable, type VariableAddress } from "./variable-address.ts";
import { kWh } from "./words.ts";

/** A command that cannot be carried out; its message is the line to show. */
class Mistake extends Error {}

interface Command {
  usage: string;
  meaning: string;
  run(prompt: Prompt, args: string[], line: string): Promise<string> | string;
}

const DEFAULT_TOKEN = "CSMS0001";
const HEX_CARD = /^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/i;

export class Prompt {
  ended = false;
  private chosen: string | null = null;
  private remoteStarts = 0;

  constructor(readonly csms: Csms) {}

  /** Carries out a line. The answer of the station is seen among the frames; the returned text is what is said beyond. */
  async run(line: string): Promise<string> {
    const [name = "", ...args] = line.trim().split(/\s+/);
    if (name === "") return "";
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) return `unknown command "${name}"; help lists the commands`;
    try {
      return await command.run(this, args, line.trim());
    } catch (error) {
      if (error instanceof Mistake) return `${error.message}; usage: ${command.usage}`;
      if (error instanceof CallError) return `${name}: ${error.code}: ${error.message}`;
      throw error;
    }
  }

  /** The station that commands go to: the chosen one, else the one that is connected. */
  station(): StationRecord {
    const online = [...this.csms.stations.values()].filter((station) => station.online);
    const station = online.find(({ identity }) => identity === this.chosen) ?? (online.length === 1 ? online[0] : undefined);
    if (station) return station;
    throw new CallError(
      "Offline",
      online.length ? "several stations are connected, choose one with use" : "no station is connected",
    );
  }

  choose(identity: string): string {
    if (!this.csms.stations.get(identity)?.online) throw new Mistake(`no station "${identity}" is connected`);
    this.chosen = identity;
    return `commands go to ${identity} now`;
  }

  nextRemoteStartId(): number {
    return ++this.remoteStarts;
  }

  /** Calls the station; with 1.6 the second form. */
  async call(action: string, payload: Payload, action16 = action, payload16 = payload): Promise<Payload> {
    const { identity, protocol } = this.station();
    return protocol === "ocpp1.6" ? this.csms.call(identity, action16, payload16) : this.csms.call(identity, action, payload);
  }
}

const COMMANDS: Record<string, Command> = {
  stations: { usage: "stations", meaning: "the stations, their connectors and what they said of themselves", run: stations },
  use: {
    usage: "use <identity>",
    meaning: "send commands to this station",
    run: (prompt, [identity = ""]) => prompt.choose(identity),
  },
  start: { usage: "start [evse] [idToken]", meaning: "start a transaction (RequestStartTransaction)", run: start },
  stop: {
    usage: "stop [transaction]",
    meaning: "stop a transaction, by default the running one (RequestStopTransaction)",
    run: stop,
  },
  reset: { usage: "reset [OnIdle|Immediate]", meaning: "restart the station (Reset)", run: reset },
  get: {
    usage: "get Component.Variable[instance]",
    meaning: "read a variable; Component#1 or #1/1 for an EVSE or connector",
    run: get,
  },
  set: { usage: "set Component.Variable[instance]=value", meaning: "write a variable (SetVariables)", run: set },
  trigger: { usage: "trigger Message [evse]", meaning: "ask for a message (TriggerMessage)", run: trigger },
  call: { usage: "call Action {json}", meaning: "any request, its payload as JSON", run: call },
  tx: { usage: "tx", meaning: "the transactions with their energy", run: transactions },
  profile: {
    usage: `profile ${PROFILES.join("|")} [seconds]`,
    meaning: "answer like this from now on; seconds are the delay of slow",
    run: profile,
  },
  clock: { usage: "clock +seconds", meaning: "set the clock of the CSMS forward, for simulated stations", run: clock },
  help: { usage: "help", meaning: "this list", run: help },
  quit: { usage: "quit", meaning: "end", run: quit },
};

function stations({ csms }: Prompt): string {
  const lines = [...csms.stations.values()].map((station) => {
    const boot = station.boot;
    const self = (boot?.chargingStation ?? boot ?? {}) as Payload;
    const name = [self.vendorName ?? self.chargePointVendor, self.model ?? self.chargePointModel].filter(Boolean).join(" ");
    const connectors = [...station.connectors].map(([key, { status }]) => `${key} ${status}`).join(", ");
    const link = station.online ? `online, ${station.protocol}` : "offline";
    return [station.identity, link, station.registration, name, connectors].filter(Boolean).join(" · ");
  });
  return lines.join("\n") || "no station has connected yet";
}

async function start(prompt: Prompt, args: string[]): Promise<string> {
  const evse = /^\d{1,3}$/.test(args[0] ?? "") ? Number(args.shift()) : undefined;
  const token = args[0] ?? DEFAULT_TOKEN;
  if (args.length > 1) throw new Mistake("too many words");
  const type = HEX_CARD.test(token) ? "ISO14443" : "Central";
  await prompt.call(
    "RequestStartTransaction",
    { remoteStartId: prompt.nextRemoteStartId(), idToken: { idToken: token, type }, ...(evse && { evseId: evse }) },
    "RemoteStartTransaction",
    { idTag: token, ...(evse && { connectorId: evse }) },
  );
  return "";
}

async function stop(prompt: Prompt, [id]: string[]): Promise<string> {
  const running = prompt.station().running();
  const transactionId = id ?? running.at(-1)?.id;
  if (transactionId === undefined) throw new Mistake("no transaction is running");
  await prompt.call("RequestStopTransaction", { transactionId }, "RemoteStopTransaction", {
    transactionId: Number(transactionId),
  });
  return "";
}

async function reset(prompt: Prompt, [type = "OnIdle"]: string[]): Promise<string> {
  if (type !== "OnIdle" && type !== "Immediate") throw new Mistake(`"${type}" is no kind of reset`);
  await prompt.call("Reset", { type }, "Reset", { type: type === "OnIdle" ? "Soft" : "Hard" });
  return "";
}

function address(text: string | undefined): VariableAddress {
  const parsed = parseVariable(text ?? "");
  if (!parsed) throw new Mistake(text ? `"${text}" is not Component.Variable` : "a variable is missing");
  return parsed;
}

async function get(prompt: Prompt, [name]: string[]): Promise<string> {
  if (prompt.station().protocol === "ocpp1.6") await prompt.call("GetConfiguration", name ? { key: [name] } : {});
  else await prompt.call("GetVariables", { getVariableData: [address(name)] });
  return "";
}

async function set(prompt: Prompt, _args: string[], line: string): Promise<string> {
  const [, name, value] = /^set\s+([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Mistake("a variable, = and a value are needed");
  if (prompt.station().protocol === "ocpp1.6") await prompt.call("ChangeConfiguration", { key: name, value });
  else await prompt.call("SetVariables", { setVariableData: [{ ...address(name), attributeValue: value }] });
  return "";
}

async function trigger(prompt: Prompt, [message, place]: string[]): Promise<string> {
  if (message === undefined) throw new Mistake("the name of a message is missing");
  const evse = place === undefined ? undefined : parseEvse(place);
  if (evse === null) throw new Mistake(`"${place}" is no EVSE`);
  await prompt.call("TriggerMessage", { requestedMessage: message, ...(evse && { evse }) }, "TriggerMessage", {
    requestedMessage: message,
    ...(evse && { connectorId: evse.id }),
  });
  return "";
}

async function call(prompt: Prompt, [action]: string[], line: string): Promise<string> {
  if (action === undefined) throw new Mistake("the name of an action is missing");
  const json = line.slice(line.indexOf(action) + action.length).trim() || "{}";
  let payload: unknown;
  try {
    payload = JSON.parse(json);
  } catch {
    throw new Mistake(`${json} is not JSON`);
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) throw new Mistake(`${json} is no JSON object`);
  await prompt.call(action, payload as Payload);
  return "";
}

function transactions({ csms }: Prompt): string {
  const lines = [...csms.stations.values()].flatMap((station) =>
    [...station.transactions.values()].map((transaction) => {
      const { id, evse, idToken, startWh, lastWh, ended, stoppedReason, chargingState } = transaction;
      const energy = startWh === null || lastWh === null ? "energy unknown" : kWh(lastWh - startWh);
      const state = ended ? `ended: ${stoppedReason}` : (chargingState ?? "running");
      return [station.identity, id, `EVSE ${evse}`, idToken, energy, state].filter(Boolean).join(" · ");
    }),
  );
  return lines.join("\n") || "no transaction yet";
}

function clock({ csms }: Prompt, [text = ""]: string[]): string {
  const seconds = Number(text);
  if (!/^\+?\d+$/.test(text)) throw new Mistake(text ? `"${text}" is no number of seconds` : "the seconds are missing");
  csms.advance(seconds);
  return `the CSMS has ${new Date(csms.now()).toISOString()} now`;
}

function profile({ csms }: Prompt, [name = "", seconds]: string[]): string {
  const wanted = { name, seconds: seconds === undefined ? csms.profile.seconds : Number(seconds) };
  const fault = profileFault(wanted);
  if (fault !== null) throw new Mistake(fault);
  applyProfile(csms, wanted as Profile);
  return `the CSMS is ${name} now`;
}

function help(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  return Object.values(COMMANDS)
    .map(({ usage, meaning }) => `${usage.padEnd(width)}  ${meaning}`)
    .join("\n");
}

function quit(prompt: Prompt): string {
  prompt.ended = true;
  return "";
}
