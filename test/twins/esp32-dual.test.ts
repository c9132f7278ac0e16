/** Board `esp32-dual` on the twins of its hardware: two charging points, their residual current monitors, the thermistor, the light, the button. */
import assert from "node:assert/strict";
import { ButtonTwin } from "../../tools/twins/button.ts";
import { Ws2812Twin, type Colour } from "../../tools/twins/leds.ts";
import { RcdTwin } from "../../tools/twins/rcd.ts";
import { ThermistorTwin } from "../../tools/twins/thermistor.ts";
import type { TwinWiring } from "../../tools/twins/twin-wiring.ts";
import { hasEspruino, withBench, type Bench } from "../scenario/harness.ts";

const CARDS = ["04A1B2C3", "04D4E5F6"];

interface Dual {
  bench: Bench;
  wiring: TwinWiring;
  rcds: RcdTwin[];
  thermistor: ThermistorTwin;
  button: ButtonTwin;
  /** Which contactors are closed. */
  closed(): Promise<boolean[]>;
  limits(): Promise<number[]>;
  statuses(): Promise<(string | null)[]>;
  /** Cable, card, car at EVSE 1 or 2, then two seconds. */
  charge(evse: number): Promise<void>;
  /** The light of each charging point. */
  light(): string[];
}

function onDual(title: string, body: (dual: Dual) => Promise<void>): void {
  for (const engine of ["node", "espruino"] as const) {
    const missing = engine === "node" || hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
    it(`${title} [${engine}${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(300_000);
      let wiring: TwinWiring | undefined;
      const wired = (made: unknown): void => void (wiring = made as TwinWiring);
      await withBench({ station: { board: "esp32-dual", evses: 2, engine, wired } }, async (bench) => {
        await bench.accepted();
        await bench.advance(1);
        await body(makeDual(bench, wiring!));
      });
    });
  }
}

function makeDual(bench: Bench, wiring: TwinWiring): Dual {
  const evses = async () => (await bench.station.state()).evses;
  return {
    bench,
    wiring,
    rcds: wiring.twins.filter((twin) => twin instanceof RcdTwin),
    thermistor: wiring.twin(ThermistorTwin),
    button: wiring.twin(ButtonTwin),
    closed: async () => (await evses()).map(({ contactor }) => contactor),
    limits: async () => (await evses()).map(({ limitAmps }) => limitAmps),
    statuses: async () => (await evses()).map(({ status }) => status),
    charge: async (evse) => {
      await bench.post(`/evse/${evse}/plug`);
      await bench.post("/tap", { idToken: CARDS[evse - 1], type: "ISO14443", evse });
      await bench.settled();
      await bench.post(`/evse/${evse}/ev`, { draw: true, amps: 16 });
      await bench.advance(2);
    },
    light: () => {
      const { leds } = wiring.twin(Ws2812Twin);
      assert.equal(leds.length, 8);
      for (const [i, led] of leds.entries()) assert.deepEqual(led, leds[i - (i % 4)], "the LEDs of one charging point");
      return [leds[0], leds[4]].map(colour);
    },
  };
}

function colour({ red, green, blue }: Colour): string {
  const key = [red, green, blue].map((part) => (part > 60 ? 1 : 0)).join("");
  return (
    { "000": "dark", "100": "red", "010": "green", "001": "blue", "110": "yellow", "011": "cyan", "111": "white" }[key] ?? key
  );
}

describe("board esp32-dual", () => {
  onDual("charges at both points, each behind a self-test, and shows it", async (dual) => {
    assert.deepEqual(dual.light(), ["green", "green"]);
    const tests = dual.rcds.map(({ trips }) => trips);
    assert.deepEqual(tests, [1, 1], "one at the start");
    await dual.charge(1);
    assert.deepEqual(await dual.closed(), [true, false]);
    assert.deepEqual(dual.light(), ["blue", "green"]);
    await dual.charge(2);
    assert.deepEqual(await dual.closed(), [true, true]);
    assert.deepEqual(
      dual.rcds.map(({ trips }) => trips),
      [2, 2],
    );
    await dual.bench.post("/evse/1/ev", { draw: false });
    assert.deepEqual(await dual.closed(), [false, true]);
    await dual.bench.post("/evse/1/ev", { draw: true });
    await dual.bench.advance(2);
    assert.deepEqual(await dual.closed(), [true, true]);
    assert.deepEqual(
      dual.rcds.map(({ trips }) => trips),
      [3, 2],
      "a pause is followed by a test, too",
    );
    await dual.bench.settled();
  });

  onDual("reads each meter of the one line, and a card at the one reader", async (dual) => {
    const { bench } = dual;
    await bench.post("/evse/2/plug");
    await bench.post("/tap", { idToken: CARDS[1], type: "ISO14443" });
    await bench.settled();
    await bench.post("/evse/2/ev", { draw: true, amps: 10 });
    await bench.advance(3);
    assert.deepEqual(await dual.closed(), [false, true]);
    for (let minute = 0; minute < 2; minute++) await bench.advance(60);
    await bench.post("/evse/2/ev", { draw: false });
    await bench.advance(5);
    await bench.post("/tap", { idToken: CARDS[1], type: "ISO14443" });
    await bench.post("/evse/2/unplug");
    await bench.settled();
    const [ended] = bench.sent("TransactionEvent").filter(({ eventType }) => eventType === "Ended");
    const values = JSON.stringify(ended.meterValue);
    const registers = [...values.matchAll(/"value":(\d+(?:\.\d+)?)/g)].map(([, value]) => Number(value));
    assert.ok(Math.max(...registers) >= 76 && Math.max(...registers) <= 84, values);
  });

  onDual("opens within one poll at a residual current, at that point alone, until the car has gone", async (dual) => {
    const { bench, wiring, rcds } = dual;
    await dual.charge(1);
    await dual.charge(2);
    await bench.settled();
    wiring.isManual = true;
    rcds[0].delay = 0;
    rcds[0].leaks = true;
    await wiring.poll(1);
    assert.deepEqual(await dual.closed(), [false, true]);
    wiring.isManual = false;
    rcds[0].leaks = false;
    await bench.advance(40);
    await bench.settled();
    assert.deepEqual(await dual.statuses(), ["Faulted", "Occupied"]);
    assert.deepEqual(dual.light(), ["red", "blue"]);
    const ended = bench.sent("TransactionEvent").filter(({ eventType }) => eventType === "Ended");
    assert.deepEqual(
      ended.map(({ transactionInfo }) => (transactionInfo as { stoppedReason: string }).stoppedReason),
      ["GroundFault"],
    );
    await bench.post("/evse/1/unplug");
    await bench.advance(3);
    assert.deepEqual(await dual.statuses(), ["Available", "Occupied"]);
    await dual.charge(1);
    assert.deepEqual(await dual.closed(), [true, true]);
    await bench.settled();
  });

  onDual("does not charge with a monitor whose self-test fails, or whose line is off or stuck", async (dual) => {
    const { bench, rcds } = dual;
    rcds[0].deaf = true;
    rcds[1].contact.trouble = "stuck";
    await dual.charge(1);
    await dual.charge(2);
    await bench.settled();
    assert.deepEqual(await dual.closed(), [false, false]);
    assert.deepEqual(await dual.statuses(), ["Faulted", "Faulted"]);
    rcds[0].deaf = false;
    rcds[1].contact.trouble = "silent";
    await bench.post("/evse/1/unplug");
    await bench.post("/evse/2/unplug");
    await bench.advance(40);
    assert.deepEqual(await dual.statuses(), ["Available", "Faulted"]);
    rcds[1].contact.trouble = null;
    await bench.advance(40);
    assert.deepEqual(await dual.statuses(), ["Available", "Available"]);
  });

  onDual("offers less with heat, stops when it is too hot, and goes on for the next car", async (dual) => {
    const { bench, thermistor } = dual;
    await dual.charge(1);
    assert.deepEqual((await dual.limits())[0], 16);
    thermistor.celsius = 70;
    await bench.advance(30);
    assert.deepEqual((await dual.limits())[0], 11);
    assert.deepEqual(await dual.closed(), [true, false]);
    thermistor.celsius = 90;
    await bench.advance(10);
    assert.deepEqual(await dual.closed(), [false, false]);
    assert.deepEqual(await dual.statuses(), ["Faulted", "Faulted"]);
    thermistor.celsius = 30;
    await bench.advance(30);
    await bench.settled();
    assert.deepEqual(await dual.statuses(), ["Occupied", "Available"]);
    thermistor.input.trouble = "out of range";
    await bench.advance(5);
    assert.deepEqual(await dual.statuses(), ["Faulted", "Faulted"]);
    thermistor.input.trouble = null;
    await bench.advance(5);
    assert.deepEqual(await dual.statuses(), ["Occupied", "Available"]);
    await bench.settled();
  });

  onDual("restarts when the button is held for 5 s, and not before", async (dual) => {
    const { bench, button } = dual;
    button.pressed = true;
    await bench.advance(4);
    button.pressed = false;
    await bench.advance(2);
    const boots = (): number => bench.sent("BootNotification").length;
    assert.equal(boots(), 1);
    button.pressed = true;
    await bench.advance(6);
    button.pressed = false;
    await bench.accepted();
    await bench.until("it has told of its start", () => boots() === 2, 20);
  });
});
