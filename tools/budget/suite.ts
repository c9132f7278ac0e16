/**
 * The scenarios that decide the RAM peak and the stack: one run of a station with two EVSEs through everything that it does,
 * the costly cases of each included. The smallest heap and the smallest stack in which this passes are the figures of the budget.
 */
import type { Payload } from "../csms/csms.ts";
import { Rig, type RigOptions } from "./rig.ts";

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

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
/** Console lines of an engine that ran out of variables or of stack, and the firmware's word for anything that it did not catch. */
const TROUBLE = /MEMORY|recursion|fault|interrupted|SIGSEGV|SIGABRT/i;
/** Transaction events that wait when the link comes back. */
const OFFLINE_EVENTS = 30;

export const SUITE: readonly Step[] = [
  {
    name: "boot, two StatusNotifications",
    run: async (rig) => {
      await rig.settled();
      await rig.pass("both connectors are reported", 5, () => rig.sent("StatusNotification").length === 2);
    },
  },
  {
    name: "session by card",
    run: async (rig) => {
      await rig.post("/evse/1/plug");
      await rig.post("/tap", CARD);
      await rig.post("/evse/1/ev", { draw: true, amps: 16 });
      await rig.pass("EVSE 1 charges", 10, ({ evses }) => evses[0].contactor);
      await rig.advance(185);
      await rig.post("/tap", CARD);
      await rig.post("/evse/1/ev", { draw: false });
      await rig.settled();
      await rig.post("/evse/1/unplug");
      await rig.settled();
    },
  },
  {
    name: "remote start and stop",
    run: async (rig) => {
      await rig.post("/evse/2/plug");
      await rig.post("/evse/2/ev", { draw: true, amps: 10 });
      const idToken = { idToken: "REMOTE-0123456789-ABCDEFGHIJKLMNOPQR", type: "Central" };
      expect(await rig.call("RequestStartTransaction", { evseId: 2, remoteStartId: 4711, idToken }), "Accepted");
      await rig.pass("EVSE 2 charges", 10, ({ evses }) => evses[1].contactor);
      await rig.advance(65);
      const { evses } = await rig.station.state();
      expect(await rig.call("RequestStopTransaction", { transactionId: evses[1].transactionId }), "Accepted");
      await rig.post("/evse/2/ev", { draw: false });
      await rig.settled();
      await rig.post("/evse/2/unplug");
      await rig.settled();
    },
  },
  {
    name: "GetVariables, 40 items with escapes",
    run: async (rig) => {
      const names = Array.from({ length: 40 }, (_, i) => READABLE[i % READABLE.length]);
      const answer = await raw(rig, "GetVariables", "getVariableData", names.map(variableText));
      const results = answer.getVariableResult as { attributeStatus: string }[];
      const accepted = results.filter(({ attributeStatus }) => attributeStatus === "Accepted");
      if (accepted.length !== 40) throw new Error(`GetVariables: ${accepted.length} of 40 items accepted`);
    },
  },
  {
    name: "full inventory",
    run: async (rig) => {
      expect(await rig.call("GetBaseReport", { requestId: 1, reportBase: "FullInventory" }), "Accepted");
      await rig.until("the last page", () => {
        const last = rig.sent("NotifyReport").at(-1);
        return last !== undefined && last.tbc !== true;
      });
    },
  },
  {
    name: "SetVariables, 20 items",
    run: async (rig) => {
      const items = Array.from({ length: 20 }, (_, i) => {
        const [name, value] = WRITABLE[i % WRITABLE.length];
        return `"attributeValue":"${value}",${variableText(name)}`;
      });
      const answer = await raw(rig, "SetVariables", "setVariableData", items);
      const results = answer.setVariableResult as { attributeStatus: string }[];
      if (results.length !== 20 || results.some(({ attributeStatus }) => attributeStatus !== "Accepted"))
        throw new Error(`SetVariables: ${JSON.stringify(results.map((result) => result.attributeStatus))}`);
    },
  },
  {
    name: `link lost while charging, ${OFFLINE_EVENTS} events queued and delivered`,
    run: async (rig) => {
      for (const evse of [1, 2]) {
        await rig.post(`/evse/${evse}/plug`);
        await rig.post("/tap", { ...CARD, evse });
        await rig.post(`/evse/${evse}/ev`, { draw: true, amps: 16 });
        await rig.pass(`EVSE ${evse} charges`, 10, ({ evses }) => evses[evse - 1].contactor);
      }
      await rig.settled();
      await rig.post("/network", { up: false });
      let queued = 0;
      for (let turn = 0; queued < OFFLINE_EVENTS && turn < OFFLINE_EVENTS; turn++) {
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
      for (const evse of [1, 2]) {
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
export async function runSuite(options: RigOptions, steps: readonly Step[] = SUITE): Promise<StepFigures[]> {
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
  ["SampledDataCtrlr.TxEndedMeasurands", "Energy.Active.Import.Register,Power.Active.Import"],
  ["TxCtrlr.EVConnectionTimeOut", "30"],
  ["AuthCtrlr.OfflineTxForUnknownIdEnabled", "true"],
  // Ten seconds instead of a minute: the offline queue fills in less time.
  ["SampledDataCtrlr.TxUpdatedInterval", "10"],
] as const;

/** `"component":…,"variable":…` of a variable; the first letter of the variable as a `\u` escape. */
function variableText(name: string): string {
  const [, component, variable, instance] = /^(\w+)\.(\w+)(?:\[(\w+)\])?$/.exec(name)!;
  const escaped = "\\u00" + variable.charCodeAt(0).toString(16) + variable.slice(1);
  const more = instance === undefined ? "" : `,"instance":"${instance}"`;
  return `"component":{"name":"${component}"},"variable":{"name":"${escaped}"${more}}`;
}

/** Sends a request as text, because JSON written by a library holds no escapes; answers the payload of the CALLRESULT. */
async function raw(rig: Rig, action: string, list: string, items: readonly string[]): Promise<Payload> {
  const id = `suite-${action}`;
  const text = `[2,"${id}","${action}",{"${list}":[${items.map((item) => `{${item}}`).join(",")}]}]`;
  if (text.length > 4000) throw new Error(`${action}: a request of ${text.length} bytes`);
  rig.csms.raw("CS001", text);
  const answer = (): string | undefined =>
    rig.station.frames().find((frame) => frame.dir === "out" && frame.text.startsWith(`[3,"${id}"`))?.text;
  await rig.until(`${action} is answered`, () => answer() !== undefined);
  return (JSON.parse(answer()!) as [number, string, Payload])[2];
}

function expect(answer: Payload, status: string): void {
  if (answer.status !== status) throw new Error(`${JSON.stringify(answer)} instead of ${status}`);
}
