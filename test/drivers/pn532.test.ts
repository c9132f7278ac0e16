/** PN532 over its UART and over I2C: driver and twin, on both engines. */
import assert from "node:assert/strict";
import { Pn532Twin, type Pn532Fault } from "../../tools/twins/pn532.ts";
import type { Build } from "../../tools/build/build-board.ts";
import { Bench, benchBuild, ENGINES, type Wiring } from "./bench.ts";

type Bus = "uart" | "i2c";
const RESET = 13;

const board = (bus: Bus): string => `
import { ${bus === "uart" ? "openSerial" : "openI2c"} } from "../../src/kernel/engine/${bus === "uart" ? "serial" : "i2c"}";
import { evses, Field } from "../../src/station/evse";
import { openReader } from "../../src/drivers/pn532-frames";
import { ${bus === "uart" ? "pn532Heard, " : ""}pn532Poll, pn532Second } from "../../src/drivers/pn532";

export const READER_RX_PIN = 33;
export const READER_TX_PIN = 32;

export function startBoard(): void {
  evses.v = new Int32Array(2 * Field.Size);
  ${bus === "uart" ? 'openSerial(2, 115200, READER_RX_PIN, READER_TX_PIN, "", pn532Heard);' : "openI2c(READER_RX_PIN, READER_TX_PIN, 400000);"}
  openReader(${bus === "uart" ? 2 : 0}, ${RESET}, -1);
}
export function poll(): void {
  pn532Poll();
}
export function second(): void {
  pn532Second();
}
`;

/** The bus and the pin of RSTPDN. */
class Line implements Wiring {
  readonly reader: Pn532Twin;
  garbage: (() => Buffer) | null = null;
  piece = 1000;
  private out: string[] = [];

  constructor(private readonly bus: Bus) {
    this.reader = new Pn532Twin(bus);
  }

  line(line: string): void {
    if (line === `d${RESET},0`) this.reader.reset();
    if (line[0] !== "t" && line[0] !== "y") return;
    const bytes = Buffer.from(line.slice(line.indexOf(",") + 1), "hex");
    if (this.bus === "i2c") {
      assert.ok(line.startsWith("y36,"));
      // What is read begins with a status byte each time.
      const answers = this.garbage
        ? [this.garbage()]
        : this.reader.receive(bytes).map((frame) => Buffer.concat([Buffer.from([1]), frame]));
      this.out.push(`x${Buffer.concat(answers).toString("hex")}`);
      return;
    }
    assert.ok(line.startsWith("t2,"));
    const answer = this.garbage ? this.garbage() : Buffer.concat(this.reader.receive(bytes));
    for (let at = 0; at < answer.length; at += this.piece)
      this.out.push(`r2,${answer.subarray(at, at + this.piece).toString("hex")}`);
  }

  due(): string[] {
    return this.out.splice(0);
  }
}

describe("PN532", function () {
  this.timeout(60_000);
  for (const bus of ["uart", "i2c"] satisfies Bus[]) {
    let build: Build;
    before(async () => {
      build = await benchBuild(board(bus));
    });
    for (const engine of ENGINES) {
      describe(`over ${bus} [${engine}]`, () => {
        let line: Line;
        let bench: Bench;
        const cards = (): string[] => bench.told.filter((text) => text.startsWith("card"));
        const faults = (): string[] => bench.told.filter((text) => text.startsWith("fault"));
        beforeEach(async () => {
          line = new Line(bus);
          bench = await Bench.start(build, engine, line);
        });
        afterEach(async () => {
          await bench.close();
          assert.deepEqual(
            bench.log.filter((text) => text.startsWith("Uncaught")),
            [],
          );
        });

        it("is configured, then asked for a card with the field off in between", async () => {
          await bench.seconds(2);
          assert.deepEqual(line.reader.commands.slice(0, 6), [0x14, 0x32, 0x4a, 0x32, 0x4a, 0x32]);
        });

        for (const uid of ["04a1b2c3", "04a1b2c3d4e5f6", "04a1b2c3d4e5f6070809"]) {
          it(`tells a card with a UID of ${uid.length / 2} bytes once while it is held, and again when it comes back`, async () => {
            await bench.seconds(1);
            line.reader.card = Buffer.from(uid, "hex");
            await bench.seconds(5);
            assert.deepEqual(cards(), [`card A${uid.toUpperCase()} -1`]);
            line.reader.card = null;
            await bench.seconds(3);
            line.reader.card = Buffer.from(uid, "hex");
            await bench.seconds(2);
            assert.equal(cards().length, 2);
          });
        }

        it("does not tell a card again that a single look missed", async () => {
          line.reader.card = Buffer.from("11223344", "hex");
          await bench.seconds(2);
          line.reader.card = null;
          await bench.poll(4);
          line.reader.card = Buffer.from("11223344", "hex");
          await bench.seconds(2);
          assert.equal(cards().length, 1);
        });

        it("tells another card at once, and one that does ISO/IEC 14443-4", async () => {
          line.reader.card = Buffer.from("11223344", "hex");
          await bench.seconds(1);
          line.reader.card = Buffer.from("04ffeeddccbbaa", "hex");
          line.reader.hasAts = true;
          await bench.seconds(1);
          assert.deepEqual(cards(), ["card A11223344 -1", "card A04FFEEDDCCBBAA -1"]);
        });

        if (bus === "uart") {
          it("is understood when its bytes come one by one", async () => {
            line.piece = 1;
            line.reader.card = Buffer.from("11223344", "hex");
            await bench.seconds(2);
            assert.deepEqual(cards(), ["card A11223344 -1"]);
          });

          it("is understood among noise", async () => {
            line.reader.fault = "noisy";
            line.reader.card = Buffer.from("11223344", "hex");
            await bench.seconds(2);
            assert.deepEqual(cards(), ["card A11223344 -1"]);
          });
        }

        for (const fault of ["silent", "wrong-lcs", "wrong-dcs", "no-ack", "error-frame", "cut"] satisfies Pn532Fault[]) {
          it(`that is ${fault} is reset and ReaderFailure until it answers again`, async () => {
            line.reader.card = Buffer.from("11223344", "hex");
            await bench.seconds(1);
            line.reader.fault = fault;
            await bench.seconds(9);
            assert.deepEqual(faults().slice(0, 2), ["fault 0 12 1", "fault 1 12 1"]);
            assert.ok(line.reader.resets > 0);
            line.reader.fault = null;
            await bench.seconds(3);
            assert.deepEqual(faults().slice(-2), ["fault 0 12 0", "fault 1 12 0"]);
            assert.equal(cards().length, 2, "the card is held while the reader comes back");
          });
        }

        it("survives any bytes, and works when they are over", async () => {
          const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
          console.log(`      seed ${seed}`);
          let state = seed;
          const random = (below: number): number => {
            state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
            return Math.floor((state / 0x80000000) * below);
          };
          await bench.seconds(2);
          const { reader } = line;
          const garbage = (): Buffer => {
            const bytes = Buffer.from(Array.from({ length: random(90) }, () => random(256)));
            const whole = Buffer.concat(
              reader
                .receive(Buffer.from("0000ff04fcd44a0100e100", "hex"))
                .map((frame) => Buffer.concat([Buffer.alloc(bus === "i2c" ? 1 : 0, 1), frame])),
            );
            // Half of them are an answer with a few wrong bytes.
            if (random(2) === 0) return bytes;
            for (let i = random(3) + 1; i > 0; i--) whole[random(whole.length)] ^= 1 << random(8);
            return random(3) > 0 ? whole : Buffer.concat([whole.subarray(0, random(whole.length)), bytes]);
          };
          // What is used for the first time has its price.
          line.garbage = garbage;
          await bench.seconds(5);
          line.garbage = null;
          await bench.seconds(4);
          const before = await bench.memory();
          line.garbage = garbage;
          await bench.seconds(process.env["FULL"] ? 600 : engine === "node" ? 100 : 30);
          line.garbage = null;
          await bench.seconds(4);
          const told = cards().length;
          reader.card = Buffer.from("11223344", "hex");
          await bench.seconds(2);
          assert.equal(cards().length, told + 1);
          reader.card = null;
          await bench.seconds(3);
          const after = await bench.memory();
          assert.ok(Math.abs(after - before) <= 3, `${before} JsVars before, ${after} after`);
        });
      });
    }
  }
});
