/** OpenEVSE's safety controller by RAPI: driver and twin, on both engines. */
import assert from "node:assert/strict";
import { OpenEvseTwin, rapiLine, STATE, type OpenEvseFault } from "../../tools/twins/openevse.ts";
import type { Build } from "../../tools/build/build-board.ts";
import { Bench, benchBuild, ENGINES, type Wiring } from "./bench.ts";

const BOARD = `
import { openSerial } from "../../src/kernel/engine/serial";
import { readPin } from "../../src/kernel/engine/pins";
import { evses, Field } from "../../src/station/evse";
import { openController } from "../../src/drivers/openevse-rapi";
import { rapi, rapiHeard, rapiOff, rapiPoll, rapiSecond } from "../../src/drivers/openevse";

export const RAPI_RX_PIN = 26;
export const RAPI_TX_PIN = 25;
/** Bench's own order to sleep. */
const SLEEP = 99;

export function startBoard(): void {
  evses.v = new Int32Array(Field.Size);
  evses.v[Field.Millivolts] = 230000;
  openSerial(1, 115200, RAPI_RX_PIN, RAPI_TX_PIN, "", rapiHeard);
  openController(1);
}
export function poll(): void {
  // The bench's station: pin n means that n A are offered.
  for (let amps = 0; amps < 40; amps++) {
    if (readPin(amps) && evses.v[Field.Limit] !== amps * 1000) {
      evses.v[Field.Limit] = amps * 1000;
      rapi.may = 1;
    }
  }
  if (readPin(SLEEP)) {
    rapiOff();
  }
  rapiPoll();
}
export function second(): void {
  rapiSecond();
}
`;

class Line implements Wiring {
  readonly controller = new OpenEvseTwin((bytes) => this.heard(bytes));
  garbage: (() => Buffer) | null = null;
  piece = 1000;
  private out: string[] = [];

  line(line: string): void {
    if (line[0] !== "t") return;
    if (this.garbage) this.heard(this.garbage());
    else this.controller.receive(Buffer.from(line.slice(3), "hex"));
  }

  due(): string[] {
    return this.out.splice(0);
  }

  private heard(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += this.piece)
      this.out.push(`r1,${bytes.subarray(at, at + this.piece).toString("hex")}`);
  }
}

describe("OpenEVSE", function () {
  this.timeout(60_000);
  let build: Build;
  before(async () => {
    build = await benchBuild(BOARD);
  });
  for (const engine of ENGINES) {
    describe(`[${engine}]`, () => {
      let line: Line;
      let bench: Bench;
      let controller: OpenEvseTwin;
      const offer = async (amps: number): Promise<void> => {
        await bench.send(`i${amps},1`);
        await bench.poll(2);
      };
      const seconds = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          await bench.seconds(1);
          controller.pass(1);
        }
      };
      const last = (prefix: string): string | undefined => bench.told.filter((text) => text.startsWith(prefix)).pop();
      beforeEach(async () => {
        line = new Line();
        controller = line.controller;
        bench = await Bench.start(build, engine, line);
        await seconds(2);
      });
      afterEach(async () => {
        await bench.close();
        assert.deepEqual(
          bench.log.filter((text) => text.startsWith("Uncaught")),
          [],
        );
      });

      it("is put to sleep at the start, so that no car charges before the station says so", async () => {
        assert.equal(controller.state, STATE.Sleeping);
        controller.setCar(true, true);
        await bench.poll(1);
        assert.equal(controller.relay, false);
        assert.equal(last("input 0 0"), "input 0 0 1");
        assert.equal(last("input 0 1"), "input 0 1 2");
      });

      it("gets the current, then may charge, and tells what flows", async () => {
        controller.setCar(true, true);
        await offer(16);
        assert.equal(controller.relay, true);
        assert.equal(controller.amps, 16);
        assert.ok(controller.commands.indexOf("SC 16 V") < controller.commands.indexOf("FE"));
        await seconds(100);
        await bench.seconds(1);
        assert.equal(last("meter"), `meter 0 ${controller.wattHours} 16000 240000`);
        assert.ok(controller.wattHours > 100);
        await offer(10);
        assert.equal(controller.amps, 10);
        assert.equal(controller.milliamps, 10_000);
      });

      it("sleeps within two polls when nothing is offered any more, and when less than 6 A are", async () => {
        controller.setCar(true, true);
        for (const amps of [0, 5]) {
          await offer(16);
          assert.equal(controller.relay, true);
          await offer(amps);
          assert.equal(controller.relay, false);
          assert.equal(controller.state, STATE.Sleeping);
          await seconds(2);
        }
      });

      it("tells plug and pilot as they change", async () => {
        await offer(16);
        controller.setCar(true, false);
        await bench.poll(1);
        assert.equal(last("input 0 0"), "input 0 0 1");
        assert.equal(last("input 0 1"), "input 0 1 1");
        controller.setCar(true, true);
        await bench.poll(1);
        assert.equal(last("input 0 1"), "input 0 1 2");
        controller.setCar(false, false);
        await bench.poll(1);
        assert.equal(last("input 0 0"), "input 0 0 0");
        assert.equal(last("input 0 1"), "input 0 1 0");
      });

      it("tells each fault of the controller by its kind", async () => {
        const sources: [state: number, source: number][] = [
          [STATE.DiodeCheckFailed, 8],
          [STATE.GfciFault, 0],
          [STATE.NoGround, 0],
          [STATE.StuckRelay, 1],
          [STATE.GfiTestFailed, 0],
          [STATE.OverTemperature, 4],
          [STATE.OverCurrent, 3],
          [STATE.RelayClosureFault, 2],
        ];
        await offer(16);
        for (const [state, source] of sources) {
          bench.told.length = 0;
          controller.fail(state);
          await bench.poll(1);
          assert.deepEqual(
            bench.told.filter((text) => text.startsWith("fault") && text.endsWith(" 1")),
            [`fault 0 ${source} 1`],
          );
          controller.fail(0);
          await bench.poll(1);
          assert.equal(last(`fault 0 ${source} `), `fault 0 ${source} 0`);
        }
      });

      it("does not hide a fault of the controller by putting it to sleep", async () => {
        controller.press(false);
        controller.setCar(true, true);
        controller.fail(STATE.GfciFault);
        await seconds(3);
        controller.commands.length = 0;
        await seconds(3);
        assert.equal(controller.commands.includes("FS"), false);
      });

      it("overrules its front button", async () => {
        controller.setCar(true, true);
        controller.press(false);
        await seconds(2);
        assert.equal(controller.state, STATE.Sleeping);
        await offer(16);
        controller.press(true);
        await seconds(2);
        assert.equal(controller.relay, true);
      });

      it("is told everything anew when it has started anew, and its register goes on where it was", async () => {
        controller.total = 5000;
        controller.setCar(true, true);
        await offer(13);
        await seconds(30);
        const before = Number(last("meter")!.split(" ")[2]);
        assert.ok(before > 5000);
        controller.restart();
        await seconds(3);
        assert.equal(controller.amps, 13);
        assert.equal(controller.relay, true);
        assert.ok(Number(last("meter")!.split(" ")[2]) >= before);
        assert.ok(controller.wattHours >= before, "the controller's own total was set right");
        await offer(0);
        controller.restart();
        await bench.poll(2);
        assert.equal(controller.relay, false);
      });

      it("never lets the register go back over sessions and restarts", async () => {
        let before = 0;
        for (let session = 0; session < 6; session++) {
          controller.setCar(true, true);
          await offer(session % 2 ? 16 : 9);
          await seconds(12);
          if (session === 3) controller.restart();
          await seconds(3);
          await offer(0);
          await seconds(1);
          controller.setCar(false, false);
          await seconds(2);
          const register = Number(last("meter")!.split(" ")[2]);
          assert.ok(register >= before + 5, `${before} to ${register} Wh`);
          assert.ok(Math.abs(register - controller.wattHours) <= 1);
          before = register;
        }
        const registers = bench.told.filter((text) => text.startsWith("meter")).map((text) => Number(text.split(" ")[2]));
        assert.deepEqual(
          registers.filter((register, i) => i > 0 && register < registers[i - 1]),
          [],
        );
      });

      it("takes the controller's own limit for what it is", async () => {
        controller.mostAmps = 20;
        controller.setCar(true, true);
        await offer(32);
        await seconds(2);
        assert.equal(controller.amps, 20);
        assert.equal(controller.commands.filter((text) => text === "SC 32 V").length, 1);
      });

      it("gives a sign of life each second, and sets its current again after it has missed some", async () => {
        controller.setCar(true, true);
        await offer(16);
        assert.deepEqual([controller.heartbeat.seconds, controller.heartbeat.amps], [10, 6]);
        controller.pass(11);
        assert.equal(controller.amps, 6);
        await seconds(2);
        assert.equal(controller.amps, 16);
        await seconds(30);
        assert.equal(controller.amps, 16);
      });

      for (const fault of ["silent", "wrong-checksum", "stale"] satisfies OpenEvseFault[]) {
        it(`is InternalError after 5 s when it is ${fault}, and back when that is over`, async () => {
          controller.fault = fault;
          await seconds(6);
          assert.equal(last("fault 0 11"), "fault 0 11 1");
          controller.fault = null;
          await seconds(3);
          assert.equal(last("fault 0 11"), "fault 0 11 0");
        });
      }

      it("is InternalError when its firmware is too old to tell the pilot", async () => {
        controller.fault = "old";
        await seconds(2);
        assert.equal(last("fault 0 11"), "fault 0 11 1");
        controller.fault = null;
        await seconds(2);
        assert.equal(last("fault 0 11"), "fault 0 11 0");
      });

      it("is PowerMeterFailure when it does not count energy", async () => {
        controller.fault = "unmetered";
        await seconds(2);
        assert.equal(last("fault 0 10"), "fault 0 10 1");
        controller.fault = null;
        await seconds(2);
        assert.equal(last("fault 0 10"), "fault 0 10 0");
      });

      it("is understood among noise, in pieces, and when it refuses", async () => {
        line.piece = 3;
        controller.fault = "noisy";
        controller.setCar(true, false);
        await seconds(2);
        assert.equal(last("input 0 1"), "input 0 1 1");
        controller.fault = "refuses";
        await seconds(3);
        controller.fault = null;
        await seconds(2);
        await offer(16);
        assert.equal(controller.state, STATE.B);
      });

      it("can be told to sleep by one line whatever is under way", async () => {
        controller.setCar(true, true);
        await offer(16);
        controller.fault = null;
        await bench.send("i99,1");
        await bench.poll(1);
        assert.ok(controller.commands.includes("FS"));
      });

      it("survives any bytes, and works when they are over", async () => {
        const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
        console.log(`      seed ${seed}`);
        let state = seed;
        const random = (below: number): number => {
          state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
          return Math.floor((state / 0x80000000) * below);
        };
        const words = [
          "$OK",
          "$NK",
          "$AT",
          "$ST",
          "$AB",
          "$",
          "^",
          ":01",
          "fe",
          "03",
          "0100",
          "-1",
          "99999999999",
          "zz",
          "",
          " ",
          "\r",
          "\n",
        ];
        const garbage = (): Buffer => {
          const bytes = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
          const text = Array.from({ length: random(8) }, () => words[random(words.length)]).join(" ");
          // A right checksum over nonsense, half a line, or any bytes.
          return [bytes, Buffer.from(rapiLine(text), "latin1"), Buffer.from(text.slice(random(20)), "latin1")][random(3)];
        };
        line.garbage = garbage;
        await seconds(5);
        line.garbage = null;
        await seconds(4);
        const before = await bench.memory();
        line.garbage = garbage;
        await bench.seconds(process.env["FULL"] ? 600 : engine === "node" ? 100 : 30);
        line.garbage = null;
        await seconds(6);
        controller.setCar(true, false);
        await seconds(1);
        assert.equal(last("input 0 1"), "input 0 1 1");
        assert.equal(last("fault 0 11"), "fault 0 11 0");
        const after = await bench.memory();
        assert.ok(Math.abs(after - before) <= 4, `${before} JsVars before, ${after} after`);
      });
    });
  }
});
