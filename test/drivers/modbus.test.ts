/** Eastron meters over Modbus RTU: drivers and twins, on both engines. */
import assert from "node:assert/strict";
import { modbusCrc, Rs485Line, SdmTwin, type SdmFault } from "../../tools/twins/sdm.ts";
import type { Build } from "../../tools/build/build-board.ts";
import { Bench, benchBuild, ENGINES, type Wiring } from "./bench.ts";

const BAUD = 9600;
const ENABLE = 4;

const BOARD = `
import { openSerial } from "../../src/kernel/engine/serial";
import { evses, Field } from "../../src/station/evse";
import { meterLine, openMeters } from "../../src/drivers/modbus-meter";
import { modbusHeard, modbusPoll, modbusSecond } from "../../src/drivers/modbus";
import { SDM120 } from "../../src/drivers/sdm120";
import { SDM230 } from "../../src/drivers/sdm230";
import { SDM630 } from "../../src/drivers/sdm630";

export const METER_RX_PIN = 33;
export const METER_TX_PIN = 32;
const METERS = "\\x01" + SDM120 + "\\x02" + SDM230 + "\\x2a" + SDM630;

export function startBoard(): void {
  evses.v = new Int32Array(3 * Field.Size);
  openSerial(1, ${BAUD}, METER_RX_PIN, METER_TX_PIN, "", modbusHeard);
  openMeters(meterLine(1, ${BAUD}, ${ENABLE}) + METERS);
}
export function poll(): void {
  modbusPoll();
}
export function second(): void {
  modbusSecond();
}
`;

/** Pins and serial line of the board. */
class Line implements Wiring {
  readonly meters = [new SdmTwin("SDM120", 1), new SdmTwin("SDM230", 2), new SdmTwin("SDM630", 42)];
  readonly line485 = new Rs485Line(this.meters, true);
  /** What it answers instead. */
  garbage: (() => Buffer) | null = null;
  /** Pieces of at most so many bytes. */
  piece = 1000;
  private held = 0;
  private out: string[] = [];

  line(line: string): void {
    const [head, value] = line.slice(1).split(",");
    if (line[0] === "p" && Number(head) === ENABLE) this.line485.enable((this.held = Number(value)));
    if (line[0] !== "t") return;
    const answer = this.garbage ? this.garbage() : this.line485.request(Buffer.from(value, "hex"), BAUD, this.held);
    for (let at = 0; at < answer.length; at += this.piece)
      this.out.push(`r1,${answer.subarray(at, at + this.piece).toString("hex")}`);
  }

  due(): string[] {
    return this.out.splice(0);
  }
}

describe("Modbus RTU meters", function () {
  this.timeout(60_000);
  let build: Build;
  before(async () => {
    build = await benchBuild(BOARD);
  });

  for (const engine of ENGINES) {
    describe(`[${engine}]`, () => {
      let line: Line;
      let bench: Bench;
      beforeEach(async () => {
        line = new Line();
        bench = await Bench.start(build, engine, line);
      });
      afterEach(async () => {
        await bench.close();
        assert.deepEqual(
          bench.log.filter((text) => text.startsWith("Uncaught")),
          [],
        );
      });
      const last = (prefix: string): string | undefined => bench.told.filter((text) => text.startsWith(prefix)).pop();

      it("read register, current of the phase that carries most and voltage, of three meters on one line", async () => {
        line.meters[0].amps = [15.5];
        line.meters[0].kilowattHours = 1234.567;
        line.meters[1].volts = [241.3];
        line.meters[2].volts = [229, 231, 233];
        line.meters[2].amps = [1, 16.25, 7];
        line.meters[2].kilowattHours = 0.25;
        await bench.seconds(4);
        assert.equal(last("meter 0"), "meter 0 1234567 15500 230000");
        assert.equal(last("meter 1"), "meter 1 0 0 241300");
        assert.equal(last("meter 2"), "meter 2 250 16250 231000");
        assert.equal(line.line485.lost, 0);
      });

      it("decode binary32 as it is, over its range", async () => {
        for (const kilowattHours of [0, 0.001, 0.1, 1 / 3, 9.999, 99999.99, 1_048_576.5]) {
          line.meters[0].kilowattHours = kilowattHours;
          await bench.seconds(16);
          assert.equal(last("meter 0"), `meter 0 ${Math.floor(Math.fround(kilowattHours) * 1000 + 0.5)} 0 230000`);
        }
      });

      it("understand an answer that comes in pieces", async () => {
        line.piece = 1;
        line.meters[2].kilowattHours = 7;
        await bench.seconds(5);
        assert.equal(last("meter 2"), "meter 2 7000 0 230000");
      });

      it("find the answer among noise of the switching line", async () => {
        line.meters[0].fault = "noisy";
        line.meters[0].kilowattHours = 5;
        await bench.seconds(15);
        assert.equal(last("meter 0"), "meter 0 5000 0 230000");
        assert.equal(last("fault"), undefined);
      });

      for (const fault of ["silent", "wrong-crc", "short", "exception", "nan"] satisfies SdmFault[]) {
        it(`report PowerMeterFailure of a meter that is ${fault} after 10 s, keep its register and read the others`, async () => {
          line.meters[0].kilowattHours = 3;
          await bench.seconds(3);
          line.meters[0].fault = fault;
          line.meters[0].kilowattHours = 4;
          line.meters[2].kilowattHours = 8;
          await bench.seconds(8);
          assert.equal(last("fault 0"), undefined);
          await bench.seconds(7);
          assert.equal(last("fault 0"), "fault 0 10 1");
          assert.equal(last("meter 0"), "meter 0 3000 0 230000");
          assert.equal(last("meter 2"), "meter 2 8000 0 230000");
          assert.equal(
            bench.told.some((text) => text.startsWith("fault 1") || text.startsWith("fault 2")),
            false,
          );
          line.meters[0].fault = null;
          await bench.seconds(4);
          assert.equal(last("fault 0"), "fault 0 10 0");
          assert.equal(last("meter 0"), "meter 0 4000 0 230000");
        });
      }

      it("never let the register go back, and believe a jump only when the meter insists on it", async () => {
        line.meters[0].kilowattHours = 50;
        await bench.seconds(3);
        line.meters[0].kilowattHours = 49.9;
        await bench.seconds(14);
        assert.equal(last("meter 0"), "meter 0 50000 0 230000");
        assert.equal(last("fault 0"), "fault 0 10 1");
        line.meters[0].kilowattHours = 50.001;
        await bench.seconds(4);
        assert.equal(last("fault 0"), "fault 0 10 0");
        line.meters[0].kilowattHours = 60;
        await bench.seconds(5);
        assert.equal(last("meter 0"), "meter 0 50001 0 230000");
        await bench.seconds(12);
        assert.equal(last("meter 0"), "meter 0 60000 0 230000");
        assert.equal(last("fault 0"), "fault 0 10 0");
      });

      it("hold the line's driver for the request and not into the answer", async () => {
        await bench.seconds(3);
        assert.equal(line.line485.lost, 0);
        assert.ok(line.meters[0].requests >= 4);
      });

      it("survive any bytes, and read on when they are over", async () => {
        const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
        console.log(`      seed ${seed}`);
        let state = seed;
        const random = (below: number): number => {
          state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
          return Math.floor((state / 0x80000000) * below);
        };
        line.meters[0].kilowattHours = 10;
        await bench.seconds(3);
        const before = await bench.memory();
        line.garbage = () => {
          const answer = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
          // Most begin like an answer, so that the reader gets far; none has a right CRC.
          if (random(3) > 0 && answer.length > 8) answer.set([1, 4, 4], random(4));
          for (let at = 0; at + 9 <= answer.length; at++) if (modbusCrc(answer.subarray(at, at + 9)) === 0) answer[at + 3] ^= 1;
          return answer;
        };
        await bench.seconds(process.env["FULL"] ? 600 : engine === "node" ? 100 : 30);
        assert.equal(last("meter 0"), "meter 0 10000 0 230000");
        assert.equal(last("fault 0"), "fault 0 10 1");
        line.garbage = null;
        await bench.seconds(5);
        assert.equal(last("fault 0"), "fault 0 10 0");
        const after = await bench.memory();
        assert.ok(Math.abs(after - before) <= 3, `${before} JsVars before, ${after} after`);
      });
    });
  }
});
