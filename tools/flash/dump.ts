/** `npm run flash-dump -- FILE [--block N] [--gzip OUT]`: what a flash file of the simulator holds, in words. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chosenSlot, slotsOf } from "../image/slot.ts";
import { decodeStorage } from "../image/storage.ts";
import { UsageError } from "../sim/engine.ts";
import { CHIP_BYTES, RAW_BYTES } from "../sim/flash.ts";
import { readJournal, type Journal } from "./journal.ts";
import { readProfiles } from "./profiles.ts";
import { readSecurityLog } from "./security-log.ts";
import { readImage, readSettings } from "./settings.ts";
import { readTokens } from "./tokens.ts";
import { entryWords, journalWords, profilesWords, securityWords, settingsWords, tokensWords } from "./words.ts";

interface Flags {
  block?: number;
  gzip?: string;
}

/** Everything that the flash `chip` (raw area, then Storage) holds. */
export function dump(chip: Uint8Array): string[] {
  const raw = chip.subarray(0, RAW_BYTES);
  let image: ReturnType<typeof readImage> = { table: [] };
  let build: string;
  let slots: string[] = [];
  try {
    image = readImage(chip.subarray(RAW_BYTES));
    slots = slotWords(chip.subarray(RAW_BYTES));
    build = image.buildId === undefined ? "Image: none" : `Image: build ${image.buildId}`;
    if (image.table.length === 0) build += "; without its variable table, settings are listed by their keys";
  } catch (error) {
    build = `Image: damaged (${(error as Error).message.replace(/\.$/, "")}); settings are listed by their keys`;
  }
  const journal = readJournal(raw);
  return [
    build,
    ...slots,
    "",
    ...settingsWords(readSettings(raw, image.table)),
    "",
    ...journalWords(journal),
    "",
    ...securityWords(readSecurityLog(raw)),
    "",
    ...tokensWords(readTokens(raw)),
    "",
    ...profilesWords(readProfiles(raw), journal),
  ];
}

/** The two slots of code. */
function slotWords(storage: Uint8Array): string[] {
  const { slots } = slotsOf(decodeStorage(storage)) ?? { slots: [] };
  const next = chosenSlot(slots);
  return slots.map((slot, number) => {
    if (!slot) return `  slot ${number}: no build`;
    const state = slot.confirmed ? "confirmed" : `on trial, ${slot.tries} starts left`;
    return `  slot ${number}: build ${slot.buildId}, update ${slot.sequence}, ${state}${number === next ? ", starts next" : ""}`;
  });
}

/** The records of a packed block. */
function dumpBlock({ entries, blocks }: Journal, number: number): string[] {
  const { events, size, bytes } = blocks[number - 1];
  return [
    `Block ${number}: ${events} events, ${bytes.length} bytes packed in ${size}`,
    ...entries
      .filter(({ block, record }) => block === number && record.kind !== "context")
      .map((entry) => "  " + entryWords(entry)),
  ];
}

function blockNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1.");
  return Number(text);
}

function readChip(file: string): Buffer {
  let chip: Buffer;
  try {
    chip = readFileSync(file);
  } catch {
    throw new UsageError(`${file}: the file cannot be read.`);
  }
  if (chip.length !== CHIP_BYTES) throw new UsageError(`${file} has ${chip.length} bytes; a flash file has ${CHIP_BYTES}.`);
  return chip;
}

/** Output of the command line `args` (without node and script); `UsageError` or `CommanderError` when it makes no sense. */
export function run(args: readonly string[]): string[] {
  const program = new Command("flash-dump")
    .description("Lists settings, journal, queue, security log, tokens and charging profiles of a flash file.")
    .argument("<file>", "flash file of the simulator")
    .option("--block <n>", "only this packed block of the journal", blockNumber)
    .option("--gzip <out>", "write the block to a file that gunzip opens")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.parse([...args], { from: "user" });
  const { block, gzip } = program.opts<Flags>();
  if (gzip !== undefined && block === undefined) throw new UsageError("--gzip needs the number of a block in --block.");
  const chip = readChip(program.args[0]);
  if (block === undefined) return dump(chip);
  const journal = readJournal(chip.subarray(0, RAW_BYTES));
  const chosen = journal.blocks.at(block - 1);
  if (!chosen)
    throw new UsageError(`--block ${block}: the journal has ${journal.blocks.length || "no"} packed blocks that can be read.`);
  if (gzip === undefined) return dumpBlock(journal, block);
  try {
    writeFileSync(gzip, chosen.gzip);
  } catch {
    throw new UsageError(`--gzip ${gzip}: the file cannot be written.`);
  }
  return [`${gzip}: block ${block}, ${chosen.bytes.length} bytes in ${chosen.gzip.length}; gunzip opens it.`];
}

function main(): void {
  // A reader such as head that has seen enough.
  process.stdout.on("error", () => process.exit(0));
  try {
    process.stdout.write(run(process.argv.slice(2)).join("\n") + "\n");
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
    if (!(error instanceof UsageError || error instanceof CommanderError)) throw error;
    process.stderr.write(error.message.replace(/^error: /, "").replace(/\n[^]*$/, "") + "\n");
    process.exit(2);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
