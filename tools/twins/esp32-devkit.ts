/** The devices of board `esp32-devkit`. */
import type { MakeTwins } from "./boards.ts";
import { ContactorTwin } from "./contactor.ts";
import { ControlPilotTwin } from "./control-pilot.ts";
import { MeterTwin } from "./meter.ts";
import { ProximityTwin } from "./proximity.ts";
import { RcdTwin } from "./rcd.ts";
import { ReaderTwin } from "./reader.ts";
import { SocketLockTwin } from "./socket-lock.ts";
import { ThermistorTwin } from "./thermistor.ts";
import { WifiTwin } from "./wifi.ts";

/** As TEMPERATURE_SENSOR of the board says. */
const SENSOR = { ohms25: 10_000, beta: 3950, series: 4700 };

export const esp32Devkit: MakeTwins = ({ evses: [evse] }, wires, board) => [
  new ControlPilotTwin(evse, wires, board, {
    pwm: board.PILOT_PIN,
    high: board.PILOT_SENSE_HIGH_PIN,
    low: board.PILOT_SENSE_LOW_PIN,
  }),
  new ProximityTwin(evse, wires, board, board.PROXIMITY_PIN),
  new SocketLockTwin(evse, wires, {
    close: board.LOCK_CLOSE_PIN,
    open: board.LOCK_OPEN_PIN,
    feedback: board.LOCK_FEEDBACK_PIN,
  }),
  new ContactorTwin(evse, wires, { coil: board.CONTACTOR_PIN, feedback: board.CONTACTOR_FEEDBACK_PIN }),
  new RcdTwin(wires, { contact: board.RCD_PIN, test: board.RCD_TEST_PIN }),
  new ThermistorTwin(wires, board.TEMPERATURE_PIN, SENSOR),
  new MeterTwin(evse, wires, board.METER_PORT, board.METER_BAUD),
  new ReaderTwin(wires, board.READER_PORT),
  WifiTwin.simulated(wires, board.BUTTON_PIN),
];
