/** Unsafe pins of a board: each refusal, with file, line and reason. */
import assert from "node:assert/strict";
import { HAZARDS, PADS, ROLES } from "../../tools/build/esp32-pins.ts";
import { buildBoard } from "../../tools/build/build-board.ts";
import { formatFinding } from "../../tools/build/findings.ts";
import { findings, project, removeProjects } from "./project.ts";

const FILE = "boards/bare/board.ts";
const BOARD =
  'export const NAME = "bare";\nexport const EVSES = 1;\nexport function log(text: string): void {\n  print(text);\n}\n';

/** What a board is refused for whose file has these lines first. */
async function refusals(lines: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const root = project({ [FILE]: `${lines}\n${BOARD}`, ...more });
  return (await findings(buildBoard("bare", root))).map(formatFinding);
}

const ACCEPT = " (if it is right on this board, its docblock says @acceptedPin and why)";
const STRAP = "is a strapping pin";
const AT_BOOT = "is pulled up or toggles from reset until the firmware runs, which would switch on what it drives";

/** Constant, pin, reason. */
const REFUSED: [name: string, pin: number, reason: string][] = [
  ["LEDS_PIN", 0, `${STRAP}: low at reset starts the serial download instead of the firmware${ACCEPT}`],
  ["LEDS_PIN", 2, `${STRAP}: it has to be low or open for the serial download${ACCEPT}`],
  ["PILOT_PIN", 5, `${STRAP}: its level at reset sets the timing of SDIO${ACCEPT}`],
  ["CONTACTOR_PIN", 12, `${STRAP}: high at reset sets the flash's supply to 1.8 V, and the board does not start`],
  ["METER_RX_PIN", 15, `${STRAP}: low at reset silences the boot messages${ACCEPT}`],
  ["BUTTON_PIN", 6, "belongs to the SPI flash that the program runs from"],
  ["PILOT_SENSE_PIN", 11, "belongs to the SPI flash that the program runs from"],
  ["CONTACTOR_PIN", 34, "can only be an input"],
  ["READER_SCL_PIN", 39, "can only be an input"],
  ["BUTTON_PIN", 35, `has no internal pull-up, so an open contact is not seen without a resistor on the board${ACCEPT}`],
  ["PROXIMITY_PIN", 27, "is a channel of ADC2, which cannot be read while Wi-Fi is on; ADC1 has pins 32 to 39"],
  ["TEMPERATURE_PIN", 22, "has no analog-to-digital converter; ADC1 has pins 32 to 39"],
  ["METER_TX_PIN", 1, `is TXD of UART0: boot messages and the console are sent there${ACCEPT}`],
  ["METER_RX_PIN", 3, `is RXD of UART0: the console listens there${ACCEPT}`],
  ["CONTACTOR_PIN", 14, AT_BOOT],
  ["LOCK_OPEN_PIN", 14, AT_BOOT],
  ["RCD_TEST_PIN", 14, AT_BOOT],
  ["PILOT_SENSE_PIN", 37, `is led out by no module, only by the bare chip${ACCEPT}`],
  ["LEDS_PIN", 20, "is no pin of an ESP32"],
  ["LEDS_PIN", 40, "is no pin of an ESP32"],
  ["LEDS_PIN", -2, "is no pin of an ESP32"],
];

describe("pins of a board", function () {
  this.timeout(60_000);
  after(removeProjects);

  for (const [name, pin, reason] of REFUSED) {
    it(`refuses ${pin} as ${name}`, async () => {
      assert.deepEqual(await refusals(`// first line\nexport const ${name} = ${pin};`), [
        `${FILE}:2: pin ${pin} of ${name} ${reason}`,
      ]);
    });
  }

  it("takes safe ones, and -1 for none", async () => {
    const lines = [
      "CONTACTOR_PIN_1 = 26",
      "CONTACTOR_PIN_2 = 27",
      "PILOT_PINS = [25, 33]",
      'PILOT_SENSE_PINS = "34,35"',
      "TEMPERATURE_PIN = 32",
      "RCD_PIN = 13",
      "LEDS_PIN = 14",
      "PROXIMITY_PIN = -1",
      "LOCK_FEEDBACK_PIN = -1",
      "PINNED = 6",
    ];
    assert.deepEqual(await refusals(lines.map((line) => `export const ${line};`).join("\n")), []);
  });

  it("refuses the same pin twice, in lists too", async () => {
    const lines = [
      "export const PILOT_PINS = [25, 33];",
      'export const CONTACTOR_PINS = "26,33";',
      "export const LEDS_PIN = 26;",
    ];
    assert.deepEqual(await refusals(lines.join("\n")), [
      `${FILE}:2: pin 33 of CONTACTOR_PINS is the pin of PILOT_PINS already`,
      `${FILE}:3: pin 26 of LEDS_PIN is the pin of CONTACTOR_PINS already`,
    ]);
  });

  it("takes a pin whose docblock says why, but not for a contactor and not what can never work", async () => {
    const why = "/** Wi-Fi on the safety controller's line. @acceptedPin the module has no other serial line. */\n";
    assert.deepEqual(await refusals(`${why}export const RAPI_TX_PIN = 1;`), []);
    assert.deepEqual(await refusals(`${why}export const CONTACTOR_PIN = 2;`), [
      `${FILE}:2: pin 2 of CONTACTOR_PIN ${STRAP}: it has to be low or open for the serial download`,
    ]);
    assert.deepEqual(await refusals(`${why}export const LEDS_PIN = 36;`), [`${FILE}:2: pin 36 of LEDS_PIN can only be an input`]);
    assert.deepEqual(await refusals("/** @acceptedPin */\nexport const RAPI_TX_PIN = 1;"), [
      `${FILE}:2: RAPI_TX_PIN: @acceptedPin is to say the reason`,
    ]);
  });

  it("refuses a pin that it cannot read, and a role that it does not know", async () => {
    assert.deepEqual(await refusals("export const BASE = 20;\nexport const LEDS_PIN = BASE + 2;"), [
      `${FILE}:2: LEDS_PIN is to be the number of a pin, or a list of numbers, without a calculation`,
    ]);
    assert.deepEqual(await refusals("export const FAN_PIN = 26;"), [
      `${FILE}:1: FAN_PIN: FAN is no role of a pin; roles are ${Object.keys(ROLES).join(", ")}`,
    ]);
  });

  it("refuses a bare number in the place of a pin", async () => {
    const driver = "export function blink(pin: number, times: number): void {\n  print(pin, times);\n}\n";
    const board = 'import { blink } from "../../src/blink";\nexport const LEDS_PIN = 26;\n';
    assert.deepEqual(await refusals(`${board}blink(LEDS_PIN, 3);\nblink(12, 3);`, { "src/blink.ts": driver }), [
      `${FILE}:4: pin 12 is to be a constant of the board file with a name that ends with _PIN`,
    ]);
  });
});

describe("data about the pins of the ESP32", () => {
  it("has the 34 pads", () => assert.equal(PADS.length, 34));

  it("leaves pins for each use", () => {
    for (const use of ["switch", "output", "input", "contact", "analog"] as const) {
      const safe = PADS.filter((pin) => !HAZARDS.some(({ pins, against }) => pins.includes(pin) && against.includes(use)));
      const expected = {
        switch: [4, 13, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33],
        output: [4, 13, 14, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33],
        input: [4, 13, 14, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 34, 35, 36, 39],
        contact: [4, 13, 14, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33],
        analog: [32, 33, 34, 35, 36, 39],
      }[use];
      assert.deepEqual(safe, expected, use);
    }
  });
});
