/**
 * `npm start`: CSMS and simulated station in one process, their frames in words, and the demo on a key press. Takes the
 * options of the simulator.
 */
import { CommanderError } from "commander";
import type { Csms, LogEntry } from "../csms/csms.ts";
import { startEmbeddedCsms } from "../csms/embedded.ts";
import { Feed } from "../csms/feed.ts";
import { startCsmsPage, type CsmsPage } from "../csms/page.ts";
import { clean, FrameWords } from "../csms/words.ts";
import { Recorder, recordedOptions } from "../scenario/record.ts";
import { parseOptions } from "../sim/options.ts";
import { startStation, UsageError, type Frame, type Station } from "../sim/sim.ts";
import { Control } from "./control.ts";
import { READING_PAUSE_MS, runDemo } from "./demo.ts";

/** ms in which everything has to be closed at the end. */
const LAST_MOMENT = 1500;
const KEEP_FRAMES = 10_000;
/** ctrl-C and ctrl-D arrive as characters while single keys are read. */
const ENDING_KEYS = ["q", "\u0003", "\u0004"];
const DEMO_KEYS = ["d", "\r", "\n"];

let csms: Csms | null = null;
let station: Station | null = null;
let page: CsmsPage | null = null;
let demoRuns = false;

async function finish(status = 0): Promise<never> {
  setTimeout(() => process.exit(status), LAST_MOMENT).unref();
  await station?.close();
  await page?.close();
  await csms?.close();
  process.exit(status);
}

/** Frames are told by the station; of the CSMS its connections and what it has to complain about. */
function heard({ kind, identity, text }: LogEntry): void {
  if (kind === "LINK") console.log(clean(`-- ${identity} ${text}`));
  else if (kind !== "FRAME") console.log(clean(`!! ${kind} ${text}`));
}

async function demo(url: string): Promise<void> {
  if (demoRuns) return;
  demoRuns = true;
  try {
    const options = { control: new Control(url), print: console.log, quiet: true, pauseMs: READING_PAUSE_MS };
    console.log(`== ${await runDemo(options)}`);
  } catch (error) {
    console.log(`== the demo has failed: ${(error as Error).message}`);
  }
  demoRuns = false;
}

function listenToKeys(url: string): void {
  process.stdin.setRawMode(true).setEncoding("utf8");
  process.stdin.on("data", (keys) => {
    for (const key of String(keys)) {
      if (ENDING_KEYS.includes(key)) void finish();
      if (DEMO_KEYS.includes(key)) void demo(url);
    }
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  process.once("SIGTERM", () => void finish());
  process.once("SIGINT", () => void finish());
  const feed = new Feed();
  if (options.csms === undefined) {
    const now = (): number => station?.now() ?? Date.now();
    const log = (entry: LogEntry): void => {
      heard(entry);
      feed.log(entry);
    };
    csms = await startEmbeddedCsms({ password: options.password, now, log, keepFrames: KEEP_FRAMES });
    options.csms = csms.url;
  }
  station = await startStation({ ...options, print: (line) => console.error(line) });
  const recorder = new Recorder(station, { station: recordedOptions(options) });
  if (csms) {
    const record = (body: unknown): ReturnType<Recorder["call"]> => recorder.call(body);
    page = await startCsmsPage(feed, {
      csms,
      record,
      stationPage: String(station.url),
      profileChosen: (profile) => recorder.profile(profile),
    });
    station.besideCsmsPage(page.url);
  }
  const url = String(station.url);
  for (const note of station.notes) console.log(note);
  console.log(`csms ${options.csms}`);
  console.log(`build ${station.buildId}`);
  console.log(`control ${url}`);
  if (page) console.log(`csms page ${page.url}`);
  const words = new FrameWords();
  const tell = ({ t, dir, text }: Frame): void => console.log(words.line({ t, from: dir === "out" ? "station" : "csms", text }));
  station.frames().forEach(tell);
  station.onFrame(tell);
  if (process.stdin.isTTY) {
    console.log("d or Enter: a car comes and charges; q: end");
    listenToKeys(url);
  } else console.log(`npm run demo -- --url ${url} lets a car come and charge`);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const usage = error instanceof UsageError || error instanceof CommanderError;
  const { message } = error as Error;
  // Of a wrong option the first line is the sentence; what a failed build finds has several.
  console.error(usage ? message.replace(/^error: /, "").replace(/\n[^]*$/, "") : message);
  await finish(usage ? 2 : 1);
}
