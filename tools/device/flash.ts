/** `npm run flash`: puts a build on a device. */
import { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "../build/boards.ts";
import { startedBuild, slotsOf, type BoardFacts, type Code } from "../image/slot.ts";
import { decodeStorage } from "../image/storage.ts";
import { UsageError } from "../sim/engine.ts";
import { boardData } from "../twins/board-data.ts";
import { targetImage } from "../sim/image.ts";
import { DeviceConsole } from "./console.ts";
import { meet, type Device } from "./device.ts";
import { engineParts, runEsptool, storagePart, type Part } from "./esptool.ts";
import { progressBar } from "./progress.ts";
import { run } from "./run.ts";
import { checkIdle } from "./transactions.ts";
import { checkSize, confirmSlot, restart, writeUpdate } from "./update.ts";

/** ms in which a device that starts anew has to answer. */
const RESTART_MS = 30_000;
const RETRY_MS = 1_000;

interface Flags {
  port: string;
  board?: string;
  image?: boolean;
  engineFirmware?: string;
  confirm?: boolean;
  force?: boolean;
  now?: boolean;
}

function parseFlags(args: readonly string[]): Flags {
  const program = new Command("flash")
    .description("Writes a build into the slot that does not run, checks it there, and starts it. Settings and queue stay.")
    .requiredOption("--port <port>", "serial port, or tcp:HOST:PORT for a bridged console")
    .option("--board <name>", "board to build for (default: what the device says it is)")
    .option("--image", "write the whole Storage partition with esptool: the first image of a chip")
    .option(
      "--engine-firmware <file>",
      "write a released Espruino (its archive) with esptool first; needs --image or an image on the chip",
    )
    .option("--confirm", "keep the build at once, whether or not a CSMS accepts it")
    .option("--force", "write the build although the device runs it already")
    .option("--now", "interrupt a transaction that runs")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return program.parse([...args], { from: "user" }).opts<Flags>();
}

interface Image {
  facts: BoardFacts;
  code: Code;
}

/** The build of a board, made when it is missing or old. */
async function imageOf(board: string): Promise<Image> {
  const files = decodeStorage(await targetImage(board));
  const found = slotsOf(files);
  const code = startedBuild(files);
  if (!found || !code) throw new UsageError(`The image of board ${board} has no slots.`);
  return { facts: found.facts, code };
}

/** Refuses a device that the image is not for. */
function check({ facts, running, slots }: Device, image: Image, force: boolean): void {
  checkSize(facts, image.code);
  if (facts.raw !== image.facts.raw || facts.slots !== image.facts.slots || facts.slotBytes !== image.facts.slotBytes)
    throw new UsageError(`The device's flash is divided otherwise than board ${facts.name} is now; \`--image\` writes it anew.`);
  const runs = slots[running]?.buildId;
  if (runs === image.code.buildId && !force)
    throw new UsageError(`The device runs build ${runs} already; --force writes it again.`);
}

async function update(flags: Flags): Promise<void> {
  if (flags.board !== undefined) checkBoard(flags.board);
  if (flags.board !== undefined && hasNoConsole(flags.board))
    throw new UsageError(
      `Board ${flags.board} has no console while it runs; --image writes it over a serial port of its own (docs/FLASHING.md).`,
    );
  const console = await DeviceConsole.open(flags.port);
  const device = await meet(console);
  const board = flags.board ?? device.facts.name;
  if (board !== device.facts.name)
    throw new UsageError(`The device is a ${device.facts.name}, the image would be for board ${board}.`);
  checkBoard(board);
  const image = await imageOf(board);
  check(device, image, flags.force === true);
  if (!flags.now) await checkIdle(device);
  const { buildId } = image.code;
  const old = device.slots[device.running]?.buildId;
  say(
    `${flags.port}: board ${device.facts.name}, Espruino ${device.version}, ${old ? `build ${old} in slot ${device.running}` : "no build runs"}`,
  );
  if (device.slots[device.running]?.confirmed === false) say("That build is on trial; the one before it goes now.");
  const { slot } = await writeUpdate(
    device,
    image.code,
    progressBar(`build ${buildId} into slot ${device.running === 0 ? 1 : 0}`),
  );
  if (flags.confirm) await confirmSlot(device, slot);
  say("CRC right; the device starts anew");
  await restart(console);
  console.close();
  await sleep(RETRY_MS);
  await awaitBuild(flags.port, buildId);
  if (!flags.confirm)
    say(
      "It is on trial: the first time that a CSMS accepts it, it stays; otherwise the old build runs again after four starts of 15 minutes.",
    );
}

/** Waits until the device has started the build. */
async function awaitBuild(port: string, buildId: string): Promise<void> {
  const late = Date.now() + RESTART_MS;
  for (;;) {
    try {
      const console = await DeviceConsole.open(port);
      const { running, slots } = await meet(console);
      console.close();
      const runs = slots[running]?.buildId;
      if (runs === buildId) return say(`The device runs build ${buildId}.`);
      throw new Error(`The device runs build ${runs || "none"} and not ${buildId}.`);
    } catch (error) {
      if (Date.now() > late) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function checkBoard(board: string): void {
  if (!existsSync(path.join(PROJECT_ROOT, "boards", board, "board.ts")))
    throw new UsageError(`There is no board "${board}" in boards/.`);
}

/** Its serial port is not the engine's. */
function hasNoConsole(board: string): boolean {
  const data = boardData(board);
  return "HAS_CONSOLE" in data && data.HAS_CONSOLE === 0;
}

async function writeWhole(flags: Flags): Promise<void> {
  const parts: Part[] = flags.engineFirmware === undefined ? [] : engineParts(flags.engineFirmware);
  if (flags.image) {
    if (flags.board === undefined) throw new UsageError("--image needs --board, because an empty chip does not say what it is.");
    checkBoard(flags.board);
    parts.push(storagePart(await targetImage(flags.board), path.join(PROJECT_ROOT, "dist", flags.board, "partition.bin")));
  }
  runEsptool(flags.port, parts);
}

function say(text: string): void {
  process.stdout.write(text + "\n");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await run(async () => {
  const flags = parseFlags(process.argv.slice(2));
  await (flags.image || flags.engineFirmware !== undefined ? writeWhole(flags) : update(flags));
});
