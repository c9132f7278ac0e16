/** A row of WS2812 LEDs: Espruino's module `neopixel`, which times the bits by the chip's RMT. WS2812B datasheet, "Data transfer time". */

/** Send `rgb`, three bytes a LED in the order of the LED's own data sheet (WS2812: green, red, blue). */
export function writeLeds(pin: number, rgb: string): void {
  require("neopixel").write(pin, rgb);
}
