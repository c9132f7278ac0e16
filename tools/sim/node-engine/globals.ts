/**
 * The global scope of the engine: the built-ins of Espruino 2v29 in a context of their own, and no others. ES2015 classes of objects
 * (Map, Set, Symbol, Promise …), Date, RegExp and DataView are not to be used by firmware and are absent here; of JSON there is what tells
 * a text with characters to escape.
 */
import { createContext, runInContext, type Context } from "node:vm";
import { SET_LENGTH } from "./hoisting.ts";
import { installStrings } from "./strings.ts";

/** Built-ins of the context; its prototypes are not those of the host. */
export interface Realm {
  String: StringConstructor;
  Error: ErrorConstructor;
  ArrayBuffer: ArrayBufferConstructor;
  Uint8Array: Uint8ArrayConstructor;
  /** An array of the context. */
  array(items: readonly unknown[]): unknown[];
}

const TYPED_ARRAYS = [
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
];
const GLOBALS = [
  ...TYPED_ARRAYS,
  ..."Object Array String Number Boolean Function Math ArrayBuffer Error SyntaxError TypeError ReferenceError".split(" "),
  ..."parseInt parseFloat isNaN isFinite NaN Infinity undefined globalThis encodeURIComponent".split(" "),
];

/** Members that the engine has, by the path of their owner. */
const MEMBERS: Record<string, string> = {
  Object:
    "keys values entries fromEntries assign create getPrototypeOf setPrototypeOf defineProperty defineProperties getOwnPropertyNames getOwnPropertyDescriptor getOwnPropertyDescriptors",
  "Object.prototype": "hasOwnProperty toString valueOf",
  Array: "isArray",
  "Array.prototype":
    "concat every fill filter find findIndex forEach includes indexOf join map pop push reduce reverse shift slice some sort splice toString unshift",
  String: "fromCharCode",
  "String.prototype":
    "charAt charCodeAt concat endsWith includes indexOf lastIndexOf padEnd padStart repeat replace replaceAll slice split startsWith substr substring toLowerCase toString toUpperCase trim valueOf",
  Number: "MAX_VALUE MIN_VALUE NEGATIVE_INFINITY POSITIVE_INFINITY NaN",
  "Number.prototype": "toFixed toString valueOf",
  "Function.prototype": "apply bind call toString",
  Math: "E PI LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2 abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan",
  ArrayBuffer: "",
  "ArrayBuffer.prototype": "byteLength",
};
const TYPED_MEMBERS =
  "set subarray slice map forEach join indexOf includes fill filter find findIndex reduce reverse some every sort";
/** What the language itself needs. */
const KEPT = ["constructor", "prototype", "length", "name", "buffer", "byteLength", "byteOffset"];

/** Runs in the context, because there the built-ins are. */
const REDUCE = `(function (typedPrototype, typedMembers, members, globals, kept) {
  var keep = function (owner, names) {
    Object.getOwnPropertyNames(owner).forEach(function (name) {
      if (names.indexOf(name) < 0 && kept.indexOf(name) < 0) delete owner[name];
    });
  };
  keep(typedPrototype, typedMembers);
  members.forEach(function (entry) {
    var owner = globalThis;
    entry[0].split(".").forEach(function (name) { owner = owner[name]; });
    keep(owner, entry[1]);
  });
  keep(globalThis, globals);
})`;

/** Replaces a typed array's constructor by one that takes what the engine takes. Espruino: src/jswrap_arraybuffer.c. */
const TYPED_ARRAY = `(function (Native, name, isArray, isView) {
  var engine = function (source, offset, length) {
    if (typeof source == "number") return new Native(source);
    if (source instanceof ArrayBuffer) return length ? new Native(source, offset, length) : new Native(source, offset);
    if (isArray(source) || isView(source)) return new Native(source);
    throw new Error("Unsupported first argument of type " + typeof source);
  };
  engine.prototype = Native.prototype;
  Native.prototype.constructor = engine;
  globalThis[name] = engine;
})`;

/** A typed array takes texts, and drops what does not fit. */
const TYPED_SET = `(function (prototype) {
  var set = prototype.set;
  prototype.set = function (source, offset) {
    var at = offset | 0, room = this.length - at;
    if (typeof source == "string") {
      for (var i = 0; i < source.length && i < room; i++) this[at + i] = source.charCodeAt(i);
      return;
    }
    if (typeof source != "object" || !(source.length >= 0)) throw new Error("First argument must be Array, not " + typeof source);
    set.call(this, source.length > room ? source.slice(0, room) : source, at);
  };
})`;

/** `sort` is not stable on the engine, even for five elements: here equal elements change places. Halves round away from zero. */
const DEVIATIONS = `(function () {
  var sort = Array.prototype.sort, reverse = Array.prototype.reverse, round = Math.round;
  Array.prototype.sort = function (compare) { return sort.call(reverse.call(this), compare); };
  Math.round = function (x) { return x < 0 ? -round(-x) : round(x); };
})`;

/** The engine escapes every byte outside 32 … 126, quotes and backslashes. */
const JSON_OF_TEXT = `(function () {
  globalThis.JSON = {
    stringify: function (text) {
      if (typeof text != "string") throw new Error("JSON is there for texts alone");
      for (var out = '"', i = 0; i < text.length; i++) {
        var c = text.charCodeAt(i), k = [8, 9, 10, 12, 13].indexOf(c);
        if (c == 34 || c == 92) out += "\\\\" + text[i];
        else if (k >= 0) out += "\\\\" + "btnfr"[k];
        else if (c < 32 || c > 126) out += "\\\\u00" + (c < 16 ? "0" : "") + c.toString(16).toUpperCase();
        else out += text[i];
      }
      return out + '"';
    },
  };
})`;

/** A context with the engine's built-ins; `random` feeds `Math.random`. */
export function engineContext(random: () => number): { context: Context; realm: Realm } {
  const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  const inContext = (code: string): unknown => runInContext(code, context);
  const call = (code: string, ...args: unknown[]): unknown => (inContext(code) as (...args: unknown[]) => unknown)(...args);
  const natives = inContext("({ String, Error, ArrayBuffer, Uint8Array, Math, Array })") as Realm & {
    Math: Math;
    Array: ArrayConstructor;
  };
  const { String, Error, ArrayBuffer, Uint8Array, Math } = natives;
  const array = natives.Array.from.bind(natives.Array) as (items: readonly unknown[]) => unknown[];
  const realm: Realm = { String, Error, ArrayBuffer, Uint8Array, array };

  call(TYPED_SET, Object.getPrototypeOf(Uint8Array.prototype));
  for (const name of TYPED_ARRAYS) call(TYPED_ARRAY, inContext(name), name, natives.Array.isArray, ArrayBuffer.isView);
  const members = Object.entries(MEMBERS).map(([owner, names]) => [owner, names.split(" ")]);
  call(REDUCE, Object.getPrototypeOf(Uint8Array.prototype), TYPED_MEMBERS.split(" "), members, GLOBALS, KEPT);
  call(DEVIATIONS);
  call(JSON_OF_TEXT);
  installStrings(realm);
  Math.random = random;

  const globals = inContext("globalThis") as Record<string, unknown>;
  globals.global = globals;
  globals.InternalError = Error;
  Object.defineProperty(globals, SET_LENGTH, {
    value: (object: { length: unknown }, length: unknown) => {
      if (globalThis.Array.isArray(object)) throw new Error("Can't assign to the length of an array");
      return (object.length = length);
    },
  });
  return { context, realm };
}
