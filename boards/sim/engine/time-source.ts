/** Board `sim` has no source of the time but the CSMS. */

export const ntp = { trusted: 0 };

/** May the CSMS set the clock? */
export function heartbeatSetsClock(): boolean {
  return true;
}
