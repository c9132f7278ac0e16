/**
 * The end of the program at any moment (E-26, B-26, E-02): the engine or the whole simulator is killed in a transaction and started again
 * with the same flash. Only the real engine dies like that; power cuts inside flash operations are in `kill-cut.test.ts`.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NO_ANSWER } from "../../tools/csms/api.ts";
import { startCsms, type Csms, type Transaction } from "../../tools/csms/csms.ts";
import type { StationState } from "../../tools/sim/sim.ts";
import { BOARD, hasEspruino, withBench, type Bench } from "./harness.ts";
import { FULL, QUICK } from "./transport-bench.ts";

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
const MAIN = fileURLToPath(new URL("../../tools/sim/main.ts", import.meta.url));
const ID = "CS001";

const directory = mkdtempSync(join(tmpdir(), "kill-"));
let files = 0;
const flashFile = (): string => join(directory, `flash-${++files}.bin`);

/** Every event once, without a gap, each after the one before, none with a time from before the clock was set. */
function complete(csms: Csms): Transaction[] {
  assert.deepEqual(csms.violations, []);
  assert.deepEqual(csms.findings, []);
  const transactions = [...(csms.stations.get(ID)?.transactions.values() ?? [])];
  for (const { events } of transactions) {
    assert.deepEqual(
      events.map(({ seqNo }) => seqNo),
      events.map((_, index) => index),
    );
    assert.deepEqual(
      events.map(({ eventType }) => eventType),
      ["Started", ...events.slice(2).map(() => "Updated"), ...(events.length > 1 ? [events.at(-1)!.eventType] : [])],
    );
    const times = events.map(({ timestamp }) => Date.parse(timestamp));
    times.forEach((time, index) => {
      assert.ok(time > Date.UTC(2024, 0, 1), `${events[index].timestamp}: a time before the clock was set`);
      assert.ok(index === 0 || time >= times[index - 1], `${events[index].timestamp} is before the event before`);
    });
  }
  return transactions;
}

async function charge(bench: Bench): Promise<void> {
  await bench.accepted();
  await bench.post("/evse/1/plug");
  await bench.post("/tap", CARD);
  await bench.settled();
  await bench.post("/evse/1/ev", { draw: true, amps: 16 });
  await bench.settled();
}

interface Moment {
  /** Brings the station to the moment of its end. */
  before(bench: Bench): Promise<void>;
  /** What has changed outside by the time it starts again. */
  meanwhile?(bench: Bench): Promise<void>;
  set?: Record<string, string>;
  /** How the transaction ends at last; null: there is none. */
  stoppedReason: string | null;
  /** In a short run too. */
  sample?: boolean;
}

const noAnswer = (bench: Bench): (() => void) => bench.csms.on("TransactionEvent", () => NO_ANSWER);
let back: () => void = () => undefined;

const MOMENTS: Record<string, Moment> = {
  "while the card is asked about": {
    before: async (bench) => {
      await bench.accepted();
      await bench.post("/evse/1/plug");
      bench.csms.on("Authorize", () => NO_ANSWER);
      await bench.post("/tap", CARD);
      await bench.until("Authorize", () => bench.sent("Authorize").length > 0);
    },
    stoppedReason: null,
  },
  "before Started is confirmed": {
    before: async (bench) => {
      await bench.accepted();
      await bench.post("/evse/1/plug");
      back = noAnswer(bench);
      await bench.post("/tap", CARD);
      await bench.until("Started", () => bench.sent("TransactionEvent").length > 0);
    },
    meanwhile: async () => back(),
    stoppedReason: "PowerLoss",
    sample: true,
  },
  "in the middle of the charge": {
    before: async (bench) => {
      await charge(bench);
      await bench.advance(200);
      await bench.settled();
    },
    stoppedReason: "PowerLoss",
  },
  "with samples that nobody has confirmed": {
    before: async (bench) => {
      await charge(bench);
      await bench.post("/network", { up: false });
      await bench.advance(130);
      assert.ok((await bench.station.state()).queue.events >= 6);
    },
    set: { "SampledDataCtrlr.TxUpdatedInterval": "20", "OCPPCommCtrlr.RetryBackOffWaitMinimum": "20" },
    meanwhile: (bench) => bench.post("/network", { up: true }),
    stoppedReason: "PowerLoss",
    sample: true,
  },
  "and the car has left before the power is back": {
    before: async (bench) => {
      await charge(bench);
      await bench.advance(70);
    },
    meanwhile: (bench) => bench.post("/evse/1/unplug", { force: true }),
    stoppedReason: "PowerLoss",
  },
  "just after the stop, before Ended is confirmed": {
    before: async (bench) => {
      await charge(bench);
      back = noAnswer(bench);
      await bench.post("/tap", CARD);
      await bench.until("Ended", () => bench.sent("TransactionEvent").some(({ eventType }) => eventType === "Ended"));
    },
    meanwhile: async () => back(),
    stoppedReason: "Local",
  },
  "and it resumes within TxCtrlr.ResumptionTimeout": {
    set: { "TxCtrlr.ResumptionTimeout": "300" },
    before: async (bench) => {
      await charge(bench);
      await bench.advance(70);
      await bench.settled();
    },
    meanwhile: (bench) => bench.advance(60),
    stoppedReason: "Local",
    sample: true,
  },
  "and it is too late for TxCtrlr.ResumptionTimeout": {
    set: { "TxCtrlr.ResumptionTimeout": "100" },
    before: async (bench) => {
      await charge(bench);
      await bench.advance(70);
      await bench.settled();
    },
    meanwhile: (bench) => bench.advance(200),
    stoppedReason: "PowerLoss",
  },
};

/** SIGKILL to the engine of the simulator that runs with `flash`. */
function killEngine(flash: string): void {
  process.kill(Number(readFileSync(flash + ".engine/pid", "utf8")), "SIGKILL");
}

(hasEspruino() ? describe : describe.skip)(
  `SIGKILL of the engine${hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH"} [espruino]`,
  () => {
    after(() => rmSync(directory, { recursive: true, force: true }));

    for (const [when, { before, meanwhile, set, stoppedReason, sample }] of Object.entries(MOMENTS)) {
      if (!sample && !FULL) {
        it(`E-26: ${when} (with FULL=1)`);
        continue;
      }
      it(`E-26: ${when}: ${stoppedReason === null ? "no transaction" : `ends with ${stoppedReason}`}`, async function () {
        this.timeout(60_000);
        const flash = flashFile();
        await withBench({ station: { engine: "espruino", flash, set: { ...QUICK, ...set } } }, async (bench) => {
          await before(bench);
          const { evses, queue } = await bench.station.state();
          const running = evses[0].transactionId;
          killEngine(flash);
          // The simulator starts an engine that ended; the power stays off until the world has changed.
          await bench.post("/power", { on: false });
          assert.equal((await bench.station.state()).evses[0].contactor, false);
          await meanwhile?.(bench);
          await bench.post("/power", { on: true });
          await bench.accepted();
          await bench.until("delivered", async () => {
            await bench.advance(1);
            const state = await bench.station.state();
            return state.online && state.queue.events === 0;
          });
          if (stoppedReason === "Local" && running !== null) {
            const resumed = (await bench.station.state()).evses[0];
            assert.deepEqual([resumed.transactionId, resumed.contactor, resumed.locked], [running, true, true], "resumed");
            await bench.advance(90);
            await bench.post("/tap", CARD);
            await bench.settled();
          }
          const [transaction, ...others] = complete(bench.csms);
          assert.deepEqual(others, []);
          assert.equal(transaction?.stoppedReason ?? null, stoppedReason);
          if (stoppedReason !== null) {
            assert.equal(transaction.ended, true);
            assert.ok(transaction.events.length > queue.events, "what was queued has been delivered");
            assert.ok(transaction.lastWh! >= transaction.startWh!);
          }
          if (running !== null) assert.equal(transaction.id, running);
          const state = await bench.station.state();
          assert.deepEqual([state.evses[0].transactionId, state.evses[0].contactor], [null, false]);
          // The station is as usable as before.
          if (!state.evses[0].plugged) await bench.post("/evse/1/plug");
          bench.csms.on("Authorize", (_request, context) => context.defaultAnswer());
          await bench.post("/tap", { idToken: "0BADCAFE", type: "ISO14443" });
          await bench.settled();
          await bench.until("another transaction", async () => (await bench.station.state()).evses[0].transactionId !== null);
          assert.equal(complete(bench.csms).at(-1)!.ended, false);
        });
      });
    }

    it("E-26: an engine that dies alone is started again at once", async function () {
      this.timeout(60_000);
      const flash = flashFile();
      await withBench({ station: { engine: "espruino", flash, set: QUICK } }, async (bench) => {
        await charge(bench);
        killEngine(flash);
        await bench.until("ended", async () => {
          await bench.advance(1);
          return bench.csms.stations.get(ID)!.running().length === 0;
        });
        await bench.settled();
        const [transaction] = complete(bench.csms);
        assert.match(transaction.stoppedReason!, /^(PowerLoss|Reboot)$/);
        assert.equal(bench.csms.stations.get(ID)!.boots, 2);
      });
    });

    it("E-26: the simulator and its engine are killed, started again with the same --flash", async function () {
      this.timeout(90_000);
      const flash = flashFile();
      const csms = await startCsms({});
      const children: ChildProcess[] = [];
      /** Starts the simulator; its control address. */
      const start = async (...more: string[]): Promise<string> => {
        const args = ["--board", BOARD, "--csms", csms.url, "--port", "0", "--flash", flash, "--engine", "espruino", ...more];
        const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
        children.push(child);
        let output = "";
        child.stdout.on("data", (data) => (output += String(data)));
        child.stderr.on("data", (data) => (output += String(data)));
        for (;;) {
          const url = /^control (http:\S+)$/m.exec(output)?.[1];
          if (url) return url;
          assert.equal(child.exitCode, null, output);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const post = async (url: string, body: object = {}): Promise<void> => {
        const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
        assert.equal(response.status, 200, `${url}: ${await response.text()}`);
      };
      const state = async (url: string): Promise<StationState> => (await (await fetch(url + "/state")).json()) as StationState;
      const until = async (what: string, url: string, condition: (state: StationState) => boolean): Promise<void> => {
        for (let second = 0; !condition(await state(url)); second++) {
          assert.ok(second < 90, `${what}: not within 90 simulated seconds`);
          await post(url + "/clock", { advance: 1 });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      try {
        const first = await start(
          "--set",
          "OCPPCommCtrlr.RetryBackOffWaitMinimum=1",
          "--set",
          "OCPPCommCtrlr.RetryBackOffRandomRange=0",
        );
        await until("accepted", first, ({ registration }) => registration === "Accepted");
        await post(first + "/evse/1/plug");
        await post(first + "/tap", CARD);
        await post(first + "/evse/1/ev", { draw: true, amps: 16 });
        await until("charging", first, ({ evses }) => evses[0].contactor);
        await post(first + "/clock", { advance: 125 });
        const { transactionId } = (await state(first)).evses[0];
        const ended = new Promise((resolve) => children[0].once("close", resolve));
        children[0].kill("SIGKILL");
        await ended;
        const second = await start();
        await until(
          "delivered",
          second,
          ({ online, registration, queue }) => online && registration === "Accepted" && queue.events === 0,
        );
        const transactions = [...csms.stations.get(ID)!.transactions.values()];
        assert.equal(transactions.length, 1);
        assert.deepEqual([transactions[0].id, transactions[0].stoppedReason], [transactionId, "PowerLoss"]);
        assert.ok(transactions[0].events.length >= 5, "the samples too");
        assert.deepEqual(csms.violations, []);
        assert.equal((await state(second)).evses[0].plugged, true, "cable and car are as they were");
      } finally {
        for (const child of children) child.kill("SIGTERM");
        await csms.close();
      }
    });
  },
);
