/**
 * What the engine does differently, by name: the gates refuse a program that would meet one of these. Each was reproduced on
 * the engine; those that a pass repairs instead (hoisting, commas, names, syntax that TypeScript lowers to ES5) are not here.
 */
export const TRAPS = {
  any: "any switches off the check against what the engine has; say the type",
  arguments: "arguments.length counts declared parameters, passed or not; name the parameters",
  "array-hole": "a hole in an array literal is a syntax error inside a skipped switch case",
  async: "async functions and generators are missing",
  bigint: "BigInt is missing",
  "clear-undefined": "clearTimeout(undefined) throws, so its argument has to be proved a number by a check, not by an assertion",
  class: "classes ignore native fields and resolve super from the object; use functions and a state object",
  "computed-key": "computed keys are missing",
  debugger: "debugger opens a prompt and hangs",
  "default-not-last": "a case after default is a syntax error; default goes last",
  "delete-in-loop": "deleting keys inside for…in ends the loop early; go over Object.keys",
  "encode-uri": "encodeURIComponent writes bytes above 127 wrong; only connect of src/kernel/connect.ts may ask it, about ASCII",
  enum: "an enum or namespace object lives in RAM; use a const enum",
  eval: "eval is for the boot file alone",
  "function-of-text": "making functions of texts is for the overlay loader alone",
  getter: "getters and setters are skipped by half of the engine; use functions",
  "index-of":
    "a tail of the text that begins the needle counts as a hit, so search for one character or use find of src/kernel/text.ts",
  instanceof: "instanceof is wrong for the engine's own errors",
  json: "the engine's JSON writes and reads other texts than it should; only plain of src/kernel/text.ts may ask it about one text",
  label: "labels are missing",
  "loop-closure": "a closure sees the last value of a loop's variable; pass it as an argument",
  "missing-builtin": "the engine has no such thing",
  "name-ascii": "names are ASCII",
  "nested-function":
    "a function made at each call costs RAM; a function stands at the top level or is passed directly as an argument",
  new: "only Uint8Array, Int32Array and Uint32Array are made with new; every other class is a fee in RAM that is never given back",
  octal: "a text with a leading zero becomes an octal number; use parseInt",
  "prototype-member": "prototypes and the members of functions are missing or different",
  regexp: "regular expressions match differently",
  replacement: "$ in a replacement is taken as it stands",
  rest: "rest parameters read arguments.length, which counts declared parameters",
  "set-length": "assigning length throws; use splice or a new array",
  spread: "spread is missing",
  syntax: "the engine's parser has no such syntax",
  "tagged-template": "tagged templates are missing",
  "raw-character": "strings are bytes and the image is ASCII; write UTF-8 as \\x escapes",
  this: "an arrow function can lose its this; use a state object",
  "wide-character": "strings are bytes: a character above 0xFF loses its upper bits",
} as const;

export type Trap = keyof typeof TRAPS;

/** A reason for a finding; `detail` names what was found. */
export function trapReason(trap: Trap, detail?: string): string {
  return `${detail ? `${detail}: ` : ""}${TRAPS[trap]} [${trap}]`;
}
