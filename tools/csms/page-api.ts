/**
 * The calls of the CSMS's page, without HTTP. Bodies and answers are JSON; a body that is wrong is answered with 400 and
 * `{"error": text}`, an unknown station with 404.
 *
 *   GET  /api/state                     {"run","now","profile","recorder","url","stationPage","stations":[summary]}
 *   GET  /api/station?id=ID             the summary with transactions, variables, security events and known tokens
 *   GET  /api/transaction?id=ID&tx=TX   a transaction with the payloads of its events
 *   GET  /api/requests?protocol=P       the schemas of all requests that a station may receive, by action
 *   POST /api/check  {"protocol","action","payload"}                      {"fault": null or {"code","text"}}
 *   POST /api/call   {"station","action","payload","unchecked":bool,"timeoutMs":n}
 *                    {"result"} or {"error":{"code","description","details"}}, and {"fault"} when it was not sent because of one
 *   POST /api/profile {"name":"accept|reject|slow|silent|hostile","seconds":n}
 *   POST /api/record  as POST /page/record of the control interface; 404 without a simulated station beside the CSMS
 *   GET  /api/events  server-sent events: `feed` = batch of frames and connections (id = number of the last one; a client
 *                     that comes back goes on behind its Last-Event-ID), `state` as above
 */
import { randomUUID } from "node:crypto";
import { answeredActions } from "./answers.ts";
import { CallError, type Csms, type StationRecord, type Transaction } from "./csms.ts";
import { applyProfile, profileFault, type Profile, type ProfileName } from "./profile.ts";
import { actionsOf, asObject, payloadFault, PROTOCOLS, requestSchema, type Payload, type Protocol } from "./schema.ts";

export interface PageAnswer {
  status: number;
  body: unknown;
}

export interface PageOptions {
  csms: Csms;
  /** Starts, stops and tells of a recording, as the control interface does. */
  record?: (body: unknown) => Promise<PageAnswer>;
  /** Address of the station's page beside it. */
  stationPage?: string;
  /** Hears of a profile that was chosen. */
  profileChosen?: (profile: Profile) => void;
}

/** Transactions of a station that the page lists. */
const MOST_TRANSACTIONS = 200;
/** Tokens that the lenient CSMS knows in different ways: see `answers.ts`. */
const TOKENS = ["04A1B2C3", "CSMS0001", "AA112233", "DEADBEEF", "B10C0001", "E1000001"];
const MOST_TOKENS = 30;
const MOST_TIMEOUT_MS = 300_000;
const TIMEOUT_MS = 35_000;

class BadRequest extends Error {}
class NotFound extends Error {}

export class PageApi {
  /** Another one after a restart: numbers of frames begin anew. */
  private readonly run = randomUUID();

  constructor(private readonly options: PageOptions) {}

  async get(path: string, query: URLSearchParams): Promise<PageAnswer> {
    switch (path) {
      case "/api/state":
        return ok(this.state());
      case "/api/station":
        return answered(() => this.detail(this.station(query.get("id"))));
      case "/api/transaction":
        return answered(() => this.transaction(this.station(query.get("id")), query.get("tx")));
      case "/api/requests":
        return answered(() => requestsOf(protocolOf(query.get("protocol"))));
      default:
        return { status: 404, body: { error: `no GET ${path}` } };
    }
  }

  async post(path: string, body: unknown): Promise<PageAnswer> {
    const { record } = this.options;
    if (path === "/api/record" && record) return record(body);
    const call = CALLS[path];
    if (!call) return { status: 404, body: { error: `no POST ${path}` } };
    const object = asObject(body);
    if (!object) return { status: 400, body: { error: "the body is to be a JSON object" } };
    return answered(() => call(this, object));
  }

  state(): Payload {
    const { csms, record, stationPage = null } = this.options;
    return {
      run: this.run,
      now: csms.now(),
      profile: csms.profile,
      recorder: record !== undefined,
      url: csms.url,
      stationPage,
      stations: [...csms.stations.values()].map(summary),
    };
  }

  check({ protocol, action, payload }: Payload): object {
    return { fault: payloadFault(protocolOf(protocol), text(action, "action"), "req", payload) };
  }

  async call({ station, action, payload, unchecked, timeoutMs = TIMEOUT_MS }: Payload): Promise<object> {
    const { identity, protocol } = this.station(station);
    const name = text(action, "action");
    const request = asObject(payload);
    if (!request) throw new BadRequest(`"payload" is to be a JSON object`);
    if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= MOST_TIMEOUT_MS)) {
      throw new BadRequest(`"timeoutMs" is to be a number up to ${MOST_TIMEOUT_MS}`);
    }
    const fault = protocol && unchecked !== true ? payloadFault(protocol, name, "req", request) : null;
    if (fault) return { fault };
    try {
      return { result: await this.options.csms.call(identity, name, request, { unchecked: unchecked === true, timeoutMs }) };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return { error: { code: error.code, description: error.message, details: error.details } };
    }
  }

  choose({ name, seconds }: Payload): object {
    const fault = profileFault({ name, seconds });
    if (fault !== null) throw new BadRequest(fault);
    const { csms, profileChosen } = this.options;
    const profile: Profile = { name: name as ProfileName, seconds: (seconds as number | undefined) ?? csms.profile.seconds };
    applyProfile(csms, profile);
    profileChosen?.(profile);
    return profile;
  }

  private station(identity: unknown): StationRecord {
    const station = this.options.csms.stations.get(String(identity));
    if (!station) throw new NotFound(`no station ${String(identity)} has connected`);
    return station;
  }

  private detail(station: StationRecord): Payload {
    const transactions = [...station.transactions.values()].slice(-MOST_TRANSACTIONS);
    const seen = transactions.flatMap(({ idToken }) => (idToken === null ? [] : [idToken]));
    return {
      ...summary(station),
      boot: station.boot,
      transactions: transactions.map(transactionSummary).reverse(),
      variables: [...station.variables].sort(([one], [other]) => (one < other ? -1 : 1)),
      securityEvents: station.securityEvents.slice(-50),
      tokens: [...new Set([...seen.reverse(), ...TOKENS])].slice(0, MOST_TOKENS),
    };
  }

  private transaction(station: StationRecord, id: string | null): Payload {
    const transaction = station.transactions.get(String(id));
    if (!transaction) throw new NotFound(`no transaction ${String(id)} is known`);
    return { ...transactionSummary(transaction), events: transaction.events };
  }
}

const CALLS: Record<string, ((api: PageApi, body: Payload) => object | Promise<object>) | undefined> = {
  "/api/check": (api, body) => api.check(body),
  "/api/call": (api, body) => api.call(body),
  "/api/profile": (api, body) => api.choose(body),
};

function ok(body: unknown): PageAnswer {
  return { status: 200, body };
}

async function answered(call: () => unknown): Promise<PageAnswer> {
  try {
    return ok(await call());
  } catch (error) {
    if (!(error instanceof BadRequest || error instanceof NotFound)) throw error;
    return { status: error instanceof NotFound ? 404 : 400, body: { error: error.message } };
  }
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw new BadRequest(`"${name}" is to be a text`);
  return value;
}

function protocolOf(value: unknown): Protocol {
  if (!PROTOCOLS.includes(value as Protocol)) throw new BadRequest(`"protocol" is to be one of ${PROTOCOLS.join(", ")}`);
  return value as Protocol;
}

/** What a CSMS may send. */
function requestsOf(protocol: Protocol): Payload {
  const fromStation = answeredActions(protocol);
  const actions = [...actionsOf(protocol)].filter((action) => action === "DataTransfer" || !fromStation.includes(action));
  return Object.fromEntries(actions.sort().map((action) => [action, requestSchema(protocol, action)]));
}

function summary(station: StationRecord): Payload {
  const { identity, protocol, online, registration, connects, boots, connectors, transactions } = station;
  const self = asObject(station.boot?.chargingStation) ?? station.boot ?? {};
  return {
    identity,
    protocol,
    online,
    registration,
    connects,
    boots,
    vendor: self.vendorName ?? self.chargePointVendor ?? null,
    model: self.model ?? self.chargePointModel ?? null,
    firmware: self.firmwareVersion ?? null,
    connectors: [...connectors].map(([place, { status, timestamp }]) => ({ place, status, timestamp })),
    running: station.running().map(({ id }) => id),
    transactionCount: transactions.size,
  };
}

function transactionSummary(transaction: Transaction): Payload {
  const { id, evse, idToken, events, resends, startWh, lastWh, chargingState, ended, stoppedReason } = transaction;
  const started = events[0]?.timestamp ?? null;
  const last = events.at(-1)?.timestamp ?? null;
  const count = events.length;
  return { id, evse, idToken, resends, startWh, lastWh, chargingState, ended, stoppedReason, started, last, count };
}
