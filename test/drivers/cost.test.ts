/** What each driver costs in JsVars on the engine: the bench's firmware with it, opened and idle, less the same without it. */
import assert from "node:assert/strict";
import { Bench, benchBuild, ENGINES, type Wiring } from "./bench.ts";

const SILENT: Wiring = { line: () => undefined, due: () => [] };

const HEAD = `
import { evses, Field } from "../../src/station/evse";
import { input } from "../../src/station/inputs";
`;

/** A board with `imports`, and what it does at its start, each 100 ms and each second. */
function board(imports: string, start: string, poll: string, second: string): string {
  const pins = "const METER_RX_PIN = 33;\nconst METER_TX_PIN = 32;";
  return `${HEAD}${imports}
${start.includes("_RX_PIN") ? pins : ""}
export function startBoard(): void {
  evses.v = new Int32Array(Field.Size);
  // What the station, or the bench, has paid for already: the loader, and the classes of texts, numbers and arrays.
  const text = String.fromCharCode(E.toUint8Array("a")[0]) + evses.v.length.toString(16);
  input(0, Field.Plug, Math.pow(2, text.charCodeAt(0)) & 1);
  ${start}
}
export function poll(): void {
  evses.phases++;
  ${poll}
}
export function second(): void {
  evses.phases++;
  ${second}
}
`;
}

const EMPTY = board("", "", "", "");

/** Driver, most JsVars that it may cost, its board. */
const DRIVERS: readonly [name: string, most: number, board: string][] = [
  [
    "one SDM120 on a Modbus line",
    24,
    board(
      `import { openSerial } from "../../src/kernel/engine/serial";
import { meterLine, openMeters } from "../../src/drivers/modbus-meter";
import { modbusHeard, modbusPoll, modbusSecond } from "../../src/drivers/modbus";
import { SDM120 } from "../../src/drivers/sdm120";
const METERS = "\\x01" + SDM120;`,
      `openSerial(1, 9600, METER_RX_PIN, METER_TX_PIN, "", modbusHeard);
  openMeters(meterLine(1, 9600, 4) + METERS);`,
      "modbusPoll();",
      "modbusSecond();",
    ),
  ],
  [
    "a PN532 on a serial port",
    32,
    board(
      `import { openSerial } from "../../src/kernel/engine/serial";
import { openReader } from "../../src/drivers/pn532-frames";
import { pn532Heard, pn532Poll, pn532Second } from "../../src/drivers/pn532";`,
      `openSerial(1, 115200, METER_RX_PIN, METER_TX_PIN, "", pn532Heard);
  openReader(1, 13, -1);`,
      "pn532Poll();",
      "pn532Second();",
    ),
  ],
  [
    "a PN532 on I2C",
    27,
    board(
      `import { openReader } from "../../src/drivers/pn532-frames";
import { pn532Poll, pn532Second } from "../../src/drivers/pn532";`,
      "openReader(0, 13, -1);",
      "pn532Poll();",
      "pn532Second();",
    ),
  ],
  [
    "OpenEVSE's controller",
    45,
    board(
      `import { openSerial } from "../../src/kernel/engine/serial";
import { openController } from "../../src/drivers/openevse-rapi";
import { rapiHeard, rapiOff, rapiPoll, rapiSecond } from "../../src/drivers/openevse";`,
      `openSerial(1, 115200, METER_RX_PIN, METER_TX_PIN, "", rapiHeard);
  openController(1);
  if (evses.fixed) {
    rapiOff();
  }`,
      "rapiPoll();",
      "rapiSecond();",
    ),
  ],
  [
    "an S0 meter",
    35,
    board(
      `import { openPulses } from "../../src/drivers/s0-count";
import { s0Poll, s0Second } from "../../src/drivers/s0";`,
      `openPulses("\\x19", 1000, 230000);`,
      "s0Poll();",
      "s0Second();",
    ),
  ],
];

describe("cost of a driver in JsVars", function () {
  this.timeout(60_000);
  for (const [name, most, text] of DRIVERS) {
    it(`${name} [espruino${ENGINES.includes("espruino") ? "" : ": no binary in ESPRUINO or on PATH"}]`, async function () {
      if (!ENGINES.includes("espruino")) this.skip();
      const used: number[] = [];
      for (const each of [EMPTY, text]) {
        const bench = await Bench.start(await benchBuild(each), "espruino", SILENT);
        await bench.seconds(3);
        used.push(await bench.memory());
        await bench.close();
      }
      console.log(`      ${used[1] - used[0]} JsVars`);
      assert.ok(used[1] - used[0] <= most);
    });
  }
});
