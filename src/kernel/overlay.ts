/**
 * Overlay loader: operations that are not resident live as text slices in flash and are read, run and dropped. A slice is the
 * body of a function alone; `Function` takes it as it stands in flash, without reading through it first as `eval` would.
 * Architecture: docs/ARCHITECTURE.md, "Kernel and overlays". Nobody calls these functions by hand except to run an operation by its
 * number: the build turns each call of an overlay's function into `load(number, …)`.
 */
import { readSlice as slice } from "./engine/storage";

/** Number of an operation or table in the slices of this build. */
export type OpNumber = number & { readonly __op?: never };

/** The number of an operation; put in by the build. For the few places where the protocol chosen at run time decides what runs. */
export declare function opNumber<A extends unknown[]>(operation: (...args: A) => unknown): OpNumber;

/** The text of a table of the image (`variables`, `schema201` …), straight from flash: never copied to RAM; put in by the build. */
export declare function table(name: string): string;

/** The number of a table's slice, for a table that is chosen at run time; put in by the build. */
export declare function tableNumber(name: string): OpNumber;

/** The key of a variable of `src/store/variables.txt`, named as OCPP names it; put in (and checked) by the build. */
export declare function variable(name: string): VariableKey;

/** Four characters that name a line of the variable table and its value in the settings pages. */
export type VariableKey = string & { readonly __variable?: never };

/** Text of slice `n`, a reference into flash. */
export { slice };

/** Run operation `n` with up to four arguments, whose names are those of `PARAMETERS` of the build. Freed by reference count when it returns. */
export function load(n: OpNumber, a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
  return Function("w", "x", "y", "z", slice(n))(a, b, c, d);
}
