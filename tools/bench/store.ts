/**
 * What a charging session costs on flash: bytes of an event in raw and in packed pages, as the reference reader finds them, and erased
 * pages. The station runs on the Node engine, whose raw flash is the same, and begins on a flash whose journal pages are all used up, so
 * that every page that it takes is an erased page.
 */
import { Rig } from "../budget/rig.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { bytesPerEvent } from "../build/huffman.ts";
import { isEvent, rawPage, readJournal } from "../flash/journal.ts";
import { HEADER_BYTES, JOURNAL_PAGES, PAGE_BYTES, RAW_BYTES } from "../flash/pages.ts";
import { MODEL_NAMES, MODELS, Random, session, type ModelName } from "../flash/sessions.ts";
import { blankChip } from "../sim/flash.ts";

export interface StoreFigures {
  hours: number;
  raw: { events: number; bytesPerEvent: number };
  /** Null when nothing was packed in that time. */
  packed: { events: number; bytesPerEvent: number } | null;
  erases: { offline: number; online: number };
  /** Most frames of the firmware while it recorded, packed and delivered. */
  depth: number;
}

export interface ModelFigures {
  name: ModelName;
  plain: number;
  packed: number;
}

const MINUTE = 60;
/** Minutes after the session's end in which a full raw page is packed at the latest. */
const MOST_MINUTES_MORE = 300;
const DONE_AT = HEADER_BYTES - 1;

/** The training's sessions, which are not the station's own: bytes of an event for each kind of noise. */
export function modelFigures(): ModelFigures[] {
  return MODEL_NAMES.map((name) => ({ name, ...bytesPerEvent(name) }));
}

export async function measureStore(image: Uint8Array, hours: number): Promise<StoreFigures> {
  const offline = await onRig(image, async (rig) => {
    await rig.post("/network", { up: false });
    const erases = await minutes(rig, hours * 60);
    const first = readJournal(await rawArea(rig));
    // Samples go on until a page has been packed, if the session was one of hours.
    let journal = first;
    for (let more = 0; hours >= 8 && journal.blocks.length === 0 && more < MOST_MINUTES_MORE; more += 10) {
      await minutes(rig, 10);
      journal = readJournal(await rawArea(rig));
    }
    await rig.post("/network", { up: true });
    await rig.settled();
    return { erases, first, journal, depth: rig.station.deepest() ?? 0 };
  });
  const online = await onRig(image, (rig) => minutes(rig, hours * 60));
  const plain = offline.first.entries.filter(({ block, record, queued }) => block === undefined && queued && isEvent(record));
  const plainBytes = plain.reduce((sum, { bytes }) => sum + bytes, 0);
  const { blocks } = offline.journal;
  const packed = blocks.reduce((sum, { events }) => sum + events, 0);
  return {
    hours,
    raw: { events: plain.length, bytesPerEvent: plainBytes / plain.length },
    packed: packed === 0 ? null : { events: packed, bytesPerEvent: blocks.reduce((sum, { size }) => sum + size, 0) / packed },
    erases: { offline: offline.erases, online },
    depth: offline.depth,
  };
}

/** Runs `work` with a car that charges at a station on a worn flash. */
async function onRig<T>(image: Uint8Array, work: (rig: Rig) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-"));
  try {
    const flash = path.join(directory, "flash.bin");
    writeFileSync(flash, wornChip());
    const rig = await Rig.start({ engine: "node", image, evses: 1, flash });
    try {
      await rig.settled();
      await rig.charge();
      await rig.settled();
      return await work(rig);
    } finally {
      await rig.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Erased pages while a car charges for so many minutes at a current that wanders a little. */
async function minutes(rig: Rig, count: number): Promise<number> {
  const random = new Random(count);
  const before = (await rig.station.state()).flash.erases;
  for (let minute = 0; minute < count; minute++) {
    await rig.post("/evse/1/ev", { draw: true, amps: Math.round((16 + random.noise() * 0.1) * 100) / 100 });
    await rig.advance(Math.min(MINUTE, Math.round((count - minute) * MINUTE)));
  }
  return (await rig.station.state()).flash.erases - before;
}

async function rawArea(rig: Rig): Promise<Uint8Array> {
  return ((await rig.station.get("/flash")).body as Buffer).subarray(0, RAW_BYTES);
}

/** A blank chip whose journal has been through all its pages: sessions that the CSMS has confirmed. */
function wornChip(): Buffer {
  const chip = blankChip();
  const random = new Random(8);
  for (let page = 0; page < JOURNAL_PAGES.count; page++) {
    const records = session(MODELS["steady, 1 phase"], random, { events: 400, interval: MINUTE, evse: 0 });
    const { page: bytes } = rawPage(page + 1, records, () => true);
    // The station goes on in the last one.
    if (page < JOURNAL_PAGES.count - 1) bytes[DONE_AT] = 0;
    chip.set(bytes, (JOURNAL_PAGES.first + page) * PAGE_BYTES);
  }
  return chip;
}
