/** The devices of board `esp32-devkit`. */
import type { MakeTwins } from "./boards.ts";
import { ContactorTwin } from "./contactor.ts";
import { ControlPilotTwin } from "./control-pilot.ts";
import { PlainMeterTwin } from "./plain-meter.ts";
import { ProximityTwin } from "./proximity.ts";
import { SocketLockTwin } from "./socket-lock.ts";

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
  new PlainMeterTwin(evse, wires),
];
