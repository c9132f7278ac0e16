/**
 * @overlay
 * Entropy of board `sim`: the runner's seed, fresh for each start of the engine, takes the place of the chip's noise.
 */
import { linkFile } from "../link";

/** Feed the generator. */
export function seedRandom(boots: number): void {
  E.srand(parseInt(linkFile()[2]) ^ boots);
}
