/**
 * The language library of the engine: what a program may call without `require`, and nothing else. It takes the place of
 * TypeScript's own lib files (`noLib`), so a call of something the engine lacks, or does differently from every other
 * engine, is a type error.
 *
 * Left out on purpose although present: `Array.sort` (unstable), `Array.forEach` (2.7 kB of C stack a level), `Math.round`
 * and `Number.toFixed` (other rounding of ties), `Math.random` (repeats itself after each boot), `Date`, `JSON`, `RegExp`,
 * `Promise`, `DataView` and `Error` (wrong results, or a fee in variables that is never given back). `length` is read-only:
 * the engine throws when it is assigned.
 */

interface Array<T> {
  readonly length: number;
  [index: number]: T;
  concat(...items: (T | T[])[]): T[];
  every(test: (value: T, index: number) => boolean): boolean;
  fill(value: T, start?: number, end?: number): T[];
  filter(test: (value: T, index: number) => boolean): T[];
  find(test: (value: T, index: number) => boolean): T | undefined;
  findIndex(test: (value: T, index: number) => boolean): number;
  includes(value: T): boolean;
  indexOf(value: T, from?: number): number;
  join(separator?: string): string;
  map<U>(make: (value: T, index: number) => U): U[];
  pop(): T | undefined;
  push(...items: T[]): number;
  reduce<U>(combine: (sum: U, value: T, index: number) => U, initial: U): U;
  reverse(): T[];
  shift(): T | undefined;
  slice(start?: number, end?: number): T[];
  some(test: (value: T, index: number) => boolean): boolean;
  splice(start: number, count?: number, ...items: T[]): T[];
  unshift(...items: T[]): number;
}

interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  includes(value: T): boolean;
  indexOf(value: T, from?: number): number;
  join(separator?: string): string;
  slice(start?: number, end?: number): T[];
}

/** Strings are bytes: a character above 0xFF loses its upper bits. */
interface String {
  readonly length: number;
  readonly [index: number]: string;
  charAt(index: number): string;
  charCodeAt(index: number): number;
  endsWith(tail: string): boolean;
  /** One character only: a longer needle may match past the end of the text (the gate holds this). */
  includes(character: string, from?: number): boolean;
  /** One character only: a longer needle may match past the end of the text (the gate holds this; see `find` in text.ts). */
  indexOf(character: string, from?: number): number;
  lastIndexOf(text: string, from?: number): number;
  padEnd(length: number, fill?: string): string;
  padStart(length: number, fill?: string): string;
  repeat(count: number): string;
  /** One character only, first occurrence. */
  replace(character: string, by: string): string;
  slice(start: number, end?: number): string;
  /** One character only, or "" for all characters. */
  split(separator: string): string[];
  startsWith(head: string, from?: number): boolean;
  substr(start: number, length?: number): string;
  substring(start: number, end?: number): string;
  toLowerCase(): string;
  toUpperCase(): string;
  trim(): string;
}

interface Number {
  toString(radix?: number): string;
}

interface Boolean {
  valueOf(): boolean;
}

interface Object {
  hasOwnProperty(name: string): boolean;
}

interface Function {
  readonly length: number;
}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the compiler wants the name
interface CallableFunction extends Function {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the compiler wants the name
interface NewableFunction extends Function {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the compiler wants the name
interface IArguments {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the compiler wants the name; there is no constructor
interface RegExp {}

/** What the engine throws; firmware throws plain texts and never makes one of these (55 variables each). */
interface Error {
  readonly message: string;
}

interface ArrayLike<T> {
  readonly length: number;
  readonly [index: number]: T;
}

interface ArrayBuffer {
  readonly byteLength: number;
}

interface TypedArray {
  readonly length: number;
  [index: number]: number;
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  fill(value: number, start?: number, end?: number): this;
  indexOf(value: number, from?: number): number;
  /** A text is taken byte by byte. */
  set(source: ArrayLike<number> | string, offset?: number): void;
}

interface Uint8Array extends TypedArray {
  subarray(start: number, end?: number): Uint8Array;
  slice(start?: number, end?: number): Uint8Array;
}
interface Int32Array extends TypedArray {
  subarray(start: number, end?: number): Int32Array;
  slice(start?: number, end?: number): Int32Array;
}
interface Uint32Array extends TypedArray {
  subarray(start: number, end?: number): Uint32Array;
  slice(start?: number, end?: number): Uint32Array;
}

interface TypedArrayConstructor<A> {
  new (length: number): A;
  new (values: ArrayLike<number>): A;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): A;
}

declare const Uint8Array: TypedArrayConstructor<Uint8Array>;
declare const Int32Array: TypedArrayConstructor<Int32Array>;
declare const Uint32Array: TypedArrayConstructor<Uint32Array>;

declare const Array: { isArray(value: unknown): value is unknown[] };
declare const Object: { keys(object: object): string[] };
declare const String: { (value: unknown): string; fromCharCode(...codes: number[]): string };
declare const Math: {
  abs(x: number): number;
  ceil(x: number): number;
  floor(x: number): number;
  log(x: number): number;
  max(...values: number[]): number;
  min(...values: number[]): number;
  pow(base: number, exponent: number): number;
  sign(x: number): number;
  sqrt(x: number): number;
};

declare const NaN: number;
declare const Infinity: number;
declare function isNaN(value: unknown): boolean;
/** Reads as far as it can: "12px" is 12. */
declare function parseInt(text: string, radix?: number): number;
declare function parseFloat(text: string): number;

type Partial<T> = { [P in keyof T]?: T[P] };
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Record<K extends string | number, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type NonNullable<T> = T & {};
