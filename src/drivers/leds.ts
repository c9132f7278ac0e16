/**
 * The light of a public charger: when it is to be looked at. What it shows is the table in `look.ts`; `ws2812.ts` and `plain-leds.ts` are the hardware. A board
 * calls `if (ledsDue()) showWs2812(LEDS_PIN, 1)` or `showPlainLeds(…)` every 100 ms.
 */
import { connection } from "../kernel/connection";
import { evses, Field, Phase, pending, station } from "../station/evse";

/** Polls in which every rhythm comes round. */
const ROUND = 20;

export const leds = {
  /** Polls of 100 ms, 0 … 19. */
  poll: 0,
  /** What was shown last: a number for all that it depends on. */
  key: -1,
  /** Polls until a rhythm changes the light; 0 = it is steady. */
  beat: 0,
};

/** Is the light to be set now? */
export function ledsDue(): boolean {
  let key = connection.state * 64 + station.registration * 8 + pending.step;
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    key = key * 9 + (evses.v[at + Field.Phase] % Phase.Fault);
  }
  leds.poll = (leds.poll + 1) % ROUND;
  if (key !== leds.key) {
    leds.key = key;
    return true;
  }
  return leds.beat > 0 && leds.poll % leds.beat === 0;
}
