/**
 * Is an engine the model of the ESP32 on which RAM and stack are judged: 32 bit with 14-byte variables, as many of them as `JSVARS`
 * says, and a C stack that ends at `ESPSTACK`? On any other engine a figure would mean nothing.
 */

/** What the engine says of itself. */
export interface Probe {
  /** `process.memory()`. */
  total: number;
  blocksize: number;
  /** Calls within calls until the stack ended. */
  levels: number;
}

/** Variables that no engine has by chance. */
export const PROBE_VARIABLES = 1777;
export const PROBE_STACKS = [25_000, 16_000] as const;
const BLOCK_BYTES = 14;
/** A plain call takes about 510 bytes of the model's stack. */
const MOST_BYTES_A_LEVEL = 1000;
const LEAST_BYTES_A_LEVEL = 250;

/** Why the engine that gave these answers, one for each of `PROBE_STACKS`, is not the model; null when it is. */
export function whyNoModel([large, small]: readonly Probe[]): string | null {
  if (large.total !== PROBE_VARIABLES) return `process.memory().total is ${large.total} and not the ${PROBE_VARIABLES} of JSVARS`;
  if (large.blocksize !== BLOCK_BYTES) return `a variable has ${large.blocksize} bytes and not ${BLOCK_BYTES}`;
  const bytes = (PROBE_STACKS[0] - PROBE_STACKS[1]) / (large.levels - small.levels);
  if (!(bytes >= LEAST_BYTES_A_LEVEL && bytes <= MOST_BYTES_A_LEVEL))
    return `${large.levels} and ${small.levels} levels of recursion with ESPSTACK=${PROBE_STACKS.join(" and ")} show that it does not limit the stack`;
  return null;
}
