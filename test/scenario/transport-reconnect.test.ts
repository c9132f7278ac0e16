/**
 * Back-off (RPC-13), and a CSMS that restarts, refuses, or never answers (RPC-02, RPC-04, RPC-14, B-08). All times are simulated ones.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER } from "../../tools/csms/api.ts";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { startStation } from "../../tools/sim/sim.ts";
import { ATTACKS } from "../csms/attacks.ts";
import { startHostile, type HostileServer } from "../csms/hostile.ts";
import { BOARD, hasEspruino, scenario } from "./harness.ts";
import { FULL, QUICK } from "./transport-bench.ts";
import { BACK_OFF, CARD, charge, events, quick } from "./transport-steps.ts";

/** Simulated seconds at which attempts came to a server that refuses, counted by `count`, for `seconds`. */
async function attempts(advance: () => Promise<void>, count: () => number, seconds: number): Promise<number[]> {
  const times: number[] = [];
  for (let second = 1; second <= seconds; second++) {
    await advance();
    // Two turns of the server's side, so that an attempt counts in its own second.
    await sleep(2);
    for (let known = times.length; known < count(); known++) times.push(second);
  }
  return times;
}

/** Seconds that an attempt may be late: the tick in which the connection breaks counts for none, and the refusal takes real time. */
const LATE = 4;

function waitsOf(times: number[]): number[] {
  return times.slice(1).map((time, index) => time - times[index]);
}

const engines = ["node", ...(hasEspruino() ? (["espruino"] as const) : [])] as const;

describe("back-off", () => {
  if (!hasEspruino()) it("[espruino: no binary in ESPRUINO or on PATH]");
  for (const engine of engines) {
    it(`RPC-13: minimum, doubled RepeatTimes times, then constant; a random part drawn anew; reset by a success [${engine}]`, async function () {
      this.timeout(120_000);
      const [minimum, range, repeat] = [4, 6, 3];
      const server: HostileServer = await startHostile(ATTACKS.refuses404(), { goodFrom: 10 });
      const set = {
        [`${BACK_OFF}WaitMinimum`]: `${minimum}`,
        [`${BACK_OFF}RandomRange`]: `${range}`,
        [`${BACK_OFF}RepeatTimes`]: `${repeat}`,
      };
      const station = await startStation({ board: BOARD, csms: server.url, engine, timeScale: 0, set });
      try {
        const advance = async (): Promise<void> => void (await station.post("/clock", { advance: 1 }));
        const waits = waitsOf((await attempts(advance, () => server.connections.length, 330)).slice(0, 10));
        const expected = waits.map((_, index) => minimum * 2 ** Math.min(index, repeat));
        waits.forEach((wait, index) =>
          assert.ok(
            wait >= expected[index] && wait <= expected[index] + range + LATE,
            `wait ${index + 1}: ${wait} s of ${waits.join(", ")}`,
          ),
        );
        assert.equal(waits.length, 9);
        const random = waits.map((wait, index) => wait - expected[index]);
        assert.ok(new Set(random).size >= 3, `random parts ${random.join(", ")}`);
        assert.equal((await station.state()).registration, "Accepted", "the tenth attempt");
        server.last!.reset();
        const [again] = await attempts(advance, () => server.connections.length - 10, 60);
        assert.ok(again >= minimum && again <= minimum + range + LATE, `after a success: ${again} s`);
      } finally {
        await station.close();
        await server.close();
      }
    });

    it(`RPC-02, RPC-13: attempts go on for ever [${engine}]`, async function () {
      this.timeout(180_000);
      const seconds = engine === "node" ? (FULL ? 200_000 : 8_000) : FULL ? 20_000 : 1_000;
      const server = await startHostile(ATTACKS.refuses401());
      const station = await startStation({
        board: BOARD,
        csms: server.url,
        engine,
        timeScale: 0,
        set: { ...QUICK, [`${BACK_OFF}WaitMinimum`]: "30", [`${BACK_OFF}RepeatTimes`]: "2" },
      });
      try {
        await station.post("/clock", { advance: seconds });
        const most = seconds / 120 + 4;
        const { length } = server.connections;
        assert.ok(length >= seconds / 128 && length <= most, `${length} attempts in ${seconds} s`);
        for (const { request } of server.connections) assert.equal(request?.path, "/CS001");
      } finally {
        await station.close();
        await server.close();
      }
    });
  }
});

/** A CSMS that can be stopped and started again at its port; `csms` is the present one. */
class Restartable {
  csms!: Csms;
  private port = 0;

  constructor(private now: () => number) {}

  async start(options: { password?: string } = {}): Promise<void> {
    this.csms = await startCsms({ port: this.port, now: () => this.now(), ...options });
    this.port = this.csms.port;
  }

  setClock(now: () => number): void {
    this.now = now;
  }
}

describe("a CSMS that goes away", () => {
  for (const engine of engines) {
    it(`RPC-13, RPC-14: restarted while a car charges: back without BootNotification, everything delivered [${engine}]`, async function () {
      this.timeout(60_000);
      const server = new Restartable(Date.now);
      await server.start();
      const station = await startStation({
        board: BOARD,
        csms: server.csms.url,
        engine,
        timeScale: 0,
        set: { ...QUICK, [`${BACK_OFF}WaitMinimum`]: "2" },
      });
      server.setClock(() => station.now());
      const post = async (path: string, body: object = {}): Promise<void> =>
        assert.equal((await station.post(path, body)).status, 200);
      const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
        for (let second = 0; !(await condition()); second++) {
          if (second > 60) assert.fail(`${what}: not within 60 s`);
          await post("/clock", { advance: 1 });
          await sleep(3);
        }
      };
      try {
        await until("accepted", async () => (await station.state()).registration === "Accepted");
        await post("/evse/1/plug");
        await post("/tap", CARD);
        await post("/evse/1/ev", { draw: true, amps: 16 });
        await until(
          "charging",
          async () => (await station.state()).evses[0].contactor && (await station.state()).queue.events === 0,
        );
        await server.csms.close();
        await post("/clock", { advance: 130 });
        const away = await station.state();
        assert.deepEqual([away.online, away.evses[0].contactor], [false, true]);
        assert.ok(away.queue.events >= 2);
        await server.start();
        await until("delivered", async () => {
          const { online, queue } = await station.state();
          return online && queue.events === 0;
        });
        const seen = server.csms.frames.filter(({ dir }) => dir === "in").map(({ text }) => text);
        assert.deepEqual(
          seen.filter((text) => text.includes('"BootNotification"')),
          [],
        );
        assert.deepEqual(server.csms.violations, []);
        const numbers = station
          .frames()
          .filter(({ dir, text }) => dir === "out" && text.includes('"TransactionEvent"'))
          .map(({ text }) => (JSON.parse(text) as [0, 0, 0, { seqNo: number }])[3].seqNo);
        assert.deepEqual(
          numbers,
          numbers.map((_, index) => index),
        );
      } finally {
        await station.close();
        await server.csms.close();
      }
    });

    it(`RPC-02: 401 for the wrong password, again and again; accepted when it is right again [${engine}]`, async function () {
      this.timeout(60_000);
      const server = new Restartable(Date.now);
      await server.start({ password: "another-password-1" });
      const station = await startStation({
        board: BOARD,
        csms: server.csms.url,
        engine,
        password: "right-password-0001",
        timeScale: 0,
        set: QUICK,
      });
      try {
        await station.post("/clock", { advance: 60 });
        const refused = server.csms.attempts;
        assert.ok(refused.length >= 15 && refused.every(({ accepted }) => !accepted), `${refused.length} attempts`);
        assert.equal((await station.state()).registration, null);
        await server.csms.close();
        await server.start({ password: "right-password-0001" });
        for (let second = 0; (await station.state()).registration !== "Accepted"; second++) {
          assert.ok(second < 30, "not accepted within 30 s");
          await station.post("/clock", { advance: 1 });
        }
      } finally {
        await station.close();
        await server.csms.close();
      }
    });
  }

  scenario(
    "RPC-02: no network at boot: attempts until there is one",
    quick(),
    async (bench) => {
      await bench.post("/network", { up: false });
      await bench.advance(100);
      assert.equal((await bench.station.state()).online, false);
      assert.equal(bench.csms.attempts.length, 0);
      await bench.post("/network", { up: true });
      await bench.accepted();
      assert.equal(bench.sent("BootNotification").length, 1);
      assert.equal(bench.sent("BootNotification")[0].reason, "PowerUp");
    },
    true,
  );

  scenario(
    "RPC-04, B-08: a CSMS that never answers: BootNotification again after a while, no flood; accepted when it answers",
    quick(),
    async (bench) => {
      const back = bench.csms.on("BootNotification", () => NO_ANSWER);
      await bench.advance(600);
      const asked = bench.sent("BootNotification").length;
      assert.ok(asked >= 4 && asked <= 20, `${asked} times in 600 s`);
      assert.deepEqual(
        bench.station.frames().filter(({ dir, text }) => dir === "out" && !text.includes('"BootNotification"')),
        [],
        "B-04: nothing else",
      );
      back();
      for (let second = 0; (await bench.station.state()).registration !== "Accepted"; second++) {
        assert.ok(second < 150, "not accepted within 150 s");
        await bench.advance(1);
      }
    },
    true,
  );

  scenario(
    "RPC-03, RPC-04: no answers while a car charges: one CALL at a time, each with its time-out; the charge goes on",
    quick(),
    async (bench) => {
      await charge(bench);
      const back = bench.csms.on("TransactionEvent", () => NO_ANSWER);
      const heartbeat = bench.csms.on("Heartbeat", () => NO_ANSWER);
      const known = events(bench).length;
      await bench.advance(200);
      assert.equal((await bench.station.state()).evses[0].contactor, true);
      assert.ok(events(bench).length - known <= 200 / 30, "one CALL in MessageTimeout");
      assert.ok(events(bench).length > known);
      back();
      heartbeat();
      await bench.advance(60);
      assert.equal((await bench.station.state()).evses[0].contactor, true);
      assert.equal((await bench.station.state()).online, true);
    },
    true,
  );
});
