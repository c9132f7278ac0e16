/**
 * Bytes that an event takes in the journal: a session with the default measurands and a sample a minute, current with noise, without a
 * link, on the Node engine, whose raw flash is the same.
 */
import { RAW_BYTES } from "../sim/flash.ts";
import { Rig } from "./rig.ts";

export interface JournalFigure {
  noise: string;
  events: number;
  bytes: number;
  bytesPerEvent: number;
}

const EVENTS = 200;
const PAGE_BYTES = 4096;
const BLANK = 0xff;
/** Amperes drawn in each minute, from a random number in 0..1. */
const NOISES: Record<string, (random: number) => number> = {
  "10 A ± 0.2 A": (random) => 10 + (random - 0.5) * 0.4,
  "6 A to 16 A": (random) => 6 + random * 10,
};

export async function measureJournal(image: Uint8Array): Promise<JournalFigure[]> {
  const figures: JournalFigure[] = [];
  for (const [noise, amps] of Object.entries(NOISES)) figures.push(await session(image, noise, amps));
  return figures;
}

async function session(image: Uint8Array, noise: string, amps: (random: number) => number): Promise<JournalFigure> {
  const rig = await Rig.start({ engine: "node", image, evses: 1 });
  try {
    await rig.settled();
    await rig.charge(1, amps(0.5));
    await rig.settled();
    await rig.post("/network", { up: false });
    const random = generator(1);
    const before = await occupied(rig);
    const atFirst = (await rig.station.state()).queue.events;
    let events = 0;
    for (let minute = 1; events < EVENTS; minute++) {
      if (minute > EVENTS * 2) throw new Error(`the journal holds ${events} events after ${minute} minutes`);
      await rig.post("/evse/1/ev", { draw: true, amps: Math.round(amps(random()) * 100) / 100 });
      await rig.advance(60);
      events = (await rig.station.state()).queue.events - atFirst;
    }
    const bytes = (await occupied(rig)) - before;
    return { noise, events, bytes, bytesPerEvent: bytes / events };
  } finally {
    await rig.close();
  }
}

/** Bytes of the raw area up to the last programmed one of each page. */
async function occupied(rig: Rig): Promise<number> {
  const raw = ((await rig.station.get("/flash")).body as Buffer).subarray(0, RAW_BYTES);
  let bytes = 0;
  for (let page = 0; page < RAW_BYTES; page += PAGE_BYTES) {
    let end = PAGE_BYTES;
    while (end > 0 && raw[page + end - 1] === BLANK) end--;
    bytes += end;
  }
  return bytes;
}

/** Numbers in 0..1, the same ones each time (Park and Miller). */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
}
