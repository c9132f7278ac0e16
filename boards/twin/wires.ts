/** What the simulator's twins have told, and whom the firmware asked to be called. */
export const wires = {
  /** Level of each pin, 0 … 65535. */
  levels: undefined as unknown as Int32Array,
  /** Bytes that the next I2C reads give. */
  i2c: "",
  /** Seconds that a restart is delayed. */
  delay: 0,
  /** What fills the memory. */
  ballast: "",
  /** Listeners of the serial ports. */
  serial1: undefined as unknown as (bytes: string) => void,
  serial2: undefined as unknown as (bytes: string) => void,
  /** Who hears of Wi-Fi; undefined when the board has none. */
  radio: undefined as undefined | ((line: string) => void),
  /** Who hears of falling edges of a watched pin. */
  fell: undefined as ((event: PinEvent) => void) | undefined,
  poll: undefined as unknown as () => void,
  second: undefined as unknown as () => void,
};
