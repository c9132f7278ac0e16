/** The devices of board `esp32-dual`. */
import type { MakeTwins } from "./boards.ts";
import { ButtonTwin } from "./button.ts";
import { ContactorTwin } from "./contactor.ts";
import { ControlPilotTwin } from "./control-pilot.ts";
import { Ws2812Twin } from "./leds.ts";
import { MeterTwin } from "./meter.ts";
import { RcdTwin } from "./rcd.ts";
import { ReaderTwin } from "./reader.ts";
import { ThermistorTwin } from "./thermistor.ts";

/** As TEMPERATURE_SENSOR of the board says. */
const SENSOR = { ohms25: 10_000, beta: 3950, series: 4700 };

export const esp32Dual: MakeTwins = ({ evses }, wires, board) => [
  ...evses.flatMap((evse) => {
    const pin = (role: string): number => board[`${role}_PIN_${evse.id}`];
    const pilot = { pwm: pin("PILOT"), high: pin("PILOT_SENSE_HIGH"), low: pin("PILOT_SENSE_LOW") };
    return [
      new ControlPilotTwin(evse, wires, board, pilot, 10 * evse.id),
      new RcdTwin(wires, { contact: pin("RCD"), test: pin("RCD_TEST") }, 10 * evse.id + 2, evse.id),
      new ContactorTwin(evse, wires, { coil: pin("CONTACTOR"), feedback: pin("CONTACTOR_FEEDBACK") }, 10 * evse.id + 3),
      new MeterTwin(evse, wires, board.METER_PORT, board.METER_BAUD, "SDM120", evse.id),
    ];
  }),
  new ReaderTwin(wires, board.READER_PORT),
  new ThermistorTwin(wires, board.TEMPERATURE_PIN, SENSOR),
  new ButtonTwin(wires, board.BUTTON_PIN),
  new Ws2812Twin(board.LEDS_PIN),
];
