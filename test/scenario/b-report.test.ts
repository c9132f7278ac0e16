/** OCPP 2.0.1 Part 2, B07 GetBaseReport, B08 GetReport: the variable table in NotifyReport pages. */
import assert from "node:assert/strict";
import { variableName, type VariableEntry } from "../../tools/image/variables.ts";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { boardVariables, scenario, type Bench } from "./harness.ts";
import {
  call,
  calls,
  get,
  ID,
  mark,
  offlineFor,
  pace,
  powerCycle,
  QUICK_RETRY,
  refusal,
  registered,
  setTo,
  written,
} from "./steps.ts";

const TABLE = boardVariables();
const SEEN = TABLE.filter(({ mutability }) => mutability !== "-");
const MUTABILITY = { RO: "ReadOnly", RW: "ReadWrite", WO: "WriteOnly", "-": "" };

interface Entry {
  component: { name: string; evse?: { id: number; connectorId?: number } };
  variable: { name: string; instance?: string };
  variableAttribute: { type?: string; value?: string; mutability?: string; persistent?: boolean }[];
  variableCharacteristics: {
    dataType: string;
    supportsMonitoring: boolean;
    unit?: string;
    minLimit?: number;
    maxLimit?: number;
    valuesList?: string;
  };
}

/** The pages of the report `requestId` so far. */
function pages(bench: Bench, requestId: number): Payload[] {
  return calls(bench, 0, "NotifyReport")
    .map(({ payload }) => payload)
    .filter((page) => page.requestId === requestId);
}

/** Ask for a report, wait for its last page; its entries. */
async function told(bench: Bench, action: string, payload: Payload): Promise<Entry[]> {
  assert.deepEqual(await call(bench, action, payload), { status: "Accepted" });
  const all = (): Payload[] => pages(bench, payload.requestId as number);
  await bench.until("the last page", () => all().length > 0 && all().at(-1)!.tbc !== true, 30);
  all().forEach((page, k) => {
    assert.equal(page.seqNo, k, "ascending seqNo from 0");
    assert.equal(page.tbc, k < all().length - 1 ? true : undefined, "tbc on all but the last");
    assert.match(String(page.generatedAt), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(JSON.stringify(page).length < 4000, "page under 4,000 bytes");
  });
  return all().flatMap((page) => page.reportData as Entry[]);
}

/** `Component.Variable[Instance]@evse.connector` of an entry, and of a line of the table on EVSE `evse`. */
function nameOf({ component, variable }: Entry): string {
  const { evse } = component;
  return (
    `${component.name}.${variable.name}` +
    (variable.instance === undefined ? "" : `[${variable.instance}]`) +
    (evse ? `@${evse.id}` + (evse.connectorId === undefined ? "" : `.${evse.connectorId}`) : "")
  );
}

function namesOn(entry: VariableEntry, evses: number): string[] {
  if (entry.scope === "station") return [variableName(entry)];
  return Array.from({ length: evses }, (_, k) => `${variableName(entry)}@${k + 1}` + (entry.scope === "connector" ? ".1" : ""));
}

/** The names of all table lines that `filter` lets through, on `evses` EVSEs. */
function names(evses: number, filter: (entry: VariableEntry) => boolean = () => true): string[] {
  return SEEN.filter(filter).flatMap((entry) => namesOn(entry, evses));
}

function assertTrue(entry: Entry, line: VariableEntry, name: string): void {
  const [attribute, ...more] = entry.variableAttribute;
  assert.deepEqual(more, [], name);
  assert.equal(attribute.type, undefined, name);
  assert.equal(attribute.mutability, MUTABILITY[line.mutability], name);
  assert.equal(attribute.persistent, line.mutability === "RO" ? undefined : true, name);
  assert.equal(attribute.value === undefined, line.mutability === "WO", name);
  const { dataType, supportsMonitoring, unit, minLimit, maxLimit, valuesList } = entry.variableCharacteristics;
  assert.equal(dataType, line.type, name);
  assert.equal(supportsMonitoring, false, name);
  assert.equal(unit, line.unit || undefined, name);
  const [min, max] = line.limits.includes("..") ? line.limits.split("..") : ["", ""];
  const numeric = line.type === "integer" || line.type === "decimal";
  assert.equal(minLimit, numeric && min ? Number(min) : undefined, name);
  assert.equal(maxLimit, max ? Number(max) : undefined, name);
  if (line.type.endsWith("List")) {
    assert.ok(valuesList, `${name} has a valuesList`);
    const members = attribute.value === "" ? [] : attribute.value!.split(",");
    for (const member of members) assert.ok(valuesList.split(",").includes(member), `${name}: ${member}`);
  } else {
    assert.equal(valuesList, undefined, name);
  }
}

describe("B07: GetBaseReport", () => {
  scenario(
    "B-30, B-31, TC_B_12, TC_B_53: FullInventory: each variable once, as the table has it",
    { station: { evses: 2 } },
    async (bench) => {
      await registered(bench);
      const entries = await told(bench, "GetBaseReport", { requestId: 1, reportBase: "FullInventory" });
      assert.deepEqual(entries.map(nameOf), names(2));
      const lines = SEEN.flatMap((entry) => namesOn(entry, 2).map(() => entry));
      entries.forEach((entry, k) => {
        assertTrue(entry, lines[k], nameOf(entry));
      });
      // What GetVariables says is what the report says.
      const readable = entries.filter(({ variableAttribute }) => variableAttribute[0].mutability !== "WriteOnly");
      const still = readable.filter((entry) => nameOf(entry) !== "ClockCtrlr.DateTime");
      for (let i = 0; i < still.length; i += 30) {
        const part = still.slice(i, i + 30);
        assert.deepEqual(
          await get(bench, ...part.map(nameOf)),
          part.map(({ variableAttribute }) => `Accepted ${variableAttribute[0].value}`),
        );
      }
    },
  );

  scenario("B-30, TC_B_13: ConfigurationInventory: what can be set", {}, async (bench) => {
    await registered(bench);
    const entries = await told(bench, "GetBaseReport", { requestId: 2, reportBase: "ConfigurationInventory" });
    assert.deepEqual(
      entries.map(nameOf),
      names(1, ({ mutability }) => mutability !== "RO"),
    );
  });

  scenario("B-30, TC_B_14: SummaryInventory: the states, as they are", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    await bench.post("/evse/2/plug");
    await bench.settled();
    const entries = await told(bench, "GetBaseReport", { requestId: -3, reportBase: "SummaryInventory" });
    assert.deepEqual(
      entries.map((entry) => `${nameOf(entry)} ${entry.variableAttribute[0].value}`),
      [
        "ChargingStation.AvailabilityState Available",
        "EVSE.AvailabilityState@1 Available",
        "EVSE.AvailabilityState@2 Occupied",
        "Connector.AvailabilityState@1.1 Available",
        "Connector.AvailabilityState@2.1 Occupied",
      ],
    );
  });

  scenario("A-08: the password is in no report", { station: { password: "secret-password-1" } }, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await told(bench, "GetBaseReport", { requestId: 4, reportBase: "FullInventory" });
    assert.ok(!written(bench, since).includes("secret-password-1"));
  });

  scenario("B-32: a second report while one runs is Rejected; requests are answered in between", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    const asked = (id: string, action: string, payload: Payload): void => {
      bench.csms.raw(ID, JSON.stringify([2, id, action, payload]));
    };
    asked("one", "GetBaseReport", { requestId: 5, reportBase: "FullInventory" });
    asked("two", "GetBaseReport", { requestId: 6, reportBase: "FullInventory" });
    await bench.until("the second page", () => pages(bench, 5).length > 1, 20);
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
    asked("beat", "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.post("/evse/1/plug");
    await bench.until("the last page", () => pages(bench, 5).at(-1)!.tbc !== true, 30);
    await bench.settled();
    const out = bench.station
      .frames(since)
      .filter(({ dir }) => dir === "out")
      .map(({ text }) => JSON.parse(text) as [number, string, string | Payload]);
    assert.deepEqual(out.find(([type, id]) => type === 3 && id === "two")![2], { status: "Rejected" });
    assert.deepEqual(pages(bench, 6), []);
    assert.deepEqual(
      pages(bench, 5).map(({ seqNo }) => seqNo),
      pages(bench, 5).map((_, k) => k),
    );
    const order = out.map(([type, id, action]) => (type === 2 ? (action as string) : id));
    const last = order.lastIndexOf("NotifyReport");
    for (const other of ["beat", "Heartbeat", "StatusNotification"])
      assert.ok(order.indexOf(other) >= 0 && order.indexOf(other) < last, `${other} before the last page`);
    assert.equal((await told(bench, "GetBaseReport", { requestId: 7, reportBase: "SummaryInventory" })).length, 3);
  });

  scenario("B-32: requests in pieces that cross the pages lose nothing", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    bench.csms.raw(ID, JSON.stringify([2, "one", "GetBaseReport", { requestId: 8, reportBase: "FullInventory" }]));
    const data = Array.from({ length: 40 }, () => ({ component: { name: "TxCtrlr" }, variable: { name: "TxStopPoint" } }));
    for (let i = 0; i < 6; i++) {
      bench.csms.raw(ID, JSON.stringify([2, `long${i}`, "GetVariables", { getVariableData: data }]));
      await bench.until("the answer", () => written(bench, since).includes(`[3,"long${i}"`), 20);
    }
    await bench.until("the last page", () => pages(bench, 8).length > 0 && pages(bench, 8).at(-1)!.tbc !== true, 60);
    assert.equal((written(bench, since).match(/"attributeStatus":"Accepted"/g) ?? []).length, 240);
    assert.equal(pages(bench, 8).flatMap((page) => page.reportData as Entry[]).length, names(1).length);
  });

  scenario(
    "B-32: connection lost in a report: dropped; the next report begins anew",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      await call(bench, "GetBaseReport", { requestId: 9, reportBase: "FullInventory" });
      await bench.until("the second page", () => pages(bench, 9).length > 1, 20);
      await offlineFor(bench, 2);
      const before = pages(bench, 9).length;
      assert.ok(before < names(1).length / 5 - 1, "interrupted");
      await pace(bench, 3);
      assert.equal(pages(bench, 9).length, before);
      assert.equal(
        (await told(bench, "GetBaseReport", { requestId: 10, reportBase: "ConfigurationInventory" }))[0].variableAttribute[0]
          .mutability,
        "ReadWrite",
      );
    },
  );

  scenario(
    "B-32: a page that is not answered: the next one goes out after the timeout, none is renumbered",
    {},
    async (bench) => {
      await registered(bench);
      let silent = 1;
      bench.csms.on("NotifyReport", (_request, context) => (silent-- > 0 ? NO_ANSWER : context.defaultAnswer()));
      await call(bench, "GetBaseReport", { requestId: 11, reportBase: "ConfigurationInventory" });
      await bench.until("the first page", () => pages(bench, 11).length === 1);
      await pace(bench, 29);
      assert.equal(pages(bench, 11).length, 1);
      await pace(bench, 2);
      await bench.until("the last page", () => pages(bench, 11).at(-1)!.tbc !== true, 20);
      assert.deepEqual(
        pages(bench, 11).map(({ seqNo }) => seqNo),
        pages(bench, 11).map((_, k) => k),
      );
    },
  );

  scenario("B-05: a report while Pending", {}, async (bench) => {
    bench.csms.on("BootNotification", (_request, context) => ({
      ...context.defaultAnswer(),
      status: "Pending",
      interval: 300,
    }));
    await powerCycle(bench);
    await bench.until("Pending", async () => {
      await bench.advance(1);
      return (await bench.station.state()).registration === "Pending";
    });
    assert.equal((await told(bench, "GetBaseReport", { requestId: 12, reportBase: "SummaryInventory" })).length, 3);
  });

  scenario("values with a change are told as they are now", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "OCPPCommCtrlr.OfflineThreshold", "77");
    const entries = await told(bench, "GetBaseReport", { requestId: 13, reportBase: "ConfigurationInventory" });
    assert.equal(entries.find((entry) => nameOf(entry) === "OCPPCommCtrlr.OfflineThreshold")!.variableAttribute[0].value, "77");
  });
});

describe("B08: GetReport", () => {
  const wanted = (component: Payload, variable?: Payload): Payload => ({ component, ...(variable ? { variable } : {}) });
  const OFFERED = { station: { evses: 2 } };

  scenario(
    "B-33, TC_B_16 … TC_B_18: components and variables, a missing instance or EVSE stands for all",
    OFFERED,
    async (bench) => {
      await registered(bench);
      let requestId = 20;
      const report = async (...componentVariable: Payload[]): Promise<string[]> =>
        (await told(bench, "GetReport", { requestId: requestId++, componentVariable })).map(nameOf);
      const of = (component: string): string[] => names(2, (entry) => entry.component === component);
      assert.deepEqual(await report(wanted({ name: "TxCtrlr" })), of("TxCtrlr"));
      assert.deepEqual(await report(wanted({ name: "txctrlr" }, { name: "EVCONNECTIONTIMEOUT" })), [
        "TxCtrlr.EVConnectionTimeOut",
      ]);
      assert.deepEqual(await report(wanted({ name: "EVSE" })), of("EVSE"));
      assert.deepEqual(
        await report(wanted({ name: "EVSE", evse: { id: 2 } })),
        of("EVSE").filter((name) => name.endsWith("@2")),
      );
      assert.deepEqual(await report(wanted({ name: "Connector", evse: { id: 2 } }, { name: "ConnectorType" })), [
        "Connector.ConnectorType@2.1",
      ]);
      assert.deepEqual(await report(wanted({ name: "Connector", evse: { id: 1, connectorId: 1 } }, { name: "Available" })), [
        "Connector.Available@1.1",
      ]);
      assert.deepEqual(
        await report(wanted({ name: "DeviceDataCtrlr" }, { name: "ItemsPerMessage" })),
        names(2, (entry) => entry.variable === "ItemsPerMessage" && entry.component === "DeviceDataCtrlr"),
      );
      assert.deepEqual(await report(wanted({ name: "DeviceDataCtrlr" }, { name: "ItemsPerMessage", instance: "SetVariables" })), [
        "DeviceDataCtrlr.ItemsPerMessage[SetVariables]",
      ]);
      // Several: each once, in the order of the table; what there is none of is left out.
      assert.deepEqual(
        await report(
          wanted({ name: "TxCtrlr" }, { name: "TxStopPoint" }),
          wanted({ name: "NoSuchCtrlr" }),
          wanted({ name: "ClockCtrlr" }, { name: "DateTime" }),
          wanted({ name: "TxCtrlr" }, { name: "TxStopPoint" }),
        ),
        ["ClockCtrlr.DateTime", "TxCtrlr.TxStopPoint"],
      );
    },
  );

  scenario("B-33, TC_B_19: nothing is left: EmptyResultSet and no NotifyReport", OFFERED, async (bench) => {
    await registered(bench);
    for (const item of [
      wanted({ name: "NoSuchCtrlr" }),
      wanted({ name: "TxCtrlr", instance: "x" }),
      wanted({ name: "TxCtrlr", evse: { id: 1 } }),
      wanted({ name: "TxCtrlr" }, { name: "NoSuch" }),
      wanted({ name: "TxCtrlr" }, { name: "TxStopPoint", instance: "x" }),
      wanted({ name: "EVSE", evse: { id: 3 } }),
      wanted({ name: "EVSE", evse: { id: 1, connectorId: 1 } }),
      wanted({ name: "Connector", evse: { id: 1, connectorId: 2 } }),
      wanted({ name: "Board" }),
      wanted({ name: "NetworkConfiguration" }),
    ])
      assert.deepEqual(
        await call(bench, "GetReport", { requestId: 30, componentVariable: [item] }),
        { status: "EmptyResultSet" },
        JSON.stringify(item),
      );
    assert.deepEqual(await call(bench, "GetReport", { requestId: 30, componentCriteria: ["Problem"] }), {
      status: "EmptyResultSet",
    });
    await bench.quiet();
    assert.deepEqual(calls(bench, 0, "NotifyReport"), []);
  });

  scenario("B-33, TC_B_54 … TC_B_56: criteria, alone and together with components", OFFERED, async (bench) => {
    await registered(bench);
    let requestId = 40;
    const report = async (payload: Payload): Promise<string[]> =>
      (await told(bench, "GetReport", { requestId: requestId++, ...payload })).map(nameOf);
    // A component without the variable is active, available and enabled.
    assert.deepEqual(await report({ componentCriteria: ["Active"] }), names(2));
    const off = SEEN.filter(({ variable, default: value }) => variable === "Enabled" && value === "false").map(
      ({ component }) => component,
    );
    assert.deepEqual(
      await report({ componentCriteria: ["Problem", "Enabled"] }),
      names(2, ({ component }) => !off.includes(component)),
    );
    const chosen = { componentVariable: [wanted({ name: "EVSE" }, { name: "Available" }), wanted({ name: "TxCtrlr" })] };
    const both = names(
      2,
      ({ component, variable }) => component === "TxCtrlr" || (component === "EVSE" && variable === "Available"),
    );
    assert.deepEqual(await report({ componentCriteria: ["Available"], ...chosen }), both);
    assert.deepEqual(await report({}), names(2));
  });

  scenario("RPC-12: as many entries as ItemsPerMessage says, one more is refused", {}, async (bench) => {
    await registered(bench);
    const most = Number(
      SEEN.find(({ variable, instance }) => variable === "ItemsPerMessage" && instance === "GetReport")!.default,
    );
    const items = Array.from({ length: most + 1 }, () => wanted({ name: "ClockCtrlr" }, { name: "DateTime" }));
    assert.equal(await refusal(bench, "GetReport", { requestId: 50, componentVariable: items }), "OccurrenceConstraintViolation");
    assert.equal((await told(bench, "GetReport", { requestId: 51, componentVariable: items.slice(1) })).length, 1);
  });

  it("each variable's instances, and each component's variables, stand together in the table", () => {
    for (const name of [
      ({ component }: VariableEntry): string => component,
      ({ component, variable }: VariableEntry): string => `${component}.${variable}`,
    ]) {
      const runs = TABLE.map(name).filter((one, k, all) => one !== all[k - 1]);
      assert.equal(new Set(runs).size, runs.length);
    }
  });
});
