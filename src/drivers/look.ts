/**
 * @overlay
 * What the light of an EVSE shows.
 *
 * | state | light |
 * |---|---|
 * | available | green |
 * | a card is being asked about | blue, quick |
 * | occupied: plugged, or a card waits for its cable | blue, blinking |
 * | charging | blue |
 * | paused by the car, by the station | cyan; cyan, blinking |
 * | finished, the cable is still there | green, blinking |
 * | reserved | yellow |
 * | unavailable | yellow, blinking |
 * | faulted | red |
 * | available, but without connection or not accepted | white |
 */
import { Connection, connection } from "../kernel/connection";
import { evses, Field, Phase, pending, Registration, station, Step } from "../station/evse";
import { leds } from "./leds";

/** Of the table: red, green, blue (0 … 9) and the rhythm; first those of `Phase`, in its order. */
const LOOKS = "060- 009~ 009- 066- 066~ 060~ 640- 640~ 900- 333- 009!";
const OFFLINE = 9;
const ASKING = 10;
/** Polls of 100 ms of light, and of dark. */
const BLINK = 5;
const QUICK = 2;

/** Light of EVSE `evse` (0-based) in this poll: red, green, blue, a digit 0 … 9 each. */
export function look(evse: number): string {
  let state = evses.v[evse * Field.Size + Field.Phase] % Phase.Fault;
  const asked = pending.step !== Step.Idle && (pending.evse < 0 || pending.evse === evse);
  if (asked && state <= Phase.Preparing) {
    state = pending.step === Step.Waiting ? Phase.Preparing : ASKING;
  } else if (
    state === Phase.Available &&
    (connection.state !== Connection.Open || station.registration !== Registration.Accepted)
  ) {
    state = OFFLINE;
  }
  const light = LOOKS.substr(state * 5, 4);
  const beat = light[3] === "~" ? BLINK : light[3] === "!" ? QUICK : 0;
  // The first EVSE begins anew; two different rhythms are looked at in every poll.
  leds.beat = !evse || !leds.beat ? beat : beat && beat !== leds.beat ? 1 : leds.beat;
  return beat && leds.poll % (2 * beat) >= beat ? "000" : light;
}
