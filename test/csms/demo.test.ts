import assert from "node:assert/strict";
import { Control, Refused, Unreachable } from "../../tools/demo/control.ts";
import { DemoFailed, runDemo } from "../../tools/demo/demo.ts";
import { FakeSimulator } from "./fake-simulator.ts";

describe("the demo", () => {
  let simulator: FakeSimulator;
  let lines: string[];

  beforeEach(async () => {
    simulator = await FakeSimulator.start();
    lines = [];
  });
  afterEach(() => simulator.close());

  const run = (more: { quiet?: boolean } = {}): Promise<string> =>
    runDemo({ control: new Control(simulator.url), print: (line) => lines.push(line), patienceMs: 150, minutes: 3, ...more });

  it("charges a car, tells the frames in words and sums up", async () => {
    assert.equal(await run(), "transaction T1: 0.180 kWh, 5 events, 3 min 0 s");
    assert.deepEqual(simulator.inputs, [
      "/evse/1/plug",
      "/tap",
      "/evse/1/ev",
      "/clock",
      "/clock",
      "/clock",
      "/tap",
      "/evse/1/ev",
      "/evse/1/unplug",
    ]);
    const said = lines.join("\n");
    assert.match(said, /^\*\* a car is plugged in at EVSE 1\n12:00:00 -> StatusNotification EVSE 1\/1 Occupied/);
    assert.match(said, /12:03:00 -> TransactionEvent Ended #4 StopAuthorized, 0.180 kWh/);
    assert.doesNotMatch(said, /Heartbeat/, "frames from before the demo are not told");
  });

  it("leaves the frames out when somebody else tells them", async () => {
    await run({ quiet: true });
    assert.ok(lines.every((line) => line.startsWith("** ")));
  });

  it("says what did not come in time", async () => {
    simulator.registration = "Pending";
    await assert.rejects(run(), new DemoFailed("not within 0.15 s: the station is accepted by the CSMS"));
  });

  it("misses a lost event", async () => {
    simulator.lost = [2];
    await assert.rejects(run(), new DemoFailed("transaction T1: seqNo 2 is missing"));
  });

  it("misses the end", async () => {
    simulator.lost = [4];
    await assert.rejects(run(), new DemoFailed("transaction T1 has no Ended"));
  });

  it("needs a free EVSE", async () => {
    await new Control(simulator.url).post("/evse/1/plug");
    await assert.rejects(run(), /no EVSE is available/);
  });

  it("passes on what the simulator refuses", async () => {
    simulator.refused = "/tap";
    await assert.rejects(run(), new Refused("POST /tap was refused with 409: not now"));
  });

  it("says that no simulator is there", async () => {
    const { url } = simulator;
    await simulator.close();
    await assert.rejects(new Control(url).state(), Unreachable);
    simulator = await FakeSimulator.start();
  });
});
