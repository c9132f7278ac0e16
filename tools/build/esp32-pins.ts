/**
 * What the build knows of the pins of an ESP32: data for `pins.ts`. Sources: ESP32 Series Datasheet, "Pin Definitions", "Strapping Pins" and
 * appendix "IO_MUX" (column "Reset": which pads are pulled up), ESP32 Technical Reference Manual, "IO_MUX and GPIO Matrix",
 * ESP-IDF Programming Guide, "GPIO & RTC GPIO" and "Analog to Digital Converter" (ADC2 belongs to Wi-Fi).
 */

/** What a pin is used for, electrically. */
export type Use = "switch" | "output" | "input" | "contact" | "analog";

/** A reason against a pin, and the uses that it is against. */
export interface Hazard {
  pins: readonly number[];
  against: readonly Use[];
  reason: string;
  /** May stay where the constant's docblock says why that is right on this board; never for a switch. */
  acceptable?: true;
}

const EVERY: readonly Use[] = ["switch", "output", "input", "contact", "analog"];
const BOOT = "is a strapping pin";

/** Pads of the chip; 20, 24 and 28 to 31 are not there. */
export const PADS: readonly number[] = [...range(0, 19), ...range(21, 23), ...range(25, 27), ...range(32, 39)];

export const HAZARDS: readonly Hazard[] = [
  { pins: range(6, 11), against: EVERY, reason: "belongs to the SPI flash that the program runs from" },
  { pins: range(34, 39), against: ["switch", "output"], reason: "can only be an input" },
  {
    pins: range(34, 39),
    against: ["contact"],
    reason: "has no internal pull-up, so an open contact is not seen without a resistor on the board",
    acceptable: true,
  },
  {
    pins: [0, 2, 4, ...range(12, 15), ...range(25, 27)],
    against: ["analog"],
    reason: "is a channel of ADC2, which cannot be read while Wi-Fi is on; ADC1 has pins 32 to 39",
  },
  {
    pins: [1, 3, 5, ...range(16, 19), ...range(21, 23)],
    against: ["analog"],
    reason: "has no analog-to-digital converter; ADC1 has pins 32 to 39",
  },
  {
    pins: [0],
    against: EVERY,
    reason: `${BOOT}: low at reset starts the serial download instead of the firmware`,
    acceptable: true,
  },
  { pins: [2], against: EVERY, reason: `${BOOT}: it has to be low or open for the serial download`, acceptable: true },
  { pins: [5], against: EVERY, reason: `${BOOT}: its level at reset sets the timing of SDIO`, acceptable: true },
  {
    pins: [12],
    against: EVERY,
    reason: `${BOOT}: high at reset sets the flash's supply to 1.8 V, and the board does not start`,
    acceptable: true,
  },
  { pins: [15], against: EVERY, reason: `${BOOT}: low at reset silences the boot messages`, acceptable: true },
  { pins: [1], against: EVERY, reason: "is TXD of UART0: boot messages and the console are sent there", acceptable: true },
  { pins: [3], against: EVERY, reason: "is RXD of UART0: the console listens there", acceptable: true },
  { pins: [37, 38], against: EVERY, reason: "is led out by no module, only by the bare chip", acceptable: true },
  {
    pins: [0, 1, 3, 5, 14, 15],
    against: ["switch"],
    reason: "is pulled up or toggles from reset until the firmware runs, which would switch on what it drives",
  },
];

/** Names of pins in a board file (`ROLE_PIN`), and what each is electrically. */
export const ROLES: Readonly<Record<string, Use>> = {
  CONTACTOR: "switch",
  CONTACTOR_FEEDBACK: "contact",
  PILOT: "output",
  PILOT_SENSE: "analog",
  PILOT_SENSE_HIGH: "analog",
  PILOT_SENSE_LOW: "analog",
  PROXIMITY: "analog",
  LOCK_CLOSE: "switch",
  LOCK_OPEN: "switch",
  LOCK_FEEDBACK: "contact",
  RCD: "contact",
  RCD_TEST: "switch",
  TEMPERATURE: "analog",
  BUTTON: "contact",
  LED: "output",
  LEDS: "output",
  LED_RED: "output",
  LED_GREEN: "output",
  LED_BLUE: "output",
  METER_RX: "input",
  METER_TX: "output",
  METER_ENABLE: "output",
  S0: "contact",
  READER_RX: "input",
  READER_TX: "output",
  READER_SDA: "output",
  READER_SCL: "output",
  READER_IRQ: "input",
  READER_RESET: "output",
  RAPI_RX: "input",
  RAPI_TX: "output",
};

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
