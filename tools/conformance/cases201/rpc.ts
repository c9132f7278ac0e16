/** OCPP 2.0.1 Part 4: connection, RPC framework, errors. */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { ID } from "../rig.ts";
import { answered, untouched } from "./rpc-errors.ts";
import { charging, get, plugged, remoteStart, set, setTo, stopped, value } from "./moves.ts";
const FAULTY = { allowFaults: true } as const;

const FRAMEWORK = /^4 -1 RpcFrameworkError$/;

export const RPC: Case[] = [
  tc("RPC-01", "URL is the endpoint and the identity; the subprotocols are offered", {}, async (t) => {
    const [{ path, offered }] = t.csms.attempts;
    assert.equal(path, `/${ID}`);
    assert.ok(offered.includes("ocpp2.0.1") && offered.every((name) => ["ocpp2.0.1", "ocpp1.6"].includes(name)));
  }),

  tc("RPC-03", "One CALL at a time; calls of the CSMS are answered meanwhile", {}, async (t) => {
    let answer: (payload: Payload) => void = () => undefined;
    t.handle("Heartbeat", () => new Promise<Payload>((resolve) => (answer = resolve)));
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.draw(true);
    await t.plug();
    await t.tap();
    assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
    await t.silence(5);
    answer({ currentTime: new Date(t.station.now()).toISOString() });
    const told = (await t.pass(3)).map(({ line }) => line).sort();
    assert.deepEqual(told, [
      "Authorize 04A1B2C3",
      "SN 1 Occupied",
      "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
      "Updated ChargingStateChanged Charging",
    ]);
  }),

  tc("RPC-04", "No answer within MessageTimeout: the next CALL goes; the late answer changes nothing", FAULTY, async (t) => {
    let id = "";
    t.handle("Heartbeat", (_request, { messageId }) => {
      id = messageId;
      return NO_ANSWER;
    });
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.plug();
    await t.silence(27);
    await t.expectWithin(6, "SN 1 Occupied");
    const before = (await t.state()).time!.slice(0, 13);
    for (const late of [id, "not-an-id-of-yours"]) {
      t.csms.raw(ID, `[3,"${late}",{"currentTime":"2040-01-01T00:00:00Z"}]`);
      t.csms.raw(ID, `[4,"${late}","InternalError","",{}]`);
    }
    await t.silence(2);
    assert.equal((await t.state()).time!.slice(0, 13), before);
  }),

  tc("RPC-05", "Message ids: at most 36 characters, never the same, over reboots, too", {}, async (t) => {
    for (let boot = 0; boot < 3; boot++) {
      await charging(t);
      await stopped(t);
      await t.unplug();
      await t.expect("SN 1 Available");
      await t.powerCycle();
      await t.booted();
    }
    const ids = t.station
      .frames()
      .filter(({ dir, text }) => dir === "out" && text.startsWith("[2"))
      .map(({ text }) => (JSON.parse(text) as string[])[1]);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.ok(id.length > 0 && id.length <= 36);
  }),

  tc(
    "RPC-06",
    "What is absent is left out: no null, no empty object, no empty list",
    { set: { "SampledDataCtrlr.TxUpdatedInterval": "10" } },
    async (t) => {
      await charging(t);
      await t.pass(21);
      await stopped(t);
      await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
      await t.expect("Heartbeat");
      await get(t, "NoSuch.Variable");
      const walk = (at: unknown, path: string): void => {
        assert.notEqual(at, null, path);
        if (typeof at !== "object") return;
        const children = Object.entries(at as object);
        assert.ok(children.length > 0, `${path} is empty`);
        for (const [name, child] of children) walk(child, `${path}.${name}`);
      };
      for (const { dir, text } of t.station.frames()) {
        if (dir === "in") continue;
        const [type, , action, payload] = JSON.parse(text) as [number, string, string, unknown];
        if (type === 2 && action === "Heartbeat") assert.deepEqual(payload, {});
        else if (type === 2) walk(payload, action);
      }
    },
  ),

  tc("RPC-07", "Errors have five elements; nothing of the request is echoed", FAULTY, async (t) => {
    const since = t.station.frames().at(-1)!.k;
    await answered(t, [[`[2,"e1","NoSuchAction",{"secret":"\\"><x"}]`, /^4 e1 NotImplemented$/]]);
    const error = t.station.frames(since).find(({ dir, text }) => dir === "out" && text.startsWith("[4"))!;
    assert.equal((JSON.parse(error.text) as unknown[]).length, 5);
    assert.ok(!error.text.includes("secret"));
  }),

  tc(
    "RPC-09",
    "Fragments are put together, a character cut in two included; ping is answered; a binary frame does no harm",
    FAULTY,
    async (t) => {
      const socket = t.csms.socketOf(ID);
      const bytes = Buffer.from('[2,"f1","DataTransfer",{"vendorId":"\u00e9\u20ac\u{1F600}"}]');
      for (const cut of [10, 38, 40, 43]) {
        socket.send(bytes.subarray(0, cut), { fin: false, binary: false });
        socket.ping();
        socket.send(bytes.subarray(cut), { fin: true, binary: false });
        let pongs = 0;
        socket.on("pong", () => pongs++);
        assert.match((await t.raw([])).join(), /^(3 f1|4 f1 NotSupported)$/, `cut at ${cut}`);
        await t.until("pong", () => pongs > 0);
      }
      socket.send(Buffer.from([1, 2, 3]), { binary: true });
      const got = await t.raw([]);
      assert.ok(got.length === 0 || FRAMEWORK.test(got[0]), got.join(" "));
      await untouched(t);
    },
  ),

  tc("RPC-10", "The same id again while the first is worked at: never done twice", FAULTY, async (t) => {
    await plugged(t);
    const start = { remoteStartId: 1, idToken: { idToken: "A", type: "Central" }, evseId: 1 };
    const text = JSON.stringify([2, "same", "RequestStartTransaction", start]);
    const answers = await t.raw([text, text]);
    assert.ok(answers.length >= 1 && answers.length <= 2, answers.join(" "));
    await t.expect(
      "Started RemoteStart EVConnected evse=1 token=A remote=1 Transaction.Begin",
      "Updated ChargingStateChanged Charging",
    );
  }),

  tc("RPC-11", "WebSocketPingInterval: pings at the interval, 0 none; no pong: reconnect; negative: Rejected", {}, async (t) => {
    const pings = (): number => t.csms.stations.get(ID)!.pings;
    assert.deepEqual(await set(t, [["OCPPCommCtrlr.WebSocketPingInterval", "-1"]]), ["Rejected"]);
    await setTo(t, "OCPPCommCtrlr.WebSocketPingInterval", "5");
    const before = pings();
    await t.silence(26);
    await t.until("pings", () => pings() - before >= 4 && pings() - before <= 6);
    await setTo(t, "OCPPCommCtrlr.WebSocketPingInterval", "0");
    const then = pings();
    await t.silence(15);
    assert.ok(pings() - then <= 1);
    await setTo(t, "OCPPCommCtrlr.WebSocketPingInterval", "5");
    await t.stall(true);
    for (let i = 0; i < 40 && (await t.state()).online; i++) await t.advance(1);
    assert.equal((await t.state()).online, false, "lost without a pong");
    await t.stall(false);
    await t.online();
  }),

  tc(
    "RPC-12",
    "BytesPerMessage is taken, a byte more is FormatViolation; more items: OccurrenceConstraintViolation",
    FAULTY,
    async (t) => {
      const limit = Number(await value(t, "DeviceDataCtrlr.BytesPerMessage[SetVariables]"));
      const text = (id: string, wanted: string, length: number): string => {
        const body = `[2,"${id}","SetVariables",{"setVariableData":[{"component":{"name":"OCPPCommCtrlr"},"variable":{"name":"OfflineThreshold"},"attributeValue":"${wanted}"}]`;
        return body + " ".repeat(length - body.length - 2) + "}]";
      };
      assert.deepEqual(await t.raw(text("m1", "71", limit)), ["3 m1"]);
      assert.deepEqual(await t.raw(text("m2", "72", limit + 1)), ["4 m2 FormatViolation"]);
      assert.deepEqual(await t.raw(text("m3", "72", limit * 5)), ["4 m3 FormatViolation"]);
      assert.equal(await value(t, "OCPPCommCtrlr.OfflineThreshold"), "71");
      const most = Number(await value(t, "DeviceDataCtrlr.ItemsPerMessage[GetVariables]"));
      assert.ok(most >= 2);
      const item = { component: { name: "X" }, variable: { name: "Y" } };
      const items = (count: number): Payload => ({ getVariableData: Array.from({ length: count }, () => item) });
      const answer = await t.call("GetVariables", items(Math.min(most, 60)));
      assert.equal((answer.getVariableResult as unknown[]).length, Math.min(most, 60));
      await t.refused("GetVariables", items(most + 1), "OccurrenceConstraintViolation", "FormatViolation");
      await t.expect();
      await remoteStart(t, "Rejected", { evseId: 9 });
    },
  ),
];
