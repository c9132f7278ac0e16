/** Pulse meters: driver and twin, on both engines, over power failures. */
import assert from "node:assert/strict";
import { S0Twin } from "../../tools/twins/s0.ts";
import type { Build } from "../../tools/build/build-board.ts";
import { Bench, benchBuild, ENGINES, type Wiring } from "./bench.ts";

/** A board whose meters give `constant` pulses a kWh. */
const board = (constant: number, fill = 0): string => `
import { evses, Field } from "../../src/station/evse";
import { settings, SETTINGS } from "../../src/store/map";
import { ${fill ? "keepRecord, " : ""}openRecords } from "../../src/store/records";
import { openPulses } from "../../src/drivers/s0-count";
import { s0Poll, s0Second } from "../../src/drivers/s0";

export function startBoard(): void {
  evses.v = new Int32Array(2 * Field.Size);
  evses.v[Field.Contactor] = evses.v[Field.Size + Field.Contactor] = 1;
  settings.page = openRecords(SETTINGS);
  ${fill ? `keepRecord(settings.page, "full", "${"x".repeat(fill)}");` : ""}
  openPulses("\\x19\\x1a", ${constant}, 230000);
}
export function poll(): void {
  s0Poll();
}
export function second(): void {
  s0Second();
}
`;

class Line implements Wiring {
  readonly meters = [new S0Twin(25, 1000), new S0Twin(26, 1000)];
  out: string[] = [];

  line(): void {}

  due(): string[] {
    return this.out.splice(0);
  }
}

describe("S0 pulse meter", function () {
  this.timeout(120_000);
  let build: Build;
  let coarse: Build;
  before(async () => {
    build = await benchBuild(board(1000));
    coarse = await benchBuild(board(20, 3000));
  });
  for (const engine of ENGINES) {
    describe(`[${engine}]`, () => {
      let line: Line;
      let bench: Bench;
      const seconds = async (count: number): Promise<void> => {
        for (let poll = 0; poll < count * 10; poll++) {
          for (const meter of line.meters) line.out.push(...meter.pass(0.1));
          await bench.poll(1);
        }
      };
      const last = (prefix: string): string | undefined => bench.told.filter((text) => text.startsWith(prefix)).pop();
      const register = (evse = 0): number => Number(last(`meter ${evse}`)!.split(" ")[2]);
      const milliamps = (): number => Number(last("meter 0")!.split(" ")[3]);
      /** The power fails and comes back. */
      const cut = async (): Promise<void> => {
        const chip = bench.chip();
        await bench.close();
        bench = await Bench.start(build, engine, line, chip);
      };
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

      it("counts the pulses of two meters, and the current that they make", async () => {
        line.meters[0].watts = 3680;
        line.meters[1].watts = 11_000;
        await seconds(60);
        assert.equal(register(0), line.meters[0].count);
        assert.equal(register(1), line.meters[1].count);
        assert.ok(Math.abs(milliamps() - 16_000) < 500, `${milliamps()} mA`);
        line.meters[0].watts = 1380;
        await seconds(30);
        assert.ok(Math.abs(milliamps() - 6000) < 1500, `${milliamps()} mA`);
      });

      it("sees the current fall when no pulse comes, and end within a minute", async () => {
        line.meters[0].watts = 7360;
        await seconds(20);
        line.meters[0].watts = 0;
        await seconds(5);
        assert.ok(milliamps() < 4000, `${milliamps()} mA`);
        await seconds(60);
        assert.equal(milliamps(), 0);
      });

      it("keeps the count over a power failure: all of it a minute behind the last pulse", async () => {
        line.meters[0].watts = 22_000;
        await seconds(9);
        line.meters[0].watts = 0;
        await seconds(65);
        await cut();
        await seconds(1);
        assert.equal(register(), line.meters[0].count);
      });

      it("loses less than 100 Wh in the middle of a charge, whenever the power fails", async () => {
        line.meters[0].watts = 60_000;
        let before = 0;
        for (let failure = 0; failure < 4; failure++) {
          await seconds(7 + failure * 5);
          const count = register();
          await cut();
          await seconds(1);
          assert.ok(register() > count - 100, `${count} before, ${register()} after`);
          assert.ok(register() >= before);
          before = count - 100;
        }
      });

      it("writes about 15 bytes each 100 Wh: a settings page with 1 kB of room lasts for 6 kWh and more", async () => {
        await bench.close();
        bench = await Bench.start(coarse, engine, line);
        const meter = line.meters[0];
        const erases = (): number => bench.told.filter((text) => text.startsWith("erase")).length;
        const before = erases();
        while (erases() === before && meter.count < 1000) {
          line.out.push(...meter.pulses(2));
          await bench.poll(10);
        }
        console.log(`      ${meter.count * 50} Wh to the next erase`);
        assert.ok(meter.count * 50 > 6000 && meter.count < 1000);
        const chip = bench.chip();
        await bench.close();
        bench = await Bench.start(coarse, engine, line, chip);
        await bench.poll(10);
        assert.equal(register(), meter.count * 50);
      });

      it("takes more than 17 pulses a second for noise", async () => {
        await seconds(2);
        for (let second = 0; second < 6; second++) {
          line.out.push(...line.meters[0].pulses(60));
          await bench.poll(10);
        }
        assert.equal(last("fault 0 10"), "fault 0 10 1");
        assert.ok(register() <= 170 + 7 * 17);
        await seconds(12);
        assert.equal(last("fault 0 10"), "fault 0 10 0");
        assert.equal(last("fault 1"), undefined);
      });
    });
  }
});
