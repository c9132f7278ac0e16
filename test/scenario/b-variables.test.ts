/** OCPP 2.0.1 Part 2, B05 SetVariables, B06 GetVariables on the whole variable table. */
import assert from "node:assert/strict";
import { variableName, type VariableEntry } from "../../tools/image/variables.ts";
import type { Payload } from "../../tools/csms/csms.ts";
import { boardVariables, scenario, type Bench } from "./harness.ts";
import { address, call, get, ID, mark, powerCycle, registered, set, setTo, written } from "./steps.ts";

const TABLE = boardVariables();
const SEEN = TABLE.filter(({ mutability }) => mutability !== "-");
const WRITABLE = SEEN.filter(({ mutability }) => mutability === "RW");
const THRESHOLD = "OCPPCommCtrlr.OfflineThreshold";
const LIST = "SampledDataCtrlr.TxUpdatedMeasurands";

/** Its address on EVSE 1. */
function addressOf(entry: VariableEntry): string {
  return variableName(entry) + (entry.scope === "evse" ? "@1" : entry.scope === "connector" ? "@1.1" : "");
}

function bounds({ limits }: VariableEntry): [number, number] {
  const [low, high] = limits.split("..").map(Number);
  return [low, high];
}

/** Results of GetVariables or SetVariables with items as they are. */
async function results(bench: Bench, action: "GetVariables" | "SetVariables", items: Payload[]): Promise<Payload[]> {
  const kind = action === "GetVariables" ? "getVariable" : "setVariable";
  return (await call(bench, action, { [`${kind}Data`]: items }))[`${kind}Result`] as Payload[];
}

/** Values of `type` that no variable takes (B-24). */
const MALFORMED: Record<string, string[]> = {
  integer: ["300.1", "", "abc", " 300", "300 ", "3e2", "0x10", "+30", "-", "--1", "30-", "99999999999", "1,2", "\u0663"],
  decimal: ["", "abc", ".5", "5.", "1.5.5", "1e1", "1,5", " 5", "5 ", "-", "+3", "0x5"],
  boolean: ["", "yes", "1", "0", " true", "true ", "truefalse", "null"],
  string: ["tab\there", "\u00e4"],
  SequenceList: ["", ",", "3", "1,1", "1,", ",1", "1, 2", "1;2", "12", "abc"],
  MemberList: [
    "Frequency",
    "Energy.Active.Import.Register,Frequency",
    ",",
    "Energy.Active.Import.Register,",
    "Energy.Active.Import.Register, Power.Active.Import",
    "Energy.Active.Import.Register,Energy.Active.Import.Register",
    "Energy",
    "Register,Power",
  ],
};

describe("B06: GetVariables", () => {
  scenario("B-20, B-21, B-22: every variable of the table once", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    for (let i = 0; i < SEEN.length; i += 40) {
      const entries = SEEN.slice(i, i + 40);
      const items = entries.map((entry) => address(addressOf(entry)));
      const got = await results(bench, "GetVariables", items);
      assert.deepEqual(
        got.map(({ component, variable }) => ({ component, variable })),
        items,
      );
      got.forEach(({ attributeStatus, attributeValue, attributeType }, k) => {
        const name = variableName(entries[k]);
        assert.equal(attributeType, "Actual", `${name}: attributeType is Actual when it was absent (B-20)`);
        assert.equal(attributeStatus, entries[k].mutability === "WO" ? "Rejected" : "Accepted", name);
        const value = attributeValue as string | undefined;
        if (entries[k].mutability === "WO") assert.equal(value, undefined, name);
        else {
          assert.equal(typeof value, "string", name);
          if (entries[k].type === "integer") assert.match(value!, /^-?\d+$/, name);
          if (entries[k].type === "boolean") assert.match(value!, /^(true|false)$/, name);
          if (entries[k].type === "decimal") assert.match(value!, /^-?\d+(\.\d+)?$/, name);
          if (entries[k].type === "dateTime") assert.match(value!, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, name);
          if (/List$/.test(entries[k].type) && value !== "") {
            for (const member of value!.split(","))
              assert.ok(entries[k].limits.split(",").includes(member), `${name}: ${member}`);
          }
        }
      });
    }
  });

  scenario("the station's own settings are not visible", {}, async (bench) => {
    await registered(bench);
    for (const entry of TABLE.filter(({ mutability }) => mutability === "-")) {
      const [status] = await get(bench, variableName(entry));
      assert.match(status, /^Unknown(Component|Variable)$/, variableName(entry));
      assert.match((await set(bench, { [variableName(entry)]: "1" }))[0], /^Unknown(Component|Variable)$/, variableName(entry));
    }
  });

  scenario("B-21, B-23: decision order of an item", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    const named = (component: Payload, variable: Payload, attributeType?: string): Payload =>
      attributeType ? { component, variable, attributeType } : { component, variable };
    const cases: [string, Payload][] = [
      ["UnknownComponent", named({ name: "NoSuchCtrlr" }, { name: "OfflineThreshold" })],
      ["UnknownComponent", named({ name: "NoSuchCtrlr" }, { name: "NoSuch" }, "Target")],
      ["UnknownComponent", named({ name: "OCPPCommCtrlr", instance: "x" }, { name: "OfflineThreshold" })],
      ["UnknownComponent", named({ name: "OCPPCommCtrlr,AuthCtrlr" }, { name: "OfflineThreshold" })],
      ["UnknownComponent", named({ name: "EVSE", evse: { id: 3 } }, { name: "Available" })],
      ["UnknownComponent", named({ name: "EVSE", evse: { id: 0 } }, { name: "Available" })],
      ["UnknownComponent", named({ name: "Connector", evse: { id: 1, connectorId: 2 } }, { name: "Available" })],
      ["UnknownVariable", named({ name: "OCPPCommCtrlr" }, { name: "NoSuch" })],
      ["UnknownVariable", named({ name: "OCPPCommCtrlr" }, { name: "EVConnectionTimeOut" })],
      ["UnknownVariable", named({ name: "OCPPCommCtrlr" }, { name: "NoSuch" }, "MaxSet")],
      ["UnknownVariable", named({ name: "OCPPCommCtrlr" }, { name: "OfflineThreshold", instance: "x" })],
      ["UnknownVariable", named({ name: "DeviceDataCtrlr" }, { name: "ItemsPerMessage" })],
      ["UnknownVariable", named({ name: "DeviceDataCtrlr" }, { name: "ItemsPerMessage[GetVariables]" })],
      ["UnknownVariable", named({ name: "DeviceDataCtrlr" }, { name: "ItemsPerMessage", instance: "NoSuch" })],
      ["NotSupportedAttributeType", named({ name: "OCPPCommCtrlr" }, { name: "OfflineThreshold" }, "Target")],
      ["NotSupportedAttributeType", named({ name: "OCPPCommCtrlr" }, { name: "OfflineThreshold" }, "MinSet")],
      ["NotSupportedAttributeType", named({ name: "OCPPCommCtrlr" }, { name: "OfflineThreshold" }, "MaxSet")],
      ["NotSupportedAttributeType", named({ name: "SecurityCtrlr" }, { name: "BasicAuthPassword" }, "Target")],
      ["Rejected", named({ name: "SecurityCtrlr" }, { name: "BasicAuthPassword" }, "Actual")],
      ["Accepted", named({ name: "OCPPCommCtrlr" }, { name: "OfflineThreshold" }, "Actual")],
      ["Accepted", named({ name: "ocppcommctrlr" }, { name: "OFFLINETHRESHOLD" })],
      ["Accepted", named({ name: "DEVICEDATACTRLR" }, { name: "itemspermessage", instance: "getvariables" })],
      ["Accepted", named({ name: "EVSE", evse: { id: 2 } }, { name: "Available" })],
      ["Accepted", named({ name: "Connector", evse: { id: 2, connectorId: 1 } }, { name: "ConnectorType" })],
    ];
    const items = cases.map(([, item]) => item);
    const got = await results(bench, "GetVariables", items);
    assert.deepEqual(
      got.map(({ attributeStatus, attributeType, component, variable }) => ({
        attributeStatus,
        attributeType,
        component,
        variable,
      })),
      cases.map(([attributeStatus, item]) => ({ attributeStatus, attributeType: "Actual", ...item })),
    );
    for (const { attributeStatus, attributeValue } of got)
      assert.equal(attributeValue !== undefined, attributeStatus === "Accepted");
    // The same for Set; there the value comes last and a read-only variable is refused.
    const mayBeSet = items.slice(0, 14).map((item) => ({ ...item, attributeValue: "70" }));
    assert.deepEqual(
      (await results(bench, "SetVariables", mayBeSet)).map(({ attributeStatus }) => attributeStatus),
      cases.slice(0, 14).map(([status]) => status),
    );
    assert.deepEqual(
      (await results(bench, "SetVariables", [{ ...items[14], attributeValue: "70" }])).map(
        ({ attributeStatus, attributeType }) => [attributeStatus, attributeType],
      ),
      [["NotSupportedAttributeType", "Target"]],
    );
  });

  scenario(
    "RPC-12: as many items as ItemsPerMessage says are answered; one more never fits BytesPerMessage",
    {},
    async (bench) => {
      await registered(bench);
      for (const [action, member] of [
        ["GetVariables", {}],
        ["SetVariables", { attributeValue: "" }],
      ] as const) {
        const most = Number(
          TABLE.find(({ variable, instance }) => variable === "ItemsPerMessage" && instance === action)!.default,
        );
        const bytes = Number(
          TABLE.find(({ variable, instance }) => variable === "BytesPerMessage" && instance === action)!.default,
        );
        const list = action === "GetVariables" ? "getVariableData" : "setVariableData";
        const items = Array.from({ length: most + 1 }, () => ({ ...member, component: { name: "" }, variable: { name: "" } }));
        const text = (count: number, id = "x"): string => JSON.stringify([2, id, action, { [list]: items.slice(0, count) }]);
        assert.ok(text(most).length <= bytes && text(most + 1).length > bytes, `${text(most).length} ${text(most + 1).length}`);
        const since = mark(bench);
        bench.csms.raw(ID, text(most));
        await bench.until("the answer", () => written(bench, since).includes('[3,"x"'), 20);
        assert.equal((written(bench, since).match(/"UnknownComponent"/g) ?? []).length, most);
        await bench.quiet();
        bench.csms.raw(ID, text(most + 1, "y"));
        await bench.until("the refusal", () => written(bench, since).includes('[4,"y","FormatViolation"'), 20);
      }
      const values = Array.from({ length: 20 }, (_, i) => ({ ...address(THRESHOLD), attributeValue: String(100 + i) }));
      assert.equal((await results(bench, "SetVariables", values)).length, 20);
      assert.deepEqual(await get(bench, THRESHOLD), ["Accepted 119"], "in order (B-25)");
    },
  );

  scenario("RPC-03: other CALLs cross while an answer is streamed", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    const items = Array.from({ length: 40 }, () => address(LIST));
    bench.csms.raw(ID, JSON.stringify([2, "long", "GetVariables", { getVariableData: items }]));
    bench.csms.raw(ID, JSON.stringify([2, "beat", "TriggerMessage", { requestedMessage: "Heartbeat" }]));
    bench.csms.raw(
      ID,
      JSON.stringify([2, "set", "SetVariables", { setVariableData: [{ ...address(THRESHOLD), attributeValue: "77" }] }]),
    );
    bench.csms.raw(ID, JSON.stringify([2, "stop", "RequestStopTransaction", { transactionId: "none" }]));
    await bench.post("/evse/1/plug");
    await bench.until("four answers", () => (written(bench, since).match(/^\[3,/gm) ?? []).length === 4, 20);
    await bench.settled();
    const out = bench.station
      .frames(since)
      .filter(({ dir }) => dir === "out")
      .map(({ text }) => JSON.parse(text) as unknown[]);
    assert.deepEqual(
      out.filter(([type]) => type === 3).map(([, id]) => id),
      ["long", "beat", "set", "stop"],
    );
    assert.deepEqual(
      out
        .filter(([type]) => type === 2)
        .map(([, , action]) => action)
        .sort(),
      ["Heartbeat", "StatusNotification"],
    );
    assert.deepEqual(await get(bench, THRESHOLD), ["Accepted 77"]);
  });

  scenario("names and values with JSON escapes mean what they say", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    bench.csms.raw(
      ID,
      String.raw`[ 2 , "e" , "SetVariables" ,{ "setVariableData" : [ {"attributeValue":"\u0038\u0031","component":{"name":"OCPPCommCt\u0072lr"},"variable":{"name":"Offline\u0054hreshold"}} ] } ]`,
    );
    await bench.until("the answer", () => written(bench, since).includes('"attributeStatus":"Accepted"'));
    assert.deepEqual(await get(bench, THRESHOLD), ["Accepted 81"]);
  });
});

describe("B05: SetVariables", () => {
  scenario(
    "B-21, B-24, B-27: each writable variable takes its limits and nothing beyond",
    { csms: { interval: 0 } },
    async (bench) => {
      await registered(bench);
      const tries: [string, string, boolean][] = [];
      for (const entry of WRITABLE) {
        const name = addressOf(entry);
        if (entry.type === "integer" || entry.type === "decimal") {
          const [low, high] = bounds(entry);
          tries.push([name, String(low - 1), false], [name, String(high + 1), false]);
          tries.push([name, String(high), true], [name, String(low), true]);
        } else if (entry.type === "boolean") {
          tries.push([name, "FALSE", true], [name, "True", true]);
        } else if (entry.type === "SequenceList") {
          tries.push([name, entry.default, true]);
        } else if (entry.type === "string") {
          const [low, high] = bounds(entry);
          tries.push([name, "x".repeat(high + 1), false], [name, "x".repeat(high), true], [name, "x".repeat(low), true]);
        } else {
          const members = entry.limits.split(",");
          tries.push([name, "", true], [name, members.join(","), true], [name, members.reverse().join(","), true]);
        }
        for (const value of MALFORMED[entry.type] ?? assert.fail(`${name}: no malformed ${entry.type}`))
          tries.push([name, value, false]);
      }
      const last = new Map<string, string>();
      for (let i = 0; i < tries.length; i += 20) {
        const part = tries.slice(i, i + 20);
        const got = await results(
          bench,
          "SetVariables",
          part.map(([name, attributeValue]) => ({ ...address(name), attributeValue })),
        );
        got.forEach(({ attributeStatus }, k) => {
          const [name, value, good] = part[k];
          assert.equal(attributeStatus, good ? "Accepted" : "Rejected", `${name} = "${value}"`);
          if (good) last.set(name, /^(true|false)$/i.test(value) ? value.toLowerCase() : value);
        });
      }
      const names = [...last.keys()];
      assert.deepEqual(
        await get(bench, ...names),
        names.map((name) => `Accepted ${last.get(name)}`),
      );
      // B-26: all of them survive a power cycle.
      await powerCycle(bench);
      await registered(bench);
      assert.deepEqual(
        await get(bench, ...names),
        names.map((name) => `Accepted ${last.get(name)}`),
      );
    },
  );

  scenario("B-21: each read-only variable is refused", {}, async (bench) => {
    await registered(bench);
    const entries = SEEN.filter(({ mutability }) => mutability === "RO");
    for (let i = 0; i < entries.length; i += 20) {
      const part = entries.slice(i, i + 20);
      const got = await set(bench, Object.fromEntries(part.map((entry) => [addressOf(entry), entry.default || "1"])));
      assert.deepEqual(
        got,
        part.map(() => "Rejected"),
        part.map(variableName).join(),
      );
    }
  });

  scenario("B-25: items are independent", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(
      await set(bench, {
        "TxCtrlr.EVConnectionTimeOut": "30",
        "NoSuch.Variable": "1",
        [THRESHOLD]: "-1",
        "TxCtrlr.StopTxOnInvalidId": "false",
      }),
      ["Accepted", "UnknownComponent", "Rejected", "Accepted"],
    );
    assert.deepEqual(await get(bench, "TxCtrlr.EVConnectionTimeOut", THRESHOLD, "TxCtrlr.StopTxOnInvalidId"), [
      "Accepted 30",
      "Accepted 60",
      "Accepted false",
    ]);
  });

  scenario("B-26: values outlive many changes and a power cycle", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "TxCtrlr.EVConnectionTimeOut", "31");
    for (let round = 0; round < 24; round++) {
      const items = Array.from({ length: 20 }, (_, i) => ({
        ...address(THRESHOLD),
        attributeValue: String(1000 + round * 20 + i),
      }));
      for (const { attributeStatus } of await results(bench, "SetVariables", items)) assert.equal(attributeStatus, "Accepted");
    }
    assert.deepEqual(await get(bench, THRESHOLD, "TxCtrlr.EVConnectionTimeOut"), ["Accepted 1479", "Accepted 31"]);
    await powerCycle(bench);
    await registered(bench);
    assert.deepEqual(await get(bench, THRESHOLD, "TxCtrlr.EVConnectionTimeOut"), ["Accepted 1479", "Accepted 31"]);
  });

  for (const torn of [false, true]) {
    scenario(`B-26: power cut ${torn ? "in the middle of" : "before"} the write: the old or the new value`, {}, async (bench) => {
      await registered(bench);
      await setTo(bench, THRESHOLD, "111");
      await bench.post("/power", { cutAfterFlashOps: 1, torn });
      await call(bench, "SetVariables", { setVariableData: [{ ...address(THRESHOLD), attributeValue: "222" }] }).catch(
        () => undefined,
      );
      await bench.until("the power is off", async () => !(await bench.station.state()).powered);
      await bench.post("/power", { on: true });
      await registered(bench);
      assert.match((await get(bench, THRESHOLD))[0], /^Accepted (111|222)$/);
      await setTo(bench, THRESHOLD, "333");
      assert.deepEqual(await get(bench, THRESHOLD), ["Accepted 333"]);
    });
  }
});
