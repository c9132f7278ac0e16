/** The scenario files that come with the project, on both engines, and what they say when something is wrong. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseScenario, readScenario, type Scenario } from "../../tools/scenario/file.ts";
import { Recorder } from "../../tools/scenario/record.ts";
import { runScenario, type EngineName, type Outcome } from "../../tools/scenario/run.ts";
import { startCsms } from "../../tools/csms/csms.ts";
import { startStation } from "../../tools/sim/sim.ts";
import { hasEspruino } from "../scenario/harness.ts";

const FILES = fileURLToPath(new URL("../../tools/scenario/files/", import.meta.url));
const here = hasEspruino();

/** On each engine; the one on Espruino is skipped by name and reason when there is no binary. */
function onBothEngines(title: string, body: (engine: EngineName) => Promise<void>): void {
  it(`${title} [node]`, async function () {
    this.timeout(90_000);
    await body("node");
  });
  it(`${title} [espruino${here ? "" : ": no binary in ESPRUINO or on PATH"}]`, async function () {
    if (!here) this.skip();
    this.timeout(240_000);
    await body("espruino");
  });
}

function assertPassed({ passed, results }: Outcome): void {
  const failed = results.find((result) => !result.passed);
  assert.ok(passed, failed && `step ${failed.number}, ${failed.words}: ${failed.detail}`);
}

describe("scenario files", () => {
  const names = readdirSync(FILES);
  it("are at least six", () => assert.ok(names.length >= 6));
  for (const name of names) {
    const scenario = readScenario(FILES + name);
    onBothEngines(`${name}: ${scenario.title}`, async (engine) => assertPassed(await runScenario(scenario, { engine })));
  }
});

describe("a recorded scenario", () => {
  const recorded = new Map<string, Scenario>();
  const originals = ["offline-charge.yaml", "refused-card.yaml", "remote-start-stop.yaml", "power-cut.yaml", "hostile-csms.yaml"];

  before(async function () {
    this.timeout(120_000);
    for (const name of originals) {
      const original = readScenario(FILES + name);
      let recorder: Recorder | undefined;
      await runScenario(original, {
        opened: ({ station }) => {
          recorder = new Recorder(station, { title: original.title, station: original.station });
          recorder.begin();
        },
        profileChosen: (profile) => recorder!.profile(profile),
      });
      recorded.set(name, parseScenario(recorder!.end(), name));
    }
  });

  for (const name of originals) {
    onBothEngines(`replays: ${name}`, async (engine) => {
      const scenario = recorded.get(name)!;
      const frames = scenario.steps.flatMap(({ expect }) => expect ?? []);
      assert.ok(frames.some(({ sends }) => sends === "TransactionEvent"));
      assertPassed(await runScenario(scenario, { engine }));
    });
  }

  it("holds nothing that differs from run to run", () => {
    const text = JSON.stringify([...recorded.values()]);
    assert.doesNotMatch(text, /timestamp|seqNo|meterValue|\d{4}-\d\d-\d\dT/);
    assert.match(text, /"transactionId":"\$tx1"/);
  });
});

describe("the recorder", function () {
  this.timeout(60_000);

  it("begins with a station at rest, knows what is plugged in and how the CSMS behaves", async () => {
    const csms = await startCsms();
    const station = await startStation({ csms: csms.url, timeScale: 0, evses: 2 });
    try {
      const recorder = new Recorder(station);
      const record = async (body: object): Promise<[status: number, body: unknown]> => {
        const answer = await station.post("/page/record", body);
        return [answer.status, answer.body];
      };
      assert.deepEqual(await record({}), [200, { recording: false, steps: 0 }]);
      assert.deepEqual(await record({ on: 1 }), [400, { error: '"on" is to be true or false' }]);
      assert.deepEqual(await record({ on: false }), [200, { recording: false, steps: 0 }], "nothing to end");
      await station.post("/clock", { advance: 20 });
      await station.post("/evse/2/plug");
      await station.post("/evse/2/ev", { draw: true });
      recorder.profile({ name: "slow", seconds: 1 });
      assert.deepEqual(await record({ on: true }), [200, { recording: true, steps: 5 }]);
      await station.post("/evse/1/unplug", { force: false });
      await station.post("/evse/1/nonsense");
      const [, ended] = await record({ on: false });
      const { name, text } = ended as { name: string; text: string };
      assert.match(name, /^recorded-[\d-]+\.yaml$/);
      assert.deepEqual(parseScenario(text, name).steps, [
        { profile: "slow", seconds: 1 },
        { registered: true },
        { post: "/evse/2/plug" },
        { post: "/evse/2/ev", body: { draw: true } },
        { settled: true },
        { post: "/evse/1/unplug", body: { force: false } },
        { post: "/evse/1/nonsense", status: 404 },
      ]);
      await station.post("/tap", { idToken: "04A1B2C3" });
      await csms.waitFor(() => csms.stations.get("CS001")?.running().length === 1, 10_000, "a transaction runs");
      const [status, refused] = await record({ on: true });
      assert.equal(status, 409);
      assert.match((refused as { error: string }).error, /^a recording begins without a transaction; EVSE 2 has one$/);
    } finally {
      await station.close();
      await csms.close();
    }
  });
});

describe("a scenario that fails", function () {
  this.timeout(60_000);

  const run = (steps: string, more = ""): Promise<Outcome> =>
    runScenario(parseScenario(`title: T\n${more}steps:\n  - registered: true\n${steps}`, "t.yaml"));
  const failure = async (steps: string): Promise<string> => {
    const { passed, results } = await run(steps);
    assert.equal(passed, false);
    assert.equal(results.length, 2, "nothing runs after the step that failed");
    return results[1].detail;
  };

  it("tells the frames that were seen and how the nearest one differs", async () => {
    const detail = await failure("  - expect: [{sends: StatusNotification, payload: {evseId: 1, connectorStatus: Faulted}}]");
    assert.match(detail, /connectorStatus is "Available", not "Faulted"/);
    assert.match(detail, /\n +#3 .* -> StatusNotification EVSE 1\/1 Available/);
  });

  it("tells the member of the state that differs", async () => {
    assert.equal(await failure("  - state: {evses: [{contactor: true}]}"), "evses[0].contactor is false, not true");
    assert.equal(await failure("  - state: {queue: {events: {$from: 1}}}"), 'queue.events is 0, not in {"$from":1}');
  });

  it("tells an answer that is another one", async () => {
    assert.match(
      await failure("  - {call: Reset, payload: {type: OnIdle}, error: FormatViolation}"),
      /^FormatViolation was expected/,
    );
    assert.match(await failure("  - {call: Nonsense, unchecked: true}"), /^it is answered with NotImplemented/);
    assert.match(await failure("  - {post: /evse/1/fault, body: {code: None}}"), /^answered with 400: .*one of/);
    assert.equal(await failure("  - {call: RequestStopTransaction, payload: {transactionId: $tx}}"), "$tx has no value yet");
  });

  it("answers of the CSMS can be laid down, as often as wanted", async () => {
    assertPassed(
      await run(`
  - {handle: Authorize, with: {idTokenInfo: {status: Blocked}}, times: 1}
  - {post: /evse/1/plug}
  - {post: /tap, body: {idToken: 04A1B2C3}}
  - expect: [{sends: Authorize, answered: {idTokenInfo: {status: Blocked}}}]
  - {post: /tap, body: {idToken: 04A1B2C3}}
  - expect: [{sends: Authorize, answered: {idTokenInfo: {status: Accepted}}}, {sends: TransactionEvent, payload: {transactionInfo: {transactionId: $tx}}}]
    within: 5
  - {post: /evse/1/unplug, status: 409}
`),
    );
  });
});

describe("a scenario file that is wrong", () => {
  const cases: [text: string, sentence: string | RegExp][] = [
    ["title: [", /^f\.yaml: line 1: /],
    ["title: A\nsteps: [}", /^f\.yaml: line 2: /],
    ["[]", "f.yaml: it is no scenario: an object with title and steps is wanted"],
    ["title: A", 'f.yaml: "steps" is missing'],
    ["title: A\nsteps: []", 'f.yaml: "steps" is to be a list that is not empty'],
    ["title: A\nsteps: [1]", 'f.yaml: step 1: an object is wanted, such as "advance: 60"'],
    [
      "title: A\nstep: [1]\nsteps: [1]",
      'f.yaml: "step" is not known here; known are title, about, station, csms, lenient, steps',
    ],
    ["title: A\nsteps: [{settled: true}, {pots: /x}]", /^f\.yaml: step 2: it is none of post, call, .* \(it has pots\)$/],
    ["title: A\nsteps: [{post: /x, call: A}]", "f.yaml: step 1: it is to be one of post and call, not both"],
    ["title: A\nsteps: [{post: tap}]", 'f.yaml: step 1: "post" is to be a path that begins with /'],
    ["title: A\nsteps: [{advance: -1}]", 'f.yaml: step 1: "advance" is to be whole seconds'],
    ["title: A\nsteps: [{advance: 1, within: 5}]", 'f.yaml: step 1: "within" is not known here; known are say, advance'],
    ["title: A\nsteps: [{profile: kind}]", 'f.yaml: step 1: "profile" is to be one of accept, reject, slow, silent, hostile'],
    ["title: A\nsteps: [{profile: slow, seconds: 9999}]", 'f.yaml: step 1: "seconds" is to be a number from 0 to 600'],
    ["title: A\nsteps: [{expect: [{send: X}]}]", /^f\.yaml: step 1, frame 1: "send" is not known here/],
    ["title: A\nsteps: [{expect: [{payload: {}}]}]", "f.yaml: step 1, frame 1: exactly one of sends and receives is wanted"],
    ["title: A\nstation: {evse: 2}\nsteps: [{settled: true}]", /^f\.yaml: station: "evse" is not known here/],
  ];
  for (const [text, sentence] of cases) {
    it(JSON.stringify(text).slice(1, -1), () => {
      assert.throws(() => parseScenario(text, "f.yaml"), { name: "Error", message: sentence });
    });
  }

  it("may be JSON as well", () => {
    assert.equal(parseScenario('{"title": "J", "steps": [{"advance": 5}]}', "f.json").steps[0].advance, 5);
  });
});
