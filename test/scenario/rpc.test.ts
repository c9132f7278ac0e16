/** OCPP 2.0.1 Part 4, 4: the RPC framework (RPC-03 … RPC-12). Payloads against the schemas are in `rpc-schema.test.ts`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { actionsOf } from "../../tools/csms/schema.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  address,
  call,
  calls,
  CARD,
  charging,
  get,
  ID,
  mark,
  pace,
  paceUntil,
  powerCycle,
  refusal,
  registered,
  told,
} from "./steps.ts";

const ACTIONS = readFileSync(new URL("../../src/ocpp201/actions.txt", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" "));
const OFFERED = ACTIONS.filter(([, how]) => how === "offered").map(([name]) => name);
const KNOWN = ACTIONS.filter(([, how]) => how === "known").map(([name]) => name);

/** Sends `text` and behind it a request whose answer shows that the station is done; gives what came before that: `type id code`. */
async function answers(bench: Bench, text: string): Promise<string[]> {
  const since = mark(bench);
  bench.csms.raw(ID, text);
  bench.csms.raw(ID, '[2,"barrier","RequestStopTransaction",{"transactionId":"none"}]');
  const out = (): string[] => bench.station.frames(since).flatMap(({ dir, text }) => (dir === "out" ? [text] : []));
  const ended = (): boolean => out().some((answer) => answer.startsWith('[3,"barrier"'));
  await bench.until(`an end of the answers to ${text}`, ended, 20);
  return out()
    .filter((answer) => /^\[[34],/.test(answer) && !answer.startsWith('[3,"barrier"'))
    .map((answer) => {
      const [type, id, code, description, details] = JSON.parse(answer) as [number, string, string, unknown, unknown];
      if (type === 4) {
        assert.ok(typeof description === "string" && description.length <= 255);
        assert.deepEqual(details, {}, "details are an object, nothing is echoed");
      }
      return type === 4 ? `4 ${id} ${code}` : `${type} ${id}`;
    });
}

const GET = '{"getVariableData":[{"component":{"name":"TxCtrlr"},"variable":{"name":"TxStopPoint"}}]}';
const LONG_ID = "i".repeat(36);

/** Frame and what it gets. `{}` as id stands for either "-1" or the request's own. */
const FRAMES: [text: string, answer: string | RegExp | null][] = [
  // a) not JSON, not an array, empty, id missing or no string
  ...[
    "x",
    "{",
    "[",
    "{}",
    "[]",
    "null",
    "true",
    "42",
    '"text"',
    "[2]",
    "[2,",
    '[2,7,"GetVariables",{}]',
    '[2,null,"GetVariables",{}]',
    '[2,["a"],"GetVariables",{}]',
    "\u00e9",
  ].map((text): [string, string] => [text, "4 -1 RpcFrameworkError"]),
  ['[2,"s0" "GetVariables",{}]', /^4 (-1|s0) RpcFrameworkError$/],
  [`[2,"s1","GetVariables",${GET}`, /^4 (-1|s1) RpcFrameworkError$/],
  [`[2,"s2","GetVariables",${GET}]]`, /^4 (-1|s2) RpcFrameworkError$/],
  [`[2,"s3","GetVariables",{"getVariableData":[}]`, /^4 (-1|s3) RpcFrameworkError$/],
  [`[2,"s4","GetVariables",{"a":01}]`, /^4 (-1|s4) RpcFrameworkError$/],
  [`[2,"s5","GetVariables",{'a':1}]`, /^4 (-1|s5) RpcFrameworkError$/],
  [`[2,"s6","GetVariables",{"a":1,}]`, /^4 (-1|s6) RpcFrameworkError$/],
  [`[2,"s7","GetVariables",{"a":"\n"}]`, /^4 (-1|s7) RpcFrameworkError$/],
  [`[2,"s8","GetVariables",{"a":tru}]`, /^4 (-1|s8) RpcFrameworkError$/],
  // b) another message type
  ['[5,"t1","GetVariables",{}]', "4 t1 MessageTypeNotSupported"],
  ['[0,"t2",{}]', "4 t2 MessageTypeNotSupported"],
  ['[1,"t3"]', "4 t3 MessageTypeNotSupported"],
  ['[-2,"t4","GetVariables",{}]', "4 t4 MessageTypeNotSupported"],
  ['["2","t5","GetVariables",{}]', /^4 (-1|t5) (MessageTypeNotSupported|RpcFrameworkError)$/],
  // c) wrong number of elements, action no string
  ['[2,"c1"]', "4 c1 RpcFrameworkError"],
  ['[2,"c2","GetVariables"]', "4 c2 RpcFrameworkError"],
  [`[2,"c3","GetVariables",${GET},{}]`, "4 c3 RpcFrameworkError"],
  ['[2,"c4",7,{}]', "4 c4 RpcFrameworkError"],
  ['[2,"c5",null,{}]', "4 c5 RpcFrameworkError"],
  ['[2,"c6",["GetVariables"],{}]', "4 c6 RpcFrameworkError"],
  // d) id of 36 characters and longer
  [`[2,"${LONG_ID}","GetVariables",${GET}]`, `3 ${LONG_ID}`],
  [`[2,"${LONG_ID}x","GetVariables",${GET}]`, "4 -1 RpcFrameworkError"],
  // e) unknown action
  ['[2,"e1","NoSuchAction",{}]', "4 e1 NotImplemented"],
  ['[2,"e2","",{}]', "4 e2 NotImplemented"],
  ['[2,"e3","getvariables",{}]', "4 e3 NotImplemented"],
  ['[2,"e4","GetVariables,SetVariables",{}]', "4 e4 NotImplemented"],
  ['[2,"e5","GetVariables{",{}]', "4 e5 NotImplemented"],
  ['[2,"e6","C!",{}]', "4 e6 NotImplemented"],
  ['[2,"e7","ComponentType",{}]', "4 e7 NotImplemented"],
  ['[2,"e8","BytesPerMessage",{"x":[1,{"y":null}]}]', "4 e8 NotImplemented"],
  // f) payload no object
  ...["[]", '"x"', "7", "null", "true"].map((payload, i): [string, string] => [
    `[2,"f${i}","GetVariables",${payload}]`,
    `4 f${i} FormatViolation`,
  ]),
  // white space where JSON allows it
  [` \t[ 2 ,\r\n"w1" , "GetVariables" , ${GET} ] \n`, "3 w1"],
  // answers that nobody waits for
  ...["[3]", '[3,"x"]', '[3,"x",{}]', "[3,7,{}]", '[4,"x","InternalError","",{}]', "[4]", '[3,"x",[]]', '[4,"x"]', "[3,"].map(
    (text): [string, null] => [text, null],
  ),
];

describe("RPC-08 a–f: frames", () => {
  scenario("each gets its answer and the connection stays open", { allowViolations: true }, async (bench) => {
    await registered(bench);
    for (const [text, expected] of FRAMES) {
      const got = await answers(bench, text);
      if (expected instanceof RegExp) {
        assert.equal(got.length, 1, text);
        assert.match(got[0], expected, text);
      } else assert.deepEqual(got, expected === null ? [] : [expected], text);
    }
    assert.equal(bench.csms.stations.get(ID)!.connects, 1);
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
  });

  scenario("RPC-08 e: every other action of OCPP 2.0.1 is NotSupported", { allowViolations: true }, async (bench) => {
    await registered(bench);
    for (const action of KNOWN) {
      for (const payload of [{}, { anything: [1, { deep: "x" }] }])
        assert.equal(await refusal(bench, action, payload), "NotSupported", action);
    }
    assert.deepEqual(
      [...OFFERED, ...KNOWN].filter((action) => !actionsOf("ocpp2.0.1").has(action)),
      [],
    );
    // What only a station sends.
    for (const action of actionsOf("ocpp2.0.1")) {
      if (!OFFERED.includes(action) && !KNOWN.includes(action))
        assert.match(await refusal(bench, action), /^Not(Supported|Implemented)$/, action);
    }
    assert.equal(bench.csms.stations.get(ID)!.connects, 1);
  });
});

describe("RPC-03, RPC-04: one CALL at a time", () => {
  scenario("RPC-03: the next CALL waits for the answer; CALLs of the CSMS are answered meanwhile", {}, async (bench) => {
    await registered(bench);
    let answer: (payload: Payload) => void = () => undefined;
    bench.csms.on("Heartbeat", () => new Promise<Payload>((resolve) => (answer = resolve)));
    await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.until("Heartbeat", () => calls(bench, 0, "Heartbeat").length === 1);
    const since = mark(bench);
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
    assert.equal(await refusal(bench, "SetMonitoringLevel", { severity: 1 }), "NotSupported");
    await pace(bench, 5);
    assert.deepEqual(told(bench, since), []);
    answer({ currentTime: new Date(bench.station.now()).toISOString() });
    await bench.settled();
    assert.deepEqual(told(bench, since), [
      "Authorize 04A1B2C3",
      "StatusNotification 1 Occupied",
      "Started 0 Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
      "Updated 1 ChargingStateChanged SuspendedEV",
    ]);
  });

  scenario("RPC-04: no answer within MessageTimeout: the next CALL goes; the late answer is dropped", {}, async (bench) => {
    await registered(bench);
    let id = "";
    bench.csms.on("Heartbeat", (_request, { messageId }) => {
      id = messageId;
      return NO_ANSWER;
    });
    await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.until("Heartbeat", () => id !== "");
    await bench.post("/evse/1/plug");
    await pace(bench, 28);
    assert.equal(calls(bench, 0, "StatusNotification").length, 1);
    await paceUntil(bench, "the next CALL", () => calls(bench, 0, "StatusNotification").length === 2, 4);
    await bench.until("the answer to it", async () => (await bench.station.state()).online);
    const before = (await bench.station.state()).time!;
    bench.csms.raw(ID, `[3,"${id}",{"currentTime":"2040-01-01T00:00:00Z"}]`);
    await pace(bench, 1);
    assert.equal((await bench.station.state()).time!.slice(0, 13), before.slice(0, 13), "the clock did not move");
    bench.csms.violations.length = 0;
  });

  scenario(
    "RPC-10: the same id again while the first is answered: never done twice",
    { allowViolations: true },
    async (bench) => {
      await registered(bench);
      await bench.post("/evse/1/plug");
      await bench.settled();
      const since = mark(bench);
      const start = JSON.stringify([
        2,
        "same",
        "RequestStartTransaction",
        { remoteStartId: 1, idToken: { idToken: "A", type: "Central" }, evseId: 1 },
      ]);
      bench.csms.raw(ID, start);
      await answers(bench, start);
      await bench.settled();
      assert.equal(calls(bench, since).filter(({ payload }) => payload.eventType === "Started").length, 1);
      const items = { getVariableData: Array.from({ length: 40 }, () => address("TxCtrlr.TxStopPoint")) };
      const twice = JSON.stringify([2, "twice", "GetVariables", items]);
      const later = mark(bench);
      bench.csms.raw(ID, twice);
      await answers(bench, twice);
      const out = bench.station.frames(later).filter(({ dir, text }) => dir === "out" && text.includes('"twice"'));
      assert.ok(out.length >= 1 && out.length <= 2);
      if (out.length === 2 && out[1].text.startsWith("[3")) assert.equal(out[1].text, out[0].text, "the same answer");
    },
  );
});

describe("RPC-05, RPC-06: what the station writes", () => {
  scenario("RPC-05, E-01: ids of messages and transactions are unique over reboots, at most 36 characters", {}, async (bench) => {
    for (let boot = 0; boot < 4; boot++) {
      if (boot > 0) await powerCycle(bench);
      await registered(bench);
      await bench.post("/evse/1/unplug", { force: true });
      await bench.settled();
      await charging(bench);
      await bench.post("/tap", CARD);
      await bench.settled();
    }
    const ids = calls(bench).map(({ id }) => id);
    const transactions = calls(bench, 0, "TransactionEvent").map(
      ({ payload }) => (payload.transactionInfo as Payload).transactionId as string,
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(transactions).size, 4);
    for (const id of [...ids, ...transactions]) assert.ok(id.length > 0 && id.length <= 36);
  });

  scenario("RPC-06: no null, no empty object or list stands for an absent field", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await pace(bench, 61);
    await bench.post("/tap", CARD);
    await bench.settled();
    await get(bench, "ChargingStation.Available", "NoSuch.Variable");
    const walk = (value: unknown, path: string): void => {
      assert.notEqual(value, null, path);
      if (typeof value !== "object") return;
      const children = Object.entries(value as object);
      assert.ok(children.length > 0, `${path} is empty`);
      for (const [name, child] of children) walk(child, `${path}.${name}`);
    };
    for (const { action, payload } of calls(bench)) if (action !== "Heartbeat") walk(payload, action);
    assert.ok(calls(bench).length > 6);
  });
});

describe("RPC-12: long messages", () => {
  scenario(
    "RPC-12: BytesPerMessage is taken, a byte more is FormatViolation without effect",
    { allowViolations: true },
    async (bench) => {
      await registered(bench);
      const [, limit] = (await get(bench, "DeviceDataCtrlr.BytesPerMessage[SetVariables]"))[0].split(" ");
      const text = (id: string, value: string, length: number): string => {
        const body = `[2,"${id}","SetVariables",{"setVariableData":[{"component":{"name":"OCPPCommCtrlr"},"variable":{"name":"OfflineThreshold"},"attributeValue":"${value}"}]`;
        return body + " ".repeat(length - body.length - 2) + "}]";
      };
      assert.deepEqual(await answers(bench, text("m1", "71", Number(limit))), ["3 m1"]);
      assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 71"]);
      for (const [i, length] of [Number(limit) + 1, Number(limit) * 2, 30_000].entries()) {
        assert.deepEqual(await answers(bench, text(`l${i}`, "72", length)), [`4 l${i} FormatViolation`], `${length} bytes`);
      }
      assert.deepEqual(await get(bench, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 71"]);
      assert.equal(bench.csms.stations.get(ID)!.connects, 1);
    },
  );
});
