/**
 * The engine's functions that the store calls most, without detours for arguments that they do not get: thousands of boots are
 * to take minutes, not hours. Whatever else comes goes to the functions of tools/sim.
 */
import { crc32 } from "node:zlib";
import { chipOffset } from "../sim/flash.ts";
import type { Api } from "../sim/node-engine/api.ts";
import type { Realm } from "../sim/node-engine/globals.ts";
import type { IdleLoop } from "../sim/node-engine/idle-loop.ts";
import { readFile } from "../sim/node-engine/storage.ts";
import type { CutFlash } from "./cut-flash.ts";

type Call = (...args: unknown[]) => unknown;

/** Texts of Storage, which nothing changes: by image, file and place. */
const texts = new Map<string, string | undefined>();

const isBytes = (value: unknown): value is Uint8Array => Object.prototype.toString.call(value) === "[object Uint8Array]";

export function quicken(api: Api, realm: Realm, flash: CutFlash, loop: IdleLoop, image: string): void {
  const E = api.globals.E as { toString: Call; toUint8Array: Call; CRC32: Call };
  const { toString, toUint8Array, CRC32 } = E;
  const engineRequire = api.globals.require as Call;
  const { read: readFlash, ...restOfFlash } = engineRequire("Flash") as Record<string, Call>;
  const { read: readStorage, ...restOfStorage } = engineRequire("Storage") as Record<string, Call>;

  const bytesOfText = (text: string): Uint8Array => {
    const array = new realm.Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) array[i] = text.charCodeAt(i);
    return array;
  };
  E.toString = (...data) => {
    const [value] = data;
    if (data.length !== 1 || !isBytes(value)) return toString(...data);
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
  };
  E.toUint8Array = (...data) => (data.length === 1 && typeof data[0] === "string" ? bytesOfText(data[0]) : toUint8Array(...data));
  E.CRC32 = (data) => (isBytes(data) ? crc32(data) : typeof data === "string" ? crc32(Buffer.from(data, "latin1")) : CRC32(data));
  const flashModule = {
    ...restOfFlash,
    read: (length: number, from: number) => {
      const offset = Number.isInteger(from) && length > 0 && !loop.dead ? chipOffset(from, length) : null;
      if (offset === null) return readFlash(length, from);
      flash.counted();
      const array = new realm.Uint8Array(length);
      const { bytes } = flash;
      for (let i = 0; i < length; i++) array[i] = bytes[offset + i];
      return array;
    },
  };
  const storage = {
    ...restOfStorage,
    read: (name: string, offset = 0, length = 0) => {
      if (loop.dead) return readStorage(name, offset, length);
      const key = `${image} ${name} ${offset} ${length}`;
      if (!texts.has(key)) texts.set(key, readFile(flash, name, offset, length)?.toString("latin1"));
      return texts.get(key);
    },
  };
  api.globals.require = (name: unknown) => (name === "Flash" ? flashModule : name === "Storage" ? storage : engineRequire(name));
}
