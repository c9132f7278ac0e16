/** What the thermistor (`temperature.ts`) has to remember. */
export const temperature = {
  /** 1 once there was a reading, and the smoothed one, °C. */
  known: 0,
  celsius: 0,
  /** Offered current when it is cool, mA; 0 = not known yet. */
  full: 0,
  /** Seconds in which the sensor was open or short, and in which it was too hot, as far as they count. */
  bad: 0,
  hot: 0,
  /** Faults that were told: 1 the sensor's, 2 the heat's. */
  told: 0,
};
