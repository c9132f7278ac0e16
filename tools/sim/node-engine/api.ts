/**
 * The engine's API, as far as firmware may use it: globals, `E`, `process` and the modules Storage, Flash, net, dgram, tls, crypto, fs. Whatever
 * else Espruino has is undefined here. After the program has ended every call of it throws `REBOOT`.
 */
import { createHash } from "node:crypto";
import { isAnyArrayBuffer, isArrayBufferView } from "node:util/types";
import { crc32 } from "node:zlib";
import { chipOffset, type NorFlash } from "../flash.ts";
import { Datagrams } from "./datagrams.ts";
import { Emitter } from "./emitter.ts";
import type { Realm } from "./globals.ts";
import { REBOOT, type Callback, type IdleLoop } from "./idle-loop.ts";
import { Random } from "./random.ts";
import { Sockets, type ConnectOptions } from "./sockets.ts";
import { files, readFile } from "./storage.ts";

export interface ApiOptions {
  flash: NorFlash;
  loop: IdleLoop;
  realm: Realm;
  random: Random;
  /** The engine's working directory, by file name. */
  directory: Map<string, Buffer>;
  refused(port: number): boolean;
  print(line: string): void;
  /** The firmware asks for a reset. */
  reboot(): void;
  /** The engine itself fails. */
  crash(): void;
  /** Called where the firmware may be deep in its calls. */
  measure(): void;
}

export interface Api {
  globals: Record<string, unknown>;
  /** `process`, whose listeners hear of exceptions. */
  process: Emitter;
  destroy(): void;
}

/** Bytes of the arguments as `E.toString` takes them: texts, numbers, arrays, buffers, `{data, count}`, `{callback}`. */
export function bytesOf(value: unknown): number[] {
  if (typeof value === "string") return [...Buffer.from(value, "latin1")];
  if (typeof value === "number" || typeof value === "boolean") return [Number(value) & 0xff];
  if (isAnyArrayBuffer(value)) return [...new Uint8Array(value)];
  if (isArrayBufferView(value)) return Array.from(value as Uint8Array, (element) => element & 0xff);
  if (Array.isArray(value)) return Array.from(value).flatMap(bytesOf);
  if (typeof value === "object" && value !== null) {
    const { data, count, callback } = value as { data?: unknown; count?: unknown; callback?: () => unknown };
    if (callback) return bytesOf(callback());
    if (typeof count === "number") return Array.from({ length: count }, () => bytesOf(data)).flat();
  }
  throw new TypeError(`Expecting Number or iterable, got ${typeof value}`);
}

export function makeApi(options: ApiOptions): Api {
  const { flash, loop, realm, random, directory, measure } = options;
  const sockets = new Sockets(loop, options.refused, options.crash, measure);
  const datagrams = new Datagrams(loop);
  const process = new Emitter(loop);
  const engine = new Emitter(loop);
  let clockAhead = 0;

  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
  const array = (bytes: ArrayLike<number>): Uint8Array => {
    const result = new realm.Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) result[i] = bytes[i];
    return result;
  };
  const hash = (algorithm: string) => (data: unknown) =>
    array(
      createHash(algorithm)
        .update(Buffer.from(bytesOf(data)))
        .digest(),
    ).buffer;
  /** The engine takes an operation outside the flash in silence; here the console tells. */
  const inFlash = (what: string, at: unknown, length: number): number | null => {
    if (!Number.isInteger(at)) throw new realm.Error(`Address should be an integer, got ${typeof at}`);
    const offset = chipOffset(at as number, length);
    if (offset === null) options.print(`Flash.${what} of ${length} bytes at ${String(at)} is outside the flash`);
    return offset;
  };
  const print = (...values: unknown[]): void => options.print(values.map(String).join(" "));
  const clear =
    (name: string) =>
    (...ids: unknown[]) => {
      if (ids.length === 0) return loop.removeTimers();
      if (ids[0] === undefined) throw new realm.Error(`clear${name}(undefined) not allowed. Use clear${name}() instead`);
      loop.removeTimer(ids[0] as number);
    };

  const modules: Record<string, Record<string, unknown>> = {
    Storage: {
      read: (name: string, offset?: number, length?: number) => {
        measure();
        const bytes = readFile(flash, name, offset, length);
        return bytes && text(bytes);
      },
      readArrayBuffer: (name: string) => {
        const bytes = readFile(flash, name);
        return bytes && array(bytes).buffer;
      },
      list: () => realm.array(files(flash).map(({ name }) => name)),
    },
    Flash: {
      read: (length: number, from: unknown) => {
        measure();
        if (!(length > 0)) return undefined;
        const offset = inFlash("read", from, length);
        return array(offset === null ? new Uint8Array(length) : flash.read(offset, length));
      },
      write: (data: unknown, to: unknown) => {
        measure();
        if (data === undefined) throw new realm.Error("Data is not defined");
        const bytes = Uint8Array.from(bytesOf(data));
        const offset = inFlash("write", to, bytes.length);
        if (offset !== null && bytes.length > 0) flash.write(offset, bytes);
      },
      erasePage: (at: unknown) => {
        const offset = inFlash("erasePage", at, 1);
        if (offset !== null) flash.erasePage(offset);
      },
    },
    net: {
      connect: (to: ConnectOptions, connected?: unknown) => sockets.connect(to, connected, false),
      createServer: (accepted: unknown) => sockets.createServer(accepted),
    },
    dgram: { createSocket: () => datagrams.createSocket() },
    tls: { connect: (to: ConnectOptions, connected?: unknown) => sockets.connect(to, connected, true) },
    crypto: {
      SHA1: hash("sha1"),
      SHA224: hash("sha224"),
      SHA256: hash("sha256"),
      SHA384: hash("sha384"),
      SHA512: hash("sha512"),
    },
    fs: {
      readFileSync: (name: string) => {
        const bytes = directory.get(String(name));
        if (!bytes) throw new realm.Error("Could not open file : UNKNOWN");
        return text(bytes);
      },
      writeFileSync: (name: string, data: unknown) => {
        directory.set(String(name), Buffer.from(bytesOf(data)));
        return true;
      },
    },
  };

  const E = Object.assign(engine, {
    toString: (...data: unknown[]) => {
      measure();
      return text(Uint8Array.from(bytesOf(data)));
    },
    toUint8Array: (...data: unknown[]) => array(bytesOf(data)),
    toArrayBuffer: (data: unknown) => (typeof data === "string" ? array(bytesOf(data)).buffer : undefined),
    CRC32: (data: unknown) => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : Uint8Array.from(bytesOf(data))),
    sum: (data: unknown) => bytesOf(data).reduce((sum, byte) => sum + byte, 0),
    hwRand: () => random.next(),
    srand: (seed: number) => random.seed(seed),
    getErrorFlags: () => realm.array([]),
    enableWatchdog: () => undefined,
    kickWatchdog: () => undefined,
    reboot: () => {
      options.reboot();
      throw REBOOT;
    },
  });

  const globals: Record<string, unknown> = {
    E,
    process: Object.assign(process, {
      version: "2v29",
      env: { VERSION: "2v29", BOARD: "LINUX" },
      // Node has no variables to count; the simulator reports `null`.
      memory: () => ({ free: 10_000, usage: 0, total: 10_000, history: 0, blocksize: 14 }),
    }),
    require: (name: string) => {
      if (!Object.hasOwn(modules, name)) throw new realm.Error(`Module "${name}" not found`);
      return modules[name];
    },
    setTimeout: (callback: Callback, delay: number, ...args: unknown[]) => loop.addTimer(callback, delay, args, false),
    setInterval: (callback: Callback, delay: number, ...args: unknown[]) => loop.addTimer(callback, delay, args, true),
    clearTimeout: clear("Timeout"),
    clearInterval: clear("Interval"),
    getTime: () => (Date.now() + clockAhead) / 1000,
    setTime: (seconds: number) => (clockAhead = seconds * 1000 - Date.now()) && undefined,
    btoa: (data: unknown) => Buffer.from(bytesOf(data)).toString("base64"),
    atob: (data: unknown) => Buffer.from(String(data), "base64").toString("latin1"),
    getSerial: () => "00000000-00000001",
    print,
    console: { log: print },
  };

  /** Every function throws once the program has ended. */
  const guard = (owner: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(owner)) {
      if (typeof value !== "function") continue;
      owner[name] = (...args: unknown[]) => {
        if (loop.dead) throw REBOOT;
        return (value as (...args: unknown[]) => unknown).apply(owner, args);
      };
    }
  };
  for (const owner of [globals, E as unknown as Record<string, unknown>, ...Object.values(modules)]) guard(owner);
  return { globals, process, destroy: () => (sockets.destroy(), datagrams.destroy()) };
}
