/**
 * `npm run csms`: the embedded CSMS alone, with the frames in words and a prompt.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearLine, createInterface, cursorTo } from "node:readline";
import { startCsms, type Csms, type CsmsFrame, type LogEntry } from "./csms.ts";
import { Feed } from "./feed.ts";
import { readOptions, USAGE, UsageError, type Options } from "./options.ts";
import { startCsmsPage, type CsmsPage } from "./page.ts";
import { Prompt } from "./prompt.ts";
import { masked } from "../page/shared/secrets.ts";
import { clean, FrameWords } from "./words.ts";

const KEEP_FRAMES = 10_000;

/** A wrong command line: one sentence and status 2. */
function refuse(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function sentenceOf(error: NodeJS.ErrnoException, host: string, port: number, option: string): string {
  if (error.code === "EADDRINUSE") return `port ${port} is in use; choose another one with ${option}`;
  if (error.code === "EACCES") return `port ${port} is not allowed for this user; choose another one with ${option}`;
  return `cannot listen on ${host} port ${port}: ${error.message}`;
}

function timeOfDay(t: number): string {
  return new Date(t).toISOString().slice(11, 19);
}

/** Tells frames in words, a vocabulary for each station. */
class Narrator {
  private readonly words = new Map<string, FrameWords>();

  constructor(
    private readonly options: Options,
    private readonly print: (line: string) => void,
  ) {}

  log({ t, kind, identity, text, frame }: LogEntry): void {
    if (frame) this.print(this.options.json ? JSON.stringify({ ...frame, text: masked(frame.text) }) : this.told(frame));
    else if (this.options.json) this.print(JSON.stringify({ t, kind, identity, text }));
    else this.print(clean([timeOfDay(t), identity, ...(kind === "LINK" ? [] : [kind]), text].join(" ")));
  }

  private told({ t, dir, identity, text }: CsmsFrame): string {
    let words = this.words.get(identity);
    if (!words) this.words.set(identity, (words = new FrameWords()));
    const line = words.line({ t, from: dir === "in" ? "station" : "csms", text });
    return line.replace(" ", ` ${clean(identity)} `);
  }
}

async function main(options: Options): Promise<void> {
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const input = createInterface({ input: process.stdin, ...(terminal && { output: process.stdout }), prompt: "csms> " });
  const print = (text: string): void => {
    if (terminal) {
      clearLine(process.stdout, 0);
      cursorTo(process.stdout, 0);
    }
    console.log(text);
    if (terminal) input.prompt(true);
  };
  const narrator = new Narrator(options, print);
  const feed = new Feed();
  const log = (entry: LogEntry): void => {
    narrator.log(entry);
    feed.log(entry);
  };
  let csms: Csms;
  try {
    csms = await startCsms({ ...options, keepFrames: KEEP_FRAMES, log });
  } catch (error) {
    refuse(sentenceOf(error as NodeJS.ErrnoException, options.host, options.port, "--port"));
  }
  let page: CsmsPage;
  try {
    page = await startCsmsPage(feed, { csms }, options.page);
  } catch (error) {
    refuse(sentenceOf(error as NodeJS.ErrnoException, "127.0.0.1", options.page ?? 0, "--page"));
  }
  const tell = (text: string): void => narrator.log({ t: Date.now(), kind: "LINK", identity: "csms", text });
  tell(`${csms.url} (${options.protocols.join(", ")}; stations append /IDENTITY; help lists the commands)`);
  tell(`page ${page.url}`);
  let scratch: string | null = null;
  if (csms.ca !== null) {
    scratch = mkdtempSync(join(tmpdir(), "csms-"));
    writeFileSync(join(scratch, "root.pem"), csms.ca);
    tell(`root certificate ${join(scratch, "root.pem")}`);
  }
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
    await page.close();
    await csms.close();
    process.exit(0);
  };
  process.once("SIGTERM", end).once("SIGINT", end);
  const prompt = new Prompt(csms);
  // One after the other, so that a list of commands from a pipe keeps its order.
  let queue = Promise.resolve();
  input.on("line", (line) => {
    queue = queue.then(async () => {
      const said = await prompt.run(line);
      if (said) print(said.split("\n").map(clean).join("\n"));
      if (prompt.ended) await end();
      else if (terminal) input.prompt();
    });
  });
  // Without a terminal the end of the input is no wish to end: the CSMS may run in the background.
  input.on("close", () => {
    if (terminal) void end();
  });
  input.on("SIGINT", () => void end());
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(USAGE);
} catch (error) {
  if (error instanceof UsageError) refuse(error.message);
  throw error;
}
