/**
 * @overlay
 * Entropy: the engine's generator repeats itself after each boot on the ESP32 (docs/ARCHITECTURE.md, "Entropy").
 */

/** Feed the generator: ADC noise of the free ADC1 pins, the chip's identity and the time that start-up took. */
export function seedRandom(boots: number): void {
  let noise = getSerial() + boots + getTime();
  for (let i = 0; i < 64; i++) {
    noise += analogRead(D36) + "," + analogRead(D39);
  }
  E.srand(E.CRC32(noise));
}
