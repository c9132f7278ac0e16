/** The control interface: calls, answers and errors. Design: simulator control interface. */
import assert from "node:assert/strict";
import { CHIP_BYTES } from "../../tools/sim/flash.ts";
import type { Station } from "../../tools/sim/sim.ts";
import { closeAll, testCsms, testStation, image, until } from "./fixture.ts";

type Body = Record<string, unknown>;

/** POST over HTTP: status and body. */
async function post(station: Station, path: string, body?: string | Body): Promise<[number, Body]> {
  const response = await fetch(station.url + path, {
    method: "POST",
    body: typeof body === "object" ? JSON.stringify(body) : body,
  });
  return [response.status, (await response.json()) as Body];
}

describe("control interface", () => {
  afterEach(closeAll);

  it("answers the state of station and hardware in exactly the fixed form", async () => {
    const station = await testStation({ port: 0 });
    const response = await fetch(station.url + "/state");
    assert.deepEqual(await response.json(), {
      powered: true,
      online: false,
      protocol: null,
      registration: null,
      time: "2026-01-01T00:00:00Z",
      evses: [
        {
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
        },
      ],
      queue: { events: 0, bytes: 0 },
      memory: null,
      flash: { ops: 0, erases: 0 },
    });
  });

  it("knows no other paths and methods", async () => {
    const station = await testStation({ port: 0 });
    for (const path of ["/nothing", "/evse/0/plug", "/evse/2/plug", "/evse/1/jump", "/evse/x/plug", "/state"]) {
      assert.equal((await post(station, path, "not json"))[0], 404, path);
    }
    assert.equal((await fetch(station.url + "/tap")).status, 404);
    assert.equal((await fetch(station.url + "/state", { method: "DELETE" })).status, 404);
    assert.match(await (await fetch(station.url + "/help")).text(), /POST \/evse\/\{n\}\/plug/);
  });

  it("refuses bad bodies with 400 and a reason, and changes nothing", async () => {
    const station = await testStation({ port: 0 });
    const bad: [string, (string | Body)[]][] = [
      ["/evse/1/plug", ["{", "[]", "1", { now: true }, "x".repeat(70_000)]],
      ["/evse/1/unplug", [{ force: 1 }]],
      ["/evse/1/ev", ["", { draw: 1 }, { draw: true, amps: "16" }, { draw: true, amps: -1 }, { draw: true, amp: 6 }]],
      ["/evse/1/fault", ["", { code: "NoError" }, { code: "Nonsense" }, { code: 3 }]],
      ["/evse/1/lock", ["", { fail: "yes" }]],
      ["/tap", ["", { idToken: "" }, { idToken: "XYZ" }, { idToken: "G1", type: "ISO15693" }, { idToken: "1", type: "Magic" }]],
      [
        "/tap",
        [{ idToken: "1".repeat(37) }, { idToken: "a\nT", type: "Central" }, { idToken: "1", evse: 2 }, { idToken: "1", evse: 0 }],
      ],
      ["/network", ["", { up: 1 }, { drop: false }, { up: true, stall: true }]],
      [
        "/power",
        [
          "",
          { on: 1 },
          { cutAfterFlashOps: 0 },
          { cutAfterFlashOps: 1.5 },
          { on: true, torn: true },
          { cutAfterFlashOps: 1, torn: 1 },
        ],
      ],
      ["/clock", ["", { advance: -1 }, { advance: 0.5 }, { advance: "1" }]],
    ];
    for (const [path, bodies] of bad) {
      for (const body of bodies) {
        const [status, answer] = await post(station, path, body);
        assert.equal(status, 400, `${path} ${JSON.stringify(body).slice(0, 80)}`);
        assert.equal(typeof answer.error, "string");
      }
    }
    const [evse] = (await station.state()).evses;
    assert.deepEqual([evse.plugged, evse.pilot, evse.locked], [false, "A", false]);
    assert.equal((await fetch(station.url + "/frames?since=x")).status, 400);
  });

  it("plugs, charges and unplugs: pilot, lock, contactor and meter follow", async () => {
    const station = await testStation();
    const evse = async (): Promise<unknown[]> => {
      const { plugged, pilot, contactor, locked, limitAmps, amps, meterWh } = (await station.state()).evses[0];
      return [plugged, pilot, contactor, locked, limitAmps, amps, meterWh];
    };
    await station.post("/evse/1/plug");
    assert.deepEqual(await evse(), [true, "B", false, false, 0, 0, 0]);
    await station.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    assert.deepEqual(await evse(), [true, "B", false, true, 10, 0, 0]);
    await station.post("/evse/1/ev", { draw: true });
    assert.deepEqual(await evse(), [true, "C", true, true, 10, 10, 0], "the car obeys the limit");
    await station.post("/clock", { advance: 3600 });
    assert.deepEqual((await evse())[6], 2300);
    await station.post("/evse/1/ev", { draw: true, amps: 6 });
    assert.equal((await evse())[5], 6);

    const refused = await station.post("/evse/1/unplug");
    assert.equal(refused.status, 409);
    assert.equal((await station.post("/evse/1/unplug", { force: true })).status, 200);
    assert.deepEqual(await evse(), [false, "A", false, false, 10, 0, 2300], "a torn lock is open");
  });

  it("leaves the cable in the socket when it leaves the car, and a fixed cable has no socket", async () => {
    const station = await testStation();
    await station.post("/evse/1/plug");
    await station.post("/evse/1/unplug-ev");
    let [evse] = (await station.state()).evses;
    assert.deepEqual([evse.plugged, evse.pilot], [true, "A"]);
    const fixed = await testStation({ fixedCable: true });
    await fixed.post("/evse/1/plug");
    await fixed.post("/evse/1/unplug-ev");
    [evse] = (await fixed.state()).evses;
    assert.deepEqual([evse.plugged, evse.pilot], [false, "A"]);
    assert.equal((await fixed.post("/evse/1/lock", { fail: true })).status, 409);
  });

  it("keeps a stuck lock where it is", async () => {
    const station = await testStation();
    const locked = async (): Promise<boolean> => (await station.state()).evses[0].locked;
    await station.post("/evse/1/plug");
    await station.post("/evse/1/lock", { fail: true });
    await station.post("/tap", { idToken: "AA" });
    assert.equal(await locked(), false, "never reports locked");
    await station.post("/evse/1/lock", { fail: false });
    assert.equal(await locked(), true);
    await station.post("/evse/1/lock", { fail: true });
    await station.post("/tap", { idToken: "AA" });
    assert.equal(await locked(), true, "cannot be opened either");
  });

  it("tells the firmware of faults, cards and cables of each EVSE", async () => {
    const lines: string[] = [];
    const code = `var s=require("net").connect({host:"127.0.0.1",port:+require("fs").readFileSync("link").split(",")[0]});
      s.on("data",function(d){d.split("\\n").forEach(function(l){if(!l)return;print(l);
      if(l=="?")s.write('s{"online":false,"protocol":null,"registration":null,"time":null,"evses":[],"queue":{"events":0,"bytes":0},"memory":null,"flash":{"ops":0,"erases":0},"build":""}\\n');
      s.write("k\\n")})})`;
    const station = await testStation({ image: image(code), evses: 2, print: (line) => lines.push(line) });
    assert.deepEqual(lines.splice(0), [
      "C10",
      "P1A",
      "L10",
      "F1",
      "M1,0,0,230000",
      "C20",
      "P2A",
      "L20",
      "F2",
      "M2,0,0,230000",
      "?",
    ]);
    await station.post("/evse/2/plug");
    await station.post("/evse/2/ev", { draw: true });
    await station.post("/evse/2/fault", { code: "GroundFailure" });
    await station.post("/evse/2/fault", { code: null });
    await station.post("/tap", { idToken: "04A1", evse: 2 });
    await station.post("/tap", { idToken: "me,you", type: "Central" });
    await station.post("/power", { cutAfterFlashOps: 7, torn: true });
    await station.post("/clock", { advance: 2 });
    assert.deepEqual(lines, [
      "C21",
      "P2B",
      "P2C",
      "F2GroundFailure",
      "F2",
      "K2,ISO14443,04A1",
      "K0,Central,me,you",
      "Q7,1",
      "T",
      "T",
    ]);
  });

  it("answers 504 when the firmware has not dealt with an input in time", async () => {
    const station = await testStation({ patience: 200 });
    assert.equal((await station.post("/tap", { idToken: "HANG", type: "Local" })).status, 200);
    const start = performance.now();
    const answers = await Promise.all([
      station.post("/evse/1/plug"),
      station.post("/clock", { advance: 1 }),
      station.get("/state"),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [504, 504, 504],
    );
    assert.ok(performance.now() - start < 600);
  });

  it("gives frames after a number, and frames and state changes as events", async () => {
    const csms = await testCsms();
    const station = await testStation({ port: 0, image: image(undefined, csms.address) });
    const events = await fetch(station.url + "/events");
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    void (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    })().catch(() => undefined);
    await station.post("/clock", { advance: 20 });
    await station.post("/evse/1/plug");
    const frames = (await (await fetch(station.url + "/frames?since=1")).json()) as Body[];
    assert.deepEqual(
      frames.map(({ k, dir }) => [k, dir]),
      [
        [2, "in"],
        [3, "out"],
        [4, "in"],
      ],
    );
    assert.equal(frames[0].text, '[3,"m1",{}]');
    await until(() => /event: state\ndata: .*"plugged":true/.test(text), "state event");
    assert.ok(text.includes(`event: frame\ndata: ${JSON.stringify(frames[2])}\n\n`));
  });

  it("gives the flash as bytes", async () => {
    const station = await testStation({ port: 0 });
    await station.post("/tap", { idToken: "AA" });
    const response = await fetch(station.url + "/flash");
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.length, CHIP_BYTES);
    assert.deepEqual([...bytes.subarray(0, 5)], [0, 1, 2, 3, 0xff]);
    assert.equal(bytes.toString("latin1", 65_540, 65_548), ".bootcde");
  });
});
