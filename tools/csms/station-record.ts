/**
 * What the CSMS knows about one station, learnt from its frames, and the rules that a schema cannot express: sequence
 * numbers, order and times of transaction events. OCPP 2.0.1 Part 2, E01–E12; Part 4, 4.1.1 (one CALL at a time).
 */
import { readMeterValues } from "./meter.ts";
import { asObject, type Payload, type Protocol } from "./schema.ts";

/** Anything before this is a clock that was never set. */
const EARLIEST = Date.UTC(2020, 0, 1);

export interface TransactionEvent {
  /** Time of arrival, ms since 1970. */
  t: number;
  seqNo: number;
  eventType: string;
  triggerReason: string;
  /** As the station wrote it. */
  timestamp: string;
  chargingState: string | null;
  offline: boolean;
  payload: Payload;
}

export interface Transaction {
  id: string;
  /** EVSE number (1.6: connector number), 0 while unknown. */
  evse: number;
  idToken: string | null;
  /** In order of first arrival; resends are counted, not kept. */
  events: TransactionEvent[];
  resends: number;
  startWh: number | null;
  lastWh: number | null;
  chargingState: string | null;
  ended: boolean;
  stoppedReason: string | null;
}

export interface ConnectorState {
  status: string;
  timestamp: string;
}

export class StationRecord {
  protocol: Protocol | null = null;
  online = false;
  /** Connections so far, the present one included. */
  connects = 0;
  /** WebSocket pings received from the station. */
  pings = 0;
  /** Last BootNotification, and how often one came. */
  boot: Payload | null = null;
  boots = 0;
  /** Last status the CSMS answered to a BootNotification. */
  registration: string | null = null;
  /** Key `evse/connector`; in 1.6 the connector number alone. */
  readonly connectors = new Map<string, ConnectorState>();
  /** By transaction id, in order of appearance. */
  readonly transactions = new Map<string, Transaction>();
  /** `Component.Variable[Instance]` (1.6: the key) -> last value seen, actual attribute only. */
  readonly variables = new Map<string, string>();
  readonly securityEvents: Payload[] = [];

  /** `finding` is told each breach of a rule, as a sentence. */
  constructor(
    readonly identity: string,
    private readonly finding: (text: string) => void,
  ) {}

  /** The transactions without an end. */
  running(): Transaction[] {
    return [...this.transactions.values()].filter((transaction) => !transaction.ended);
  }

  /** A valid request of the station has come. */
  request(action: string, request: Payload, t: number): void {
    switch (action) {
      case "BootNotification":
        this.boot = request;
        this.boots++;
        return;
      case "StatusNotification":
        this.statusNotification(request);
        return;
      case "TransactionEvent":
        this.transactionEvent(request, t);
        return;
      case "NotifyReport":
        for (const entry of objects(request.reportData)) this.learn(entry, objects(entry.variableAttribute), "value");
        return;
      case "SecurityEventNotification":
        this.securityEvents.push(request);
        return;
      case "MeterValues":
        if (request.transactionId !== undefined) this.meterValues(String(request.transactionId), request.meterValue);
        return;
      case "StopTransaction":
        this.stopTransaction(request);
    }
  }

  /** A valid result has gone one way or the other; `request` is what it answers. */
  result(action: string, request: Payload, result: Payload): void {
    switch (action) {
      case "BootNotification":
        this.registration = String(result.status);
        return;
      case "StartTransaction":
        this.startTransaction(request, result);
        return;
      case "GetVariables":
        for (const item of objects(result.getVariableResult)) {
          if (item.attributeStatus === "Accepted") this.learn(item, [item], "attributeValue");
        }
        return;
      case "SetVariables":
        this.variablesSet(objects(request.setVariableData), objects(result.setVariableResult));
        return;
      case "GetConfiguration":
        for (const item of objects(result.configurationKey)) this.variables.set(String(item.key), String(item.value ?? ""));
        return;
      case "ChangeConfiguration":
        if (result.status === "Accepted") this.variables.set(String(request.key), String(request.value));
    }
  }

  private statusNotification(request: Payload): void {
    const timestamp = String(request.timestamp ?? "");
    if (request.connectorStatus !== undefined) {
      this.connectors.set(`${request.evseId}/${request.connectorId}`, { status: String(request.connectorStatus), timestamp });
    } else this.connectors.set(String(request.connectorId), { status: String(request.status), timestamp });
    if (timestamp) this.dated("StatusNotification", timestamp);
  }

  private variablesSet(wanted: Payload[], results: Payload[]): void {
    results.forEach((item, index) => {
      if (item.attributeStatus === "Accepted" && wanted[index]) this.learn(item, [wanted[index]], "attributeValue");
    });
  }

  /** Keeps the actual value among `attributes` (whose value is the field `field`) for the variable that `item` names. */
  private learn(item: Payload, attributes: Payload[], field: string): void {
    const name = variableName(item);
    for (const attribute of attributes) {
      const type = attribute.type ?? attribute.attributeType ?? "Actual";
      if (type === "Actual" && attribute[field] !== undefined) this.variables.set(name, String(attribute[field]));
    }
  }

  private dated(what: string, timestamp: string): number {
    const time = Date.parse(timestamp);
    if (!(time >= EARLIEST)) this.finding(`${what} has a time before 2020: ${timestamp}`);
    return time;
  }

  private transactionEvent(request: Payload, t: number): void {
    const info = asObject(request.transactionInfo) ?? {};
    const id = String(info.transactionId);
    const event: TransactionEvent = {
      t,
      seqNo: Number(request.seqNo),
      eventType: String(request.eventType),
      triggerReason: String(request.triggerReason),
      timestamp: String(request.timestamp),
      chargingState: info.chargingState === undefined ? null : String(info.chargingState),
      offline: request.offline === true,
      payload: request,
    };
    const known = this.transactions.get(id);
    const first = known?.events.find((other) => other.seqNo === event.seqNo);
    if (known && first) {
      // E13: an unanswered event is sent again as it was; `offline` may have become true meanwhile (E11.FR.07).
      known.resends++;
      if (!sameEvent(first.payload, request)) this.finding(`transaction ${id}: two different events with seqNo ${event.seqNo}`);
      return;
    }
    const transaction = known ?? this.open(id);
    this.checkOrder(transaction, event);
    transaction.events.push(event);
    transaction.evse = Number(asObject(request.evse)?.id ?? transaction.evse);
    const token = asObject(request.idToken);
    if (token) transaction.idToken ??= String(token.idToken);
    transaction.chargingState = event.chargingState ?? transaction.chargingState;
    if (event.eventType === "Started") this.checkSingle(transaction);
    this.meter(id, request.meterValue);
    if (event.eventType === "Ended") {
      transaction.ended = true;
      transaction.stoppedReason = info.stoppedReason === undefined ? "Local" : String(info.stoppedReason);
    }
  }

  private checkOrder(transaction: Transaction, event: TransactionEvent): void {
    const name = `transaction ${transaction.id}, event ${event.seqNo}`;
    const before = transaction.events.at(-1);
    const expected = before ? before.seqNo + 1 : 0;
    if (event.seqNo !== expected) this.finding(`${name}: seqNo ${expected} was expected`);
    if ((event.eventType === "Started") !== !before) {
      this.finding(`${name}: ${event.eventType} ${before ? "after other events" : "without Started before"}`);
    }
    if (transaction.ended) this.finding(`${name}: ${event.eventType} after Ended`);
    const time = this.dated(name, event.timestamp);
    if (before && time < Date.parse(before.timestamp)) {
      this.finding(`${name}: its time ${event.timestamp} is before ${before.timestamp} of the event before`);
    }
  }

  /** E-06: an EVSE has one transaction at a time. */
  private checkSingle(transaction: Transaction): void {
    for (const other of this.running()) {
      if (other !== transaction && other.evse !== 0 && other.evse === transaction.evse) {
        this.finding(`transaction ${transaction.id}: EVSE ${other.evse} still has transaction ${other.id}`);
      }
    }
  }

  private open(id: string): Transaction {
    const transaction: Transaction = {
      id,
      evse: 0,
      idToken: null,
      events: [],
      resends: 0,
      startWh: null,
      lastWh: null,
      chargingState: null,
      ended: false,
      stoppedReason: null,
    };
    this.transactions.set(id, transaction);
    return transaction;
  }

  private meter(id: string, meterValue: unknown): void {
    const transaction = this.transactions.get(id);
    const sampled = readMeterValues(meterValue);
    if (!transaction || sampled.registerWh === null) return;
    transaction.startWh ??= sampled.firstRegisterWh;
    // An Ended repeats the values from the beginning, so only the last one of a message is compared.
    if (transaction.lastWh !== null && sampled.registerWh < transaction.lastWh) {
      this.finding(`transaction ${id}: the register falls from ${transaction.lastWh} to ${sampled.registerWh} Wh`);
    }
    transaction.lastWh = sampled.registerWh;
  }

  /** 1.6: what belongs to a transaction comes between its Start and its Stop. */
  private meterValues(id: string, meterValue: unknown): void {
    const transaction = this.transactions.get(id);
    if (!transaction) this.finding(`MeterValues of the unknown transaction ${id}`);
    else if (transaction.ended) this.finding(`transaction ${id}: MeterValues after StopTransaction`);
    this.meter(id, meterValue);
  }

  private startTransaction(request: Payload, result: Payload): void {
    const id = String(result.transactionId);
    if (this.transactions.has(id)) return;
    const transaction = this.open(id);
    transaction.evse = Number(request.connectorId);
    this.checkSingle(transaction);
    transaction.idToken = String(request.idTag);
    transaction.startWh = Number(request.meterStart);
    transaction.lastWh = transaction.startWh;
    this.dated(`StartTransaction ${id}`, String(request.timestamp));
  }

  private stopTransaction(request: Payload): void {
    const id = String(request.transactionId);
    const transaction = this.transactions.get(id);
    this.dated(`StopTransaction ${id}`, String(request.timestamp));
    if (!transaction) {
      this.finding(`StopTransaction of the unknown transaction ${id}`);
      return;
    }
    if (Number(request.meterStop) < transaction.lastWh!) {
      this.finding(`transaction ${id}: the register falls from ${transaction.lastWh} to ${String(request.meterStop)} Wh`);
    }
    transaction.lastWh = Number(request.meterStop);
    transaction.ended = true;
    transaction.stoppedReason = String(request.reason ?? "Local");
  }
}

/** `Component[instance]#evse/connector.Variable[instance]`, the parts that are there. */
export function variableName(item: Payload): string {
  const component = asObject(item.component) ?? {};
  const variable = asObject(item.variable) ?? {};
  const evse = asObject(component.evse);
  const place = evse ? `#${evse.id}${evse.connectorId === undefined ? "" : `/${evse.connectorId}`}` : "";
  return `${component.name}${inBrackets(component.instance)}${place}.${variable.name}${inBrackets(variable.instance)}`;
}

function inBrackets(instance: unknown): string {
  return instance === undefined ? "" : `[${instance}]`;
}

function objects(value: unknown): Payload[] {
  return Array.isArray(value) ? value.map((entry) => asObject(entry) ?? {}) : [];
}

function sameEvent(one: Payload, other: Payload): boolean {
  const bare = (event: Payload): string => JSON.stringify({ ...event, offline: undefined });
  return bare(one) === bare(other);
}
