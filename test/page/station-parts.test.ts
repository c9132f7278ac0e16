/** The parts of the station's page that need no browser: frames, advice, curves, and what the simulator serves for them. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { FrameNotes } from "../../tools/page/frame-notes.ts";
import { History } from "../../tools/page/history.ts";
import { pageFile } from "../../tools/page/serve.ts";
import type { Setting } from "../../tools/page/settings.ts";
import { FrameStore, matches, type Frame } from "../../tools/page/shared/frames.ts";
import { valueAt } from "../../tools/page/shared/traces.ts";
import { CardLog } from "../../tools/page/station/card-log.ts";
import { adviceFor } from "../../tools/page/station/guide.ts";
import { StationModel, type EvseState, type StationView } from "../../tools/page/station/model.ts";
import { FrameLog } from "../../tools/sim/frames.ts";
import { closeAll, stationBench } from "./station-bench.ts";

function frame(k: number, dir: Frame["dir"], parts: unknown): Frame {
  return { k, t: 1000 * k, dir, text: typeof parts === "string" ? parts : JSON.stringify(parts) };
}

describe("frames on a page", () => {
  it("joins answers to requests, both ways, with the same id in both directions", () => {
    const store = new FrameStore();
    store.add([
      frame(1, "out", [2, "1", "Heartbeat", {}]),
      frame(2, "in", [2, "1", "Reset", { type: "OnIdle" }]),
      frame(3, "out", [3, "1", { status: "Accepted" }]),
      frame(4, "in", [3, "1", {}]),
      frame(5, "in", "no JSON"),
      frame(6, "in", [4, "9", "InternalError", "", {}]),
    ]);
    const told = store.list.map(({ action, partner, roundTrip }) => [action, partner, roundTrip]);
    assert.deepEqual(told.slice(0, 4), [
      ["Heartbeat", 4, null],
      ["Reset", 3, null],
      ["Reset", 2, 1000],
      ["Heartbeat", 1, 3000],
    ]);
    assert.deepEqual(told.slice(4), [
      ["", 0, null],
      ["", 0, null],
    ]);
  });

  it("takes each frame once, keeps to its limits and drops the oldest", () => {
    const store = new FrameStore(100, 10_000);
    for (let k = 1; k <= 1000; k++) store.add([frame(k, "out", [2, String(k), "Heartbeat", {}]), frame(k, "out", "again")]);
    assert.ok(store.list.length <= 100);
    assert.equal(store.last, 1000);
    assert.equal(store.find(store.list[0].k)?.k, store.list[0].k);
    assert.equal(store.find(1), undefined);
    store.add([frame(1001, "in", "x".repeat(9_990))]);
    assert.ok(store.list.reduce((sum, { text }) => sum + text.length, 0) <= 10_000);
  });

  it("filters by direction, kind, faults, and text of payload and words", () => {
    const store = new FrameStore();
    store.add([frame(1, "out", [2, "1", "Heartbeat", { a: "Needle" }])]);
    store.note([{ k: 1, words: "Heartbeat in WORDS", faults: ["wrong"] }]);
    const all = { search: "", dir: "", action: "", faultsOnly: false } as const;
    const [one] = store.list;
    assert.ok(matches(one, { ...all, search: "needle" }));
    assert.ok(matches(one, { ...all, search: "words", dir: "out", action: "Heartbeat", faultsOnly: true }));
    assert.ok(!matches(one, { ...all, dir: "in" }));
    assert.ok(!matches(one, { ...all, action: "Reset" }));
    assert.ok(!matches(one, { ...all, search: "absent" }));
  });

  it("tells which card began a transaction and what the CSMS said of the last one", () => {
    const cards = new CardLog();
    const token = { idToken: "AA01", type: "ISO14443" };
    cards.add([frame(1, "out", [2, "1", "Authorize", { idToken: token }])]);
    assert.deepEqual(cards.last, { idToken: "AA01", status: null, t: 1000 });
    cards.add([
      frame(2, "in", [3, "1", { idTokenInfo: { status: "Blocked" } }]),
      frame(3, "out", [
        2,
        "2",
        "TransactionEvent",
        { eventType: "Started", transactionInfo: { transactionId: "t" }, idToken: token },
      ]),
    ]);
    assert.equal(cards.last?.status, "Blocked");
    assert.equal(cards.cardOf("t"), "AA01");
  });
});

describe("words and faults of frames", () => {
  it("are told frame by frame, in parts, for both versions of the protocol", () => {
    const log = new FrameLog(Date.now, null, () => undefined);
    const notes = new FrameNotes(log);
    log.add("out", JSON.stringify([2, "1", "BootNotification", { chargePointVendor: "V", chargePointModel: "M" }]));
    log.add("in", JSON.stringify([3, "1", { currentTime: "2026-01-01T00:00:00Z", interval: 300, status: "Accepted" }]));
    log.add("in", `[2,"2","Reset",{"type":"Sometimes"}]`);
    const { upTo, notes: found } = notes.since(0);
    assert.equal(upTo, 3);
    assert.deepEqual(
      found.map(({ faults }) => faults?.length ?? 0),
      [0, 0, 1],
    );
    assert.match(found[1].words, /^BootNotification: Accepted/);
    for (let k = 0; k < 5000; k++) log.add("out", `[2,"h${k}","Heartbeat",{}]`);
    const first = notes.since(3);
    assert.equal(first.upTo, 2003);
    assert.equal(notes.since(first.upTo).notes[0].k, 2004);
  });
});

describe("history of the charger", () => {
  const evse = { id: 1, amps: 0, limitAmps: 0, meterWh: 0, transactionId: null as string | null };
  const station = { powered: true, online: true, queuedEvents: 0 };

  it("keeps a row for each change and none while all is as it was", () => {
    const history = new History();
    for (let t = 0; t < 3600; t++)
      history.note(1000 * t, { ...station, evses: [{ ...evse, amps: t < 1800 ? 0 : 16, meterWh: t }] });
    assert.deepEqual(
      history.since(0).map(([, t, id]) => [t, id]),
      [
        [0, 0],
        [0, 1],
        [1_800_000, 1],
      ],
    );
  });

  it("becomes curves whose ends, register and transactions are right", () => {
    const history = new History();
    history.note(0, { ...station, evses: [evse] });
    history.note(10_000, { ...station, evses: [{ ...evse, amps: 16, limitAmps: 16, transactionId: "a" }] });
    history.note(20_000, { ...station, online: false, queuedEvents: 2, evses: [{ ...evse, meterWh: 10, transactionId: null }] });
    const model = new StationModel();
    model.takeView({ run: "1", now: 30_000, timeScale: 0, history: history.since(0) } as unknown as StationView);
    const { t, amps, wattHours, transactions } = model.curvesOf(1);
    assert.equal(valueAt({ t, v: amps, kind: "step" }, 15_000), 16);
    assert.equal(valueAt({ t, v: wattHours, kind: "line" }, 15_000), 5);
    assert.deepEqual(transactions, [{ from: 10_000, to: 20_000, label: "a", startWh: 0 }]);
    assert.deepEqual(model.outages, [{ from: 20_000, to: null, label: "no CSMS" }]);
  });

  it("begins anew when the simulator does", () => {
    const model = new StationModel();
    const view = { run: "1", now: 0, timeScale: 1, history: [[1, 0, 1, 16, 16, 5, null]] } as unknown as StationView;
    assert.equal(model.takeView(view), false);
    assert.equal(model.takeView({ ...view, run: "2" }), true);
    assert.equal(model.lastRow, 0);
    assert.equal(model.curves.size, 0);
  });
});

describe("advice at a charging point", () => {
  const idle: EvseState = {
    id: 1,
    plugged: false,
    pilot: "A",
    contactor: false,
    locked: false,
    limitAmps: 0,
    amps: 0,
    meterWh: 0,
    status: "Available",
    transactionId: null,
  };
  const station = { powered: true, online: true, protocol: "ocpp2.0.1", registration: "Accepted", time: null, memory: null };

  function step(evse: Partial<EvseState>, state: object = {}, view: object = {}): string | null {
    const model = new StationModel();
    const own = { id: 1, fault: null, lockFails: false, wantedAmps: 16 };
    const whole = {
      run: "1",
      now: 0,
      timeScale: 0,
      history: [],
      network: { up: true, stalled: false },
      cut: null,
      evses: [own],
      ...view,
    };
    model.takeView(whole as unknown as StationView);
    const here = { ...idle, ...evse };
    model.state = { ...station, evses: [here], queue: { events: 0, bytes: 0 }, flash: { ops: 0, erases: 0 }, ...state };
    return adviceFor(here, model).step;
  }

  it("leads from the empty socket to the charging car", () => {
    assert.equal(step({}), "plug");
    assert.equal(step({ plugged: true, pilot: "A" }), "plug");
    assert.equal(step({ plugged: true, pilot: "B" }), "card");
    assert.equal(step({ plugged: true, pilot: "B", locked: true, limitAmps: 16 }), "draw");
    assert.equal(step({ plugged: true, pilot: "B", transactionId: "t" }), "draw");
    assert.equal(step({ plugged: true, pilot: "C", amps: 16, transactionId: "t" }), "card");
  });

  it("puts what is in the way first", () => {
    const down = { network: { up: false, stalled: false } };
    assert.equal(step({}, { powered: false }), "power");
    assert.equal(step({}, { online: false }, down), "network");
    assert.equal(step({ plugged: true, pilot: "C", amps: 16, transactionId: "t" }, { online: false }, down), "network");
    assert.equal(step({}, {}, { evses: [{ id: 1, fault: "GroundFailure" }] }), "repair");
    assert.equal(step({}, { registration: "Pending" }), null);
    assert.equal(step({ status: "Unavailable" }), null);
  });
});

describe("files and calls of the page", () => {
  afterEach(closeAll);

  it("serves the files of its rooms as what they are, and no others", async () => {
    const rooms = ["station", "shared"];
    const type = async (path: string): Promise<string | undefined> => (await pageFile(path, rooms))?.headers["Content-Type"];
    assert.match((await type("/")) ?? "", /^text\/html/);
    assert.match((await type("/page/station/station.css")) ?? "", /^text\/css/);
    assert.match((await type("/page/shared/plot.ts")) ?? "", /^text\/javascript/);
    const script = await pageFile("/page/shared/frames.ts", rooms);
    assert.doesNotMatch(script?.bytes.toString() ?? "", /interface|: string/);
    for (const path of [
      "/page/csms/index.html",
      "/page/station/absent.ts",
      "/page/station/../serve.ts",
      "/page/station/..%2fserve.ts",
      "/page/../../package.json",
      "/page/station/",
      "/page/station",
      "/page/constructor/index.html",
      "//etc/passwd",
    ]) {
      assert.equal(await pageFile(path, rooms), null, path);
    }
  });

  it("tells the settings on flash with what the CSMS has changed, and no password", async () => {
    const { csms, station } = await stationBench(
      { password: "0123456789abcdef", timeScale: 5 },
      { password: "0123456789abcdef" },
    );
    const read = async (): Promise<Setting[]> => (await station.get("/page/settings")).body as Setting[];
    const named = (settings: Setting[], name: string): Setting | undefined => settings.find((one) => one.name === name);
    assert.equal(named(await read(), "OCPPCommCtrlr.HeartbeatInterval")?.origin, "default");
    const component = { name: "OCPPCommCtrlr" };
    const variable = { name: "HeartbeatInterval" };
    await csms.call("CS001", "SetVariables", { setVariableData: [{ component, variable, attributeValue: "61" }] });
    const settings = await read();
    const { value, origin, default: before } = named(settings, "OCPPCommCtrlr.HeartbeatInterval")!;
    assert.deepEqual([value, origin, before], ["61", "csms", "300"]);
    assert.doesNotMatch(JSON.stringify(settings), /0123456789abcdef/);
    assert.equal(named(settings, "SecurityCtrlr.BasicAuthPassword")?.reason, "secret");
  });

  it("answers broken addresses and refuses pages from elsewhere", async () => {
    const { url } = await stationBench({ timeScale: 5 });
    const status = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        request({ hostname, port, path, method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once("error", reject)
          .end();
      });
    assert.equal(await status("//"), 404);
    assert.equal(await status("/page/station/%2e%2e/serve.ts"), 404);
    assert.equal(await status("/evse/1/plug", { origin: "http://example.org" }, "POST"), 403);
    assert.equal(await status("/evse/1/plug", { origin: url }, "POST"), 200);
    assert.equal(await status("/page/station?since=x"), 400);
  });
});
