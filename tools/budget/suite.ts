/**
 * The scenarios that decide the RAM peak and the stack: one run of a station with two EVSEs, or one if it has no more, through everything that it does,
 * the costly cases of each included. The smallest heap and the smallest stack in which this passes are the figures of the budget.
 */
import type { Payload } from "../csms/csms.ts";
import type { StationOptions } from "../sim/sim.ts";
import { CARD, Rig } from "./rig.ts";

export interface Step {
  name: string;
  run(rig: Rig): Promise<void>;
}

/** Most variables in use since the last boot, seen by the firmware's own samples; null on the Node engine. */
export interface StepFigures {
  step: string;
  /** Real time that it took. */
  ms: number;
  peak: number | null;
  used: number | null;
  /** Most JS frames of the firmware on the stack so far; null on the real engine. */
  depth: number | null;
}

/** The CSMS answers with its group. */
const MEMBER = { idToken: "AA000001", type: "ISO14443" };
const GROUP = { idToken: "GROUP-AA", type: "Central" };
const LONG_TOKEN = { idToken: "REMOTE-0123456789-ABCDEFGHIJKLMNOPQR", type: "Central" };
/** Console lines of an engine that ran out of variables or of stack, and the firmware's word for anything that it did not catch. */
const TROUBLE = /MEMORY|recursion|fault|interrupted|SIGSEGV|SIGABRT/i;
/** Transaction events that wait when the link comes back. */
const OFFLINE_EVENTS = 30;
/** BytesPerMessage and ItemsPerMessage of the station. */
const MESSAGE_BYTES = 4000;
const LIST_ENTRIES = 40;
const PERIODS = 24;
/** Most samples that an Ended has between begin and end, and the seconds between two of them. */
const SAMPLES = 14;
const SAMPLE_SECONDS = 10;
/** What GetReport asks for; a component without variable means all of it. */
const REPORTED = [
  "SampledDataCtrlr",
  "SecurityCtrlr",
  "OCPPCommCtrlr",
  "SmartChargingCtrlr",
  "TxCtrlr",
  "AuthCtrlr",
  "ChargingStation.AvailabilityState",
  "OCPPCommCtrlr.MessageTimeout[Default]",
  "ClockCtrlr.DateTime",
  "SampledDataCtrlr.TxEndedMeasurands",
  "TxCtrlr.EVConnectionTimeOut",
  "SecurityCtrlr.Identity",
];

export const SUITE: readonly Step[] = [
  {
    name: "boot, StatusNotification of each EVSE",
    run: async (rig) => {
      await rig.settled();
      await rig.pass("all connectors are reported", 5, () => rig.sent("StatusNotification").length === rig.last);
    },
  },
  {
    name: "session by card",
    run: async (rig) => {
      await rig.charge();
      await rig.advance(185);
      await rig.post("/tap", CARD);
      await rig.leave();
    },
  },
  {
    name: "remote start and stop",
    run: async (rig) => {
      await rig.post(`/evse/${rig.last}/plug`);
      await rig.post(`/evse/${rig.last}/ev`, { draw: true, amps: 10 });
      const request = { evseId: rig.last, remoteStartId: 4711, idToken: LONG_TOKEN };
      expect(await rig.call("RequestStartTransaction", request), "Accepted");
      await rig.pass("the EVSE charges", 10, ({ evses }) => evses[rig.last - 1].contactor);
      await rig.advance(65);
      const { evses } = await rig.station.state();
      expect(await rig.call("RequestStopTransaction", { transactionId: evses[rig.last - 1].transactionId }), "Accepted");
      await rig.leave(rig.last);
    },
  },
  {
    name: "GetVariables, 40 items with escapes",
    run: async (rig) => {
      const names = Array.from({ length: 40 }, (_, i) => READABLE[i % READABLE.length]);
      const answer = await raw(rig, "GetVariables", listOf("getVariableData", names.map(variableText)));
      const results = answer.getVariableResult as { attributeStatus: string }[];
      const accepted = results.filter(({ attributeStatus }) => attributeStatus === "Accepted");
      if (accepted.length !== 40) throw new Error(`GetVariables: ${accepted.length} of 40 items accepted`);
    },
  },
  {
    name: "full inventory",
    run: async (rig) => {
      expect(await rig.call("GetBaseReport", { requestId: 1, reportBase: "FullInventory" }), "Accepted");
      await lastPage(rig, "NotifyReport", 1);
    },
  },
  {
    name: `GetReport, ${REPORTED.length} componentVariables`,
    run: async (rig) => {
      const componentVariable = REPORTED.map((name) => address(name));
      expect(await rig.call("GetReport", { requestId: 2, componentVariable }), "Accepted");
      await lastPage(rig, "NotifyReport", 2);
    },
  },
  {
    name: "SetVariables, 20 items",
    run: async (rig) => {
      const items = Array.from({ length: 20 }, (_, i) => {
        const [name, value] = WRITABLE[i % WRITABLE.length];
        return `"attributeValue":"${value}",${variableText(name)}`;
      });
      const answer = await raw(rig, "SetVariables", listOf("setVariableData", items));
      const results = answer.setVariableResult as { attributeStatus: string }[];
      if (results.length !== 20 || results.some(({ attributeStatus }) => attributeStatus !== "Accepted"))
        throw new Error(`SetVariables: ${JSON.stringify(results.map((result) => result.attributeStatus))}`);
    },
  },
  {
    name: `SendLocalList, ${LIST_ENTRIES} entries, full and differential`,
    run: async (rig) => {
      for (const [versionNumber, updateType] of ["Full", "Differential"].entries()) {
        const localAuthorizationList = listEntries(versionNumber + 1);
        const request = { versionNumber: versionNumber + 1, updateType, localAuthorizationList };
        expect(await raw(rig, "SendLocalList", JSON.stringify(request)), "Accepted");
      }
    },
  },
  {
    name: `SetChargingProfile, ${PERIODS} periods; GetCompositeSchedule, GetChargingProfiles`,
    run: async (rig) => {
      await rig.charge();
      await rig.settled();
      const state = await rig.station.state();
      const { transactionId } = state.evses[0];
      const begin = Date.parse(state.time!);
      const profiles: [evseId: number, profile: Payload][] = [
        [0, profile(1, "ChargingStationMaxProfile", begin)],
        [0, profile(2, "TxDefaultProfile", begin)],
        [1, profile(3, "TxProfile", begin, { transactionId })],
      ];
      for (const [evseId, chargingProfile] of profiles)
        expect(await raw(rig, "SetChargingProfile", JSON.stringify({ evseId, chargingProfile })), "Accepted");
      for (const evseId of [0, 1])
        expect(await rig.call("GetCompositeSchedule", { evseId, duration: 604_800, chargingRateUnit: "W" }), "Accepted");
      const chargingProfile = { chargingProfileId: profiles.map(([, { id }]) => id) };
      expect(await rig.call("GetChargingProfiles", { requestId: 3, chargingProfile }), "Accepted");
      await lastPage(rig, "ReportChargingProfiles", 3);
      await rig.post("/tap", CARD);
      await rig.leave();
      expect(await rig.call("ClearChargingProfile", {}), "Accepted");
    },
  },
  {
    name: "ReserveNow for a group, a card of it charges",
    run: async (rig) => {
      const expiryDateTime = new Date(rig.station.now() + 3_600_000).toISOString();
      const reservation = { id: 4711, evseId: rig.last, expiryDateTime, idToken: LONG_TOKEN, groupIdToken: GROUP };
      const reserve = (connectorType: string): Promise<Payload> => rig.call("ReserveNow", { ...reservation, connectorType });
      const answer = await reserve("sType2");
      // A fixed cable is another connector.
      expect(answer.status === "Rejected" ? await reserve("cType2") : answer, "Accepted");
      await rig.charge(rig.last, 16, MEMBER);
      await rig.settled();
    },
  },
  {
    name: "CustomerInformation of the card that charges",
    run: async (rig) => {
      const request = { requestId: 4, report: true, clear: true, idToken: MEMBER };
      expect(await rig.call("CustomerInformation", request), "Accepted");
      await lastPage(rig, "NotifyCustomerInformation", 4);
    },
  },
  {
    name: `Ended with ${SAMPLES} samples of 3 measurands`,
    run: async (rig) => {
      const started = rig.sent("TransactionEvent").filter(({ eventType }) => eventType === "Started");
      const seconds = Math.floor((rig.station.now() - Date.parse(String(started.at(-1)!.timestamp))) / 1000);
      await rig.advance(SAMPLES * SAMPLE_SECONDS + SAMPLE_SECONDS / 2 - seconds);
      await rig.post("/tap", MEMBER);
      await rig.leave(rig.last);
      const ended = rig.sent("TransactionEvent").filter(({ eventType }) => eventType === "Ended");
      const values = ended.at(-1)!.meterValue as { sampledValue: unknown[] }[];
      // The begin and the end are told besides.
      if (values.length !== SAMPLES + 2 || values.some(({ sampledValue }) => sampledValue.length !== 3))
        throw new Error(`Ended has ${values.map(({ sampledValue }) => sampledValue.length).join(" ")} values`);
    },
  },
  {
    name: `link lost while charging, ${OFFLINE_EVENTS} events queued and delivered`,
    run: async (rig) => {
      for (let evse = 1; evse <= rig.last; evse++) {
        await rig.charge(evse);
      }
      await rig.settled();
      await rig.post("/network", { up: false });
      let queued = 0;
      for (let turn = 0; queued < OFFLINE_EVENTS && turn < 2 * OFFLINE_EVENTS; turn++) {
        await rig.advance(10);
        queued = (await rig.station.state()).queue.events;
      }
      if (queued < OFFLINE_EVENTS) throw new Error(`only ${queued} events were queued`);
      await rig.post("/network", { up: true });
      await rig.settled();
    },
  },
  {
    name: "power cycle in a transaction",
    run: async (rig) => {
      await rig.post("/power", { on: false });
      await rig.post("/power", { on: true });
      await rig.settled();
      for (let evse = 1; evse <= rig.last; evse++) {
        await rig.post(`/evse/${evse}/ev`, { draw: false });
        await rig.post(`/evse/${evse}/unplug`, { force: true });
      }
      await rig.settled();
    },
  },
  {
    name: "TriggerMessage, Reset",
    run: async (rig) => {
      expect(await rig.call("TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 1 } }), "Accepted");
      const boots = rig.sent("BootNotification").length;
      expect(await rig.call("Reset", { type: "Immediate" }), "Accepted");
      await rig.pass("the station has started again", 90, () => rig.sent("BootNotification").length > boots);
      await rig.settled();
    },
  },
];

/** The suite does not pass; `ranOut`: the engine said that variables or stack ran out, or the firmware that something was not caught. */
export class SuiteFailure extends Error {
  constructor(
    message: string,
    readonly ranOut: boolean,
  ) {
    super(message);
  }
}

/** Runs the suite; rejects with `SuiteFailure` when anything in it is not as it should be. Answers the figures after each step. */
export async function runSuite(options: StationOptions, steps: readonly Step[] = SUITE): Promise<StepFigures[]> {
  const trouble: string[] = [];
  const rig = await Rig.start({
    ...options,
    print: (line) => {
      if (TROUBLE.test(line)) trouble.push(line);
      options.print?.(line);
    },
  });
  const figures: StepFigures[] = [];
  try {
    for (const { name, run } of steps) {
      const begin = performance.now();
      try {
        await run(rig);
      } catch (error) {
        if (trouble.length === 0)
          throw new SuiteFailure(`${name}: ${error instanceof Error ? error.message : String(error)}`, false);
      }
      if (trouble.length > 0) throw new SuiteFailure(`${name}: ${trouble[0]}`, true);
      const { memory } = await rig.station.state();
      figures.push({
        step: name,
        ms: Math.round(performance.now() - begin),
        peak: memory?.peak ?? null,
        used: memory?.used ?? null,
        depth: rig.station.deepest(),
      });
    }
    const [violation] = rig.csms.violations;
    if (violation) throw new SuiteFailure(`frame against the schema: ${violation.reason}: ${violation.text.slice(0, 80)}`, false);
    const [finding] = rig.csms.findings;
    if (finding) throw new SuiteFailure(`against a rule: ${finding.text}`, false);
    return figures;
  } finally {
    await rig.close();
  }
}

/** Component and variable, instance in `[]`; `\u` escapes are written into some. */
const READABLE = [
  "OCPPCommCtrlr.HeartbeatInterval",
  "OCPPCommCtrlr.MessageTimeout[Default]",
  "SampledDataCtrlr.TxUpdatedMeasurands",
  "TxCtrlr.EVConnectionTimeOut",
  "ChargingStation.AvailabilityState",
  "ClockCtrlr.DateTime",
  "SampledDataCtrlr.TxEndedMeasurands",
  "SecurityCtrlr.Identity",
];

const WRITABLE = [
  ["OCPPCommCtrlr.OfflineThreshold", "120"],
  ["SampledDataCtrlr.TxEndedMeasurands", "Energy.Active.Import.Register,Power.Active.Import,Current.Import"],
  ["SampledDataCtrlr.TxEndedInterval", String(SAMPLE_SECONDS)],
  ["AuthCacheCtrlr.Enabled", "true"],
  ["TxCtrlr.EVConnectionTimeOut", "30"],
  ["AuthCtrlr.OfflineTxForUnknownIdEnabled", "true"],
  // Ten seconds instead of a minute: the offline queue fills in less time.
  ["SampledDataCtrlr.TxUpdatedInterval", "10"],
] as const;

/** `component` and `variable` of a variable, or the component alone. */
function address(name: string): { component: Payload; variable?: Payload } {
  const [, component, variable, instance] = /^(\w+)(?:\.(\w+))?(?:\[(\w+)\])?$/.exec(name)!;
  if (variable === undefined) return { component: { name: component } };
  return { component: { name: component }, variable: { name: variable, ...(instance === undefined ? {} : { instance }) } };
}

/** `"component":…,"variable":…` of a variable; the first letter of the variable as a `\u` escape. */
function variableText(name: string): string {
  const text = JSON.stringify(address(name)).slice(1, -1);
  return text.replace(/("variable":{"name":")(\w)/, (_, before: string, letter: string) => {
    return `${before}\\u00${letter.charCodeAt(0).toString(16)}`;
  });
}

function listOf(name: string, items: readonly string[]): string {
  return `{"${name}":[${items.map((item) => `{${item}}`).join(",")}]}`;
}

/** Entries of the local list; those of the next version differ from them in what is known about each token. */
function listEntries(version: number): Payload[] {
  return Array.from({ length: LIST_ENTRIES }, (_, i) => ({
    idToken: { idToken: `LISTED-TOKEN-${i}`.padEnd(19, "-"), type: "eMAID" },
    idTokenInfo: { status: version % 2 ? "Accepted" : "Blocked" },
  }));
}

/** A profile of `PERIODS` periods, with all that is optional: a message of nearly `MESSAGE_BYTES`, from `begin` on (Unix time in ms). */
function profile(id: number, chargingProfilePurpose: string, begin: number, more: Payload = {}): Payload {
  const at = (days: number): string => new Date(begin + days * 86_400_000).toISOString();
  const chargingSchedulePeriod = Array.from({ length: PERIODS }, (_, i) => ({
    startPeriod: i * 20_000 + id,
    limit: 10_000.5 + i + id,
    numberPhases: 3,
    customData: { vendorId: "v".repeat(60) },
  }));
  chargingSchedulePeriod[0].startPeriod = 0;
  const schedule = { id, startSchedule: at(0), duration: 604_800, chargingRateUnit: "W", minChargingRate: 1380.5 };
  const validity = { validFrom: at(0), validTo: at(7) };
  const kind = { stackLevel: id, chargingProfilePurpose, chargingProfileKind: "Recurring", recurrencyKind: "Weekly" };
  return { id, ...kind, ...validity, ...more, chargingSchedule: [{ ...schedule, chargingSchedulePeriod }] };
}

/** Sends a request as text, because JSON written by a library holds no escapes; answers the payload of the CALLRESULT. */
async function raw(rig: Rig, action: string, payload: string): Promise<Payload> {
  const id = `suite-${rig.station.frames().length}`;
  const text = `[2,"${id}","${action}",${payload}]`;
  if (text.length > MESSAGE_BYTES) throw new Error(`${action}: a request of ${text.length} bytes`);
  rig.raw(text);
  const answer = (): string | undefined =>
    rig.station.frames().find((frame) => frame.dir === "out" && frame.text.startsWith(`[3,"${id}"`))?.text;
  await rig.until(`${action} is answered`, () => answer() !== undefined);
  return (JSON.parse(answer()!) as [number, string, Payload])[2];
}

/** Waits for the message with which the station has told all that request `requestId` asked for. */
function lastPage(rig: Rig, action: string, requestId: number): Promise<void> {
  return rig.until(`the last ${action}`, () => {
    const pages = rig.sent(action).filter((page) => page.requestId === requestId);
    const last = pages.at(-1);
    return last !== undefined && last.tbc !== true;
  });
}

function expect(answer: Payload, status: string): void {
  if (answer.status !== status) throw new Error(`${JSON.stringify(answer)} instead of ${status}`);
}
