/**
 * Power cuts on the real engine: it boots on the flash as it was at a moment of the scripted day, the power fails in one of its own flash
 * operations (or the process is killed at a random time), and after another boot the same model judges what came.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCsms } from "../csms/csms.ts";
import { Random } from "../flash/sessions.ts";
import { startStation, type Station } from "../sim/sim.ts";
import { chipWith, EVSES, type Day } from "./day.ts";
import { Past } from "./cuts.ts";
import { eventsOf, expectation, judge, told, type Told } from "./model.ts";
import type { Heard, Payload } from "./peer.ts";

export interface EngineCut {
  /** Moment of the day whose flash the engine boots on. */
  n: number;
  /** The cut: in the `k`-th operation after the boot, or a kill so many ms after it. */
  end: { k: number; torn: boolean } | { killAfter: number };
}

/** Simulated seconds without a frame after which nothing more comes. */
const PATIENCE = 60;
const POLL_MS = 30;
/** Events that most runs find in the queue at most: the engine takes its time for each. */
const SHORT_QUEUE = 25;
const CARD = "AB12CD34";

/** Cuts and kills at random moments, most of them soon after the boot, some amid the delivery. */
export function engineCutsAt(day: Day, cuts: number, kills: number, random: Random): EngineCut[] {
  const events = eventsOf(day);
  const short = day.operations.flatMap((_, n) => {
    const { recorded, confirmed } = expectation(day, events, n);
    return recorded - confirmed[0] <= SHORT_QUEUE ? [n] : [];
  });
  const moment = (): number => (random.below(20) === 0 ? random.below(day.operations.length) : random.pick(short));
  return [
    ...Array.from({ length: cuts }, () => {
      const k = 1 + (random.below(2) === 0 ? random.below(10) : random.below(60));
      return { n: moment(), end: { k, torn: random.below(2) === 0 } };
    }),
    ...Array.from({ length: kills }, () => ({ n: moment(), end: { killAfter: random.below(700) } })),
  ].sort((a, b) => a.n - b.n);
}

/** The TransactionEvents that the station has sent, with the number of the boot. */
function heardFrom(station: Station): Heard[] {
  const heard: Heard[] = [];
  let boot = 0;
  for (const { dir, text } of station.frames()) {
    if (dir !== "out" || !text.startsWith("[2,")) continue;
    const [, , action, payload] = JSON.parse(text) as [number, string, string, Payload];
    if (action === "BootNotification") boot++;
    if (action === "TransactionEvent") heard.push({ payload, boot, operations: 0 });
  }
  return heard;
}

/** Waits in real time until everything is delivered; simulated time moves on when nothing else does. */
async function drained(station: Station): Promise<boolean> {
  let seen = -1;
  let idle = 0;
  while (idle < PATIENCE) {
    const { powered, online, registration, queue } = await station.state();
    if (!powered) return false;
    if (online && registration === "Accepted" && queue.events === 0) return true;
    const frames = station.frames().length;
    if (frames === seen) {
      idle++;
      await station.post("/clock", { advance: 1 });
    } else {
      idle = 0;
      await sleep(POLL_MS);
    }
    seen = frames;
  }
  return false;
}

/** What is wrong after the cut; and whether it came. */
export async function cutOnEngine(
  day: Day,
  events: readonly Told[],
  past: Past,
  { n, end }: EngineCut,
): Promise<{ faults: string[]; came: boolean }> {
  const directory = mkdtempSync(join(tmpdir(), "powercut-"));
  const flash = join(directory, "flash.bin");
  const holder: { station?: Station } = {};
  const csms = await startCsms({ port: 0, interval: 86_400, now: () => holder.station?.now() ?? Date.now() });
  try {
    writeFileSync(flash, chipWith(day, past.before(n)));
    const snapshot = day.snapshots.filter(({ operations }) => operations <= n).at(-1)!;
    writeFileSync(flash + ".hardware.json", JSON.stringify({ evses: snapshot.hardware }));
    const station = await startStation({
      engine: "espruino",
      csms: csms.url,
      flash,
      timeScale: 0,
      startOnPower: false,
      patience: 30_000,
      seed: n,
    });
    holder.station = station;
    try {
      const faults: string[] = [];
      let came = true;
      if ("k" in end) {
        await station.post("/power", { cutAfterFlashOps: end.k, torn: end.torn });
        await station.post("/power", { on: true });
        came = !(await drained(station)) && !(await station.state()).powered;
        // A cut that did not come is not to come later.
        await station.post("/power", { on: false });
      } else {
        // The kill may leave these two without an answer.
        const work = Promise.allSettled([
          station.post("/power", { on: true }).then(() => station.post("/clock", { advance: 3 })),
        ]);
        await sleep(end.killAfter);
        await station.post("/power", { on: false });
        await work;
      }
      await station.post("/power", { on: true });
      if (!(await drained(station))) faults.push("the station does not deliver");
      faults.push(...judge(expectation(day, events, n), heardFrom(station)).faults);
      faults.push(...(await useIt(station)));
      faults.push(...csms.violations.map(({ reason }) => reason));
      return { faults: [...new Set(faults)], came };
    } finally {
      await station.close();
    }
  } finally {
    await csms.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A further session at each EVSE. */
async function useIt(station: Station): Promise<string[]> {
  const faults: string[] = [];
  for (let evse = 1; evse <= EVSES; evse++) {
    const from = heardFrom(station).length;
    await station.post(`/evse/${evse}/unplug`, { force: true });
    await station.post("/clock", { advance: 1 });
    await station.post(`/evse/${evse}/plug`);
    await station.post(`/evse/${evse}/ev`, { draw: true, amps: 16 });
    const card = { idToken: CARD, type: "ISO14443", evse };
    await station.post("/tap", card);
    for (let second = 0; second < 10 && !(await station.state()).evses[evse - 1].contactor; second++) {
      await station.post("/clock", { advance: 1 });
    }
    if (!(await station.state()).evses[evse - 1].contactor) faults.push(`EVSE ${evse} does not charge`);
    await station.post("/tap", card);
    await drained(station);
    const came = heardFrom(station)
      .slice(from)
      .map(({ payload }) => told(payload));
    if (came.at(-1)?.stopped !== "Local" || came[0].token !== CARD) faults.push(`no further session at EVSE ${evse}`);
    await station.post(`/evse/${evse}/unplug`, { force: true });
  }
  return faults;
}

/** Runs them one after the other and tells of the progress. */
export async function engineCuts(day: Day, cuts: readonly EngineCut[]): Promise<[points: number, failures: number]> {
  const past = new Past(day);
  const events = eventsOf(day);
  let failures = 0;
  let came = 0;
  let shown = Date.now();
  for (const [i, cut] of cuts.entries()) {
    const { faults, came: happened } = await cutOnEngine(day, events, past, cut).catch((error: unknown) => ({
      faults: [String(error)],
      came: false,
    }));
    if (happened) came++;
    if (faults.length > 0) {
      failures++;
      console.log(`  ${JSON.stringify(cut)}: ${faults.join("; ").slice(0, 400)}`);
    }
    if (Date.now() - shown > 10_000) {
      shown = Date.now();
      console.log(`engine: ${i + 1} of ${cuts.length}, ${failures} failures`);
    }
  }
  console.log(`On the engine: ${cuts.length} runs, the power failed in ${came} of them, ${failures} failures.`);
  return [came, failures];
}
