/** OCPP-J 1.6, 3 and 4: connection, calls and answers (R-01 … R-06). */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { ID } from "../rig.ts";
import { begin, charging, end, linesOf, plugged, session, value } from "./moves.ts";

const FAULTY = { allowFaults: true } as const;

export const RPC: Case[] = [
  tc("R-01", "URL is the endpoint and the identity; ocpp1.6 is offered and spoken", {}, async (t) => {
    const [{ path, offered }] = t.csms.attempts;
    assert.equal(path, `/${ID}`);
    assert.ok(offered.includes("ocpp1.6"), offered.join(" "));
    assert.equal((await t.state()).protocol, "ocpp1.6");
  }),

  tc(
    "R-01",
    "Refused by HTTP: again, with growing waits",
    { power: false, set: { "OCPPCommCtrlr.RetryBackOffRepeatTimes": "3" } },
    async (t) => {
      t.csms.overloaded = true;
      await t.post("/power", { on: true });
      const at: number[] = [];
      for (let i = 0; i < 40 && at.length < 4; i++) {
        await t.advance(1);
        await t.until("quiet", async () => !(await t.state()).online);
        while (at.length < t.csms.attempts.length) at.push(t.station.now());
      }
      assert.ok(at.length >= 3, `${at.length} attempts`);
      assert.ok(at[2] - at[1] > at[1] - at[0], "the waits grow");
      t.csms.overloaded = false;
      await t.booted();
    },
  ),

  tc("R-02", "Message ids: at most 36 characters, never the same, over reboots, too", {}, async (t) => {
    for (let boot = 0; boot < 3; boot++) {
      await session(t);
      await t.powerCycle();
      await t.booted();
    }
    const ids = t.station
      .frames()
      .filter(({ dir, text }) => dir === "out" && text.startsWith("[2"))
      .map(({ text }) => (JSON.parse(text) as string[])[1]);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.ok(id.length > 0 && id.length <= 36, id);
  }),

  tc("R-03", "One CALL at a time; calls of the central system are answered meanwhile", {}, async (t) => {
    let answer: (payload: Payload) => void = () => undefined;
    t.handle("Heartbeat", () => new Promise<Payload>((resolve) => (answer = resolve)));
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.draw(true);
    await t.plug();
    await t.tap();
    assert.equal(await value(t, "ConnectionTimeOut"), "60");
    await t.silence(5);
    answer({ currentTime: new Date(t.station.now()).toISOString() });
    await t.expect(anyOrder("SN 1 Preparing", "Authorize 04A1B2C3"), begin());
  }),

  tc("R-03", "No answer within MessageTimeout: the next CALL goes; the late answer changes nothing", FAULTY, async (t) => {
    let id = "";
    t.handle("Heartbeat", (_request, { messageId }) => {
      id = messageId;
      return NO_ANSWER;
    });
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.plug();
    await t.silence(27);
    await t.expectWithin(6, "SN 1 Preparing");
    const before = (await t.state()).time!.slice(0, 13);
    for (const late of [id, "not-an-id-of-yours"]) {
      t.csms.raw(ID, `[3,"${late}",{"currentTime":"2040-01-01T00:00:00Z"}]`);
      t.csms.raw(ID, `[4,"${late}","InternalError","",{}]`);
    }
    await t.silence(2);
    assert.equal((await t.state()).time!.slice(0, 13), before);
  }),

  tc("R-03", "The same id again: never done twice", FAULTY, async (t) => {
    await plugged(t);
    const text = JSON.stringify([2, "same", "RemoteStopTransaction", { transactionId: 5 }]);
    const answers = await t.raw([text, text]);
    assert.ok(answers.length >= 1 && answers.length <= 2, answers.join(" "));
  }),

  tc(
    "R-06",
    "What is absent is left out: no null, no empty object, no empty list",
    { set: { MeterValueSampleInterval: "10" } },
    async (t) => {
      await charging(t);
      const told = await t.pass(21);
      assert.ok(
        linesOf(told).every((line) => line === "MeterValues 1 tx=1 Sample.Periodic"),
        linesOf(told).join(" / "),
      );
      await t.tap();
      await t.expect(end("[Local] token=04A1B2C3"));
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
        if (type === 2) walk(payload, action);
      }
    },
  ),

  tc("R-02", "Fragments are put together, a character cut in two included", FAULTY, async (t) => {
    const socket = t.csms.socketOf(ID);
    const bytes = Buffer.from('[2,"f1","DataTransfer",{"vendorId":"\u00e9\u20ac\u{1F600}"}]');
    for (const cut of [10, 38, 40, 43]) {
      socket.send(bytes.subarray(0, cut), { fin: false, binary: false });
      socket.ping();
      socket.send(bytes.subarray(cut), { fin: true, binary: false });
      assert.deepEqual(await t.raw([]), ["3 f1"], `cut at ${cut}`);
    }
    await t.expect();
  }),
];
