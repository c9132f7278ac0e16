/**
 * What goes past the engine: its firmware and the whole Storage partition, written by Espressif's esptool while the chip is in its boot loader.
 * Addresses: Espruino's partition table of a 4 MB ESP32.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { UsageError } from "../sim/engine.ts";
import { STORAGE_BYTES } from "../sim/flash.ts";
import { parsePort } from "./port.ts";

const STORAGE = 0x320000;
const BOOTLOADER = 0x1000;
const PARTITIONS = 0x8000;
const APPLICATION = 0x10000;
const BAUD = 460_800;

/** A file and the flash address that it goes to. */
export type Part = [address: number, path: string];

/** The command that writes these files; the first word is the program. */
export function esptoolCommand(program: string, port: string, parts: readonly Part[]): string[] {
  const files = parts.flatMap(([address, path]) => [`0x${address.toString(16)}`, path]);
  return [program, "--chip", "esp32", "--port", port, "--baud", String(BAUD), "write_flash", ...files];
}

/**
 * The whole Storage partition: the boot file, both slots, and blank pages, because what was there before would be read as files. The raw area before
 * it keeps settings and queue.
 * @param storage the image from its begin; the partition is written to `path`
 */
export function storagePart(storage: Uint8Array, path: string): Part {
  const partition = Buffer.alloc(STORAGE_BYTES, 0xff);
  partition.set(storage);
  writeFileSync(path, partition);
  return [STORAGE, path];
}

/** The three files of a released Espruino: its archive, or a directory that it was unpacked into. */
export function engineParts(file: string): Part[] {
  if (!existsSync(file)) throw new UsageError(`--engine-firmware ${file}: there is no such file.`);
  let directory = file;
  if (!statSync(file).isDirectory()) {
    directory = mkdtempSync(join(tmpdir(), "espruino-"));
    try {
      execFileSync("tar", ["-xf", file, "-C", directory], { stdio: "ignore" });
    } catch {
      throw new UsageError(`--engine-firmware ${file}: that is no archive of a released Espruino for the ESP32.`);
    }
  }
  const files = filesBelow(directory);
  const named = (pattern: RegExp, what: string): string => {
    const found = files.find((path) => pattern.test(path));
    if (!found) throw new UsageError(`--engine-firmware ${file}: it holds no ${what}.`);
    return found;
  };
  return [
    [BOOTLOADER, named(/[/\\]bootloader[^/\\]*\.bin$/, "bootloader.bin")],
    [PARTITIONS, named(/[/\\]partition[^/\\]*\.bin$/, "partitions_espruino.bin")],
    [APPLICATION, named(/[/\\]espruino_(?:[^/\\]*_)?esp32\.bin$/, "espruino_esp32.bin")],
  ];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));
}

/** esptool on PATH, under either of its names. */
export function findEsptool(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const directories = (env.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  const names = process.platform === "win32" ? ["esptool.exe", "esptool.py"] : ["esptool", "esptool.py"];
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find((path) => existsSync(path));
}

/** Writes the files; `UsageError` when esptool is not there or does not end well. */
export function runEsptool(port: string, parts: readonly Part[]): void {
  if (parsePort(port).kind !== "serial")
    throw new UsageError(`--port ${port}: esptool talks to the chip's boot loader, which needs a serial port.`);
  const program = findEsptool();
  const command = esptoolCommand(program ?? "esptool", port, parts);
  if (program === undefined)
    throw new UsageError(
      `esptool is not on PATH (Debian: apt install esptool; else: pip install esptool). It would run: ${command.join(" ")}`,
    );
  const { status, error } = spawnSync(program, command.slice(1), { stdio: "inherit" });
  if (error || status !== 0)
    throw new UsageError(
      `esptool ended with ${error ? error.message : `status ${status}`}; the command was: ${command.join(" ")}`,
    );
}
