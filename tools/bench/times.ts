/**
 * Times on the engine: from the last byte of a request that passes the simulator's relay to the last byte of the answer, and from
 * power on to BootNotification. Beside them the engine's own JSON.parse of the same texts, in a program that does nothing else. Both are
 * told as the processor's time as well, because a machine that has other things to do makes the others longer.
 */
import { encodeStorage } from "../image/storage.ts";
import { parseTable } from "../image/variables.ts";
import { storedTable } from "../sim/image.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import { startStation } from "../sim/sim.ts";
import { EngineClock, ownPart, SCHEDSTAT } from "./cpu.ts";
import { Site, sleep } from "./site.ts";

export interface TimeFigure {
  name: "small" | "kilobyte" | "inventory";
  /** Of all its requests together. */
  requests: number;
  requestBytes: number;
  answerBytes: number;
  /** Medians, ms: by the clock, and of the processor. */
  ms: number;
  cpuMs: number;
  /** Part of `cpuMs` that is the engine's, not Linux's, which reads the flash from a file. */
  ownPart: number;
  /** Of the processor. */
  parseMs: number;
}

export interface TimeFigures {
  times: TimeFigure[];
  bootMs: number;
  bootCpuMs: number;
  bootOwnPart: number;
  /** Simulated seconds that the start took. */
  bootSeconds: number;
}

interface Request {
  action: string;
  payload: string;
}

const ITEMS_A_REQUEST = 40;
const BYTES_A_REQUEST = 3900;
const KILOBYTE = 1024;
const ROUNDS = 7;
const PARSE_MS = 100;
/** Room for all that JSON.parse makes of a request; the firmware needs none of it. */
const PARSE_VARIABLES = 8000;
const PATIENCE_MS = 20_000;
const BOOT_MS = 300;

export async function measureTimes(image: Uint8Array): Promise<TimeFigures> {
  const binary = espruinoBinary(process.env);
  const clock = new EngineClock(binary);
  process.env.ESPRUINO = clock.launcher;
  try {
    return await measured(image, clock);
  } finally {
    process.env.ESPRUINO = binary;
    clock.close();
  }
}

async function measured(image: Uint8Array, clock: EngineClock): Promise<TimeFigures> {
  const site = await Site.open({ engine: "espruino", image, evses: 2, startOnPower: false });
  const times: TimeFigure[] = [];
  let begun: Omit<TimeFigures, "times">;
  let kinds: Map<TimeFigure["name"], Request[]>;
  try {
    begun = await boot(site, clock);
    await site.settled();
    await site.advance(3);
    kinds = requestsOf(storedTable((await site.station.get("/flash")).body as Buffer)!);
    for (const [name, requests] of kinds) times.push(await timesOf(site, clock, name, requests));
  } finally {
    await site.close();
  }
  for (const time of times) time.parseMs = await parseTime(kinds.get(time.name)!.map((one) => textOf(time.name, one)));
  return { times, ...begun };
}

async function timesOf(site: Site, clock: EngineClock, name: TimeFigure["name"], requests: Request[]): Promise<TimeFigure> {
  const rounds: Answered[] = [];
  const before = clock.spent();
  for (let round = 0; round < ROUNDS; round++) {
    const sum: Answered = { ms: 0, cpuMs: 0, bytes: 0 };
    for (const [number, request] of requests.entries()) {
      const one = await answered(site, clock, textOf(`${name}${round}-${number}`, request));
      sum.ms += one.ms;
      sum.cpuMs += one.cpuMs;
      sum.bytes += one.bytes;
    }
    rounds.push(sum);
  }
  return {
    name,
    requests: requests.length,
    requestBytes: requests.reduce((sum, request) => sum + textOf(name, request).length, 0),
    answerBytes: rounds[0].bytes,
    ms: median(rounds.map(({ ms }) => ms)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    ownPart: ownPart(clock, before),
    parseMs: 0,
  };
}

interface Answered {
  ms: number;
  cpuMs: number;
  /** Of the answer. */
  bytes: number;
}

async function answered(site: Site, clock: EngineClock, text: string): Promise<Answered> {
  const id = JSON.stringify((JSON.parse(text) as string[])[1]);
  const noted = await new Promise<Answered>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${id} is not answered`)), PATIENCE_MS);
    let came = 0;
    let cpu = 0;
    site.heard = ({ dir, text }) => {
      if (dir === "in" && text.startsWith(`[2,${id}`)) {
        came = performance.now();
        cpu = clock.now();
      } else if (dir === "out" && text.startsWith(`[3,${id}`)) {
        clearTimeout(late);
        resolve({ ms: performance.now() - came, cpuMs: clock.now() - cpu, bytes: Buffer.byteLength(text) });
      }
    };
    site.raw(text);
  });
  // The station's own business, if it has some, comes between the requests.
  await sleep(30);
  return noted;
}

async function boot(site: Site, clock: EngineClock): Promise<Omit<TimeFigures, "times">> {
  const begin = performance.now();
  let bootMs = 0;
  let bootCpuMs = 0;
  let bootOwnPart = 1;
  site.heard = ({ dir, text }) => {
    if (bootMs > 0 || dir !== "out" || !text.includes('"BootNotification"')) return;
    bootMs = performance.now() - begin;
    bootCpuMs = clock.now();
    bootOwnPart = ownPart(clock, { own: 0, system: 0 });
  };
  await site.post("/power", { on: true });
  let bootSeconds = 0;
  for (const end = Date.now() + PATIENCE_MS; bootMs === 0;) {
    if (Date.now() > end) throw new Error("no BootNotification");
    // Seconds that the firmware waits are not its work: they pass at once.
    await site.advance(1);
    bootSeconds++;
    await sleep(1);
  }
  return { bootMs, bootCpuMs, bootOwnPart, bootSeconds };
}

/** The requests whose times are told; `table` is the firmware's variable table. */
function requestsOf(table: string): Map<TimeFigure["name"], Request[]> {
  const items = inventory(table);
  const kilobyte: string[] = [];
  while (getVariables([...kilobyte, items[kilobyte.length]]).payload.length < KILOBYTE - 40)
    kilobyte.push(items[kilobyte.length]);
  const all: string[][] = [[]];
  for (const item of items) {
    const last = all[all.length - 1];
    if (last.length < ITEMS_A_REQUEST && getVariables([...last, item]).payload.length < BYTES_A_REQUEST) last.push(item);
    else all.push([item]);
  }
  return new Map([
    ["small", [{ action: "TriggerMessage", payload: '{"requestedMessage":"LogStatusNotification"}' }]],
    ["kilobyte", [getVariables(kilobyte)]],
    ["inventory", all.map(getVariables)],
  ]);
}

/** An item of GetVariables for each variable that a CSMS can see, on a station with one connector at each of two EVSEs. */
function inventory(table: string): string[] {
  const items: string[] = [];
  for (const { component, variable, instance, scope, mutability } of parseTable(table)) {
    if (mutability === "-") continue;
    const places =
      scope === "station" ? [""] : [1, 2].map((id) => `,"evse":{"id":${id}${scope === "connector" ? ',"connectorId":1' : ""}}`);
    const more = instance === "" ? "" : `,"instance":"${instance}"`;
    for (const place of places)
      items.push(`{"component":{"name":"${component}"${place}},"variable":{"name":"${variable}"${more}}}`);
  }
  return items;
}

function getVariables(items: readonly string[]): Request {
  return { action: "GetVariables", payload: `{"getVariableData":[${items.join(",")}]}` };
}

function textOf(id: string, { action, payload }: Request): string {
  return `[2,"${id}","${action}",${payload}]`;
}

/** ms of the processor that JSON.parse takes for these texts, one after the other, in RAM as the firmware has them. */
async function parseTime(texts: readonly string[]): Promise<number> {
  const program = `
function now(){return parseInt(require("fs").readFileSync("${SCHEDSTAT}"))/1000000}
function run(n){var s=""+require("Storage").read("t"+n),k=0,t=now(),d=0;
while(d<${PARSE_MS}){for(var i=0;i<50;i++)if(!JSON.parse(s))return;k+=50;d=now()-t}
print("parse",n,d/k)}
setTimeout(function(){for(var n=0;n<${texts.length};n++)run(n)},10)`;
  const files = [{ name: ".bootcde", bytes: Buffer.from(program) }];
  texts.forEach((text, n) => files.push({ name: `t${n}`, bytes: Buffer.from(text) }));
  const found = new Map<number, number>();
  const print = (line: string): void => {
    const match = /^parse (\d+) ([\d.]+)/.exec(line);
    if (match) found.set(Number(match[1]), Number(match[2]));
  };
  const { JSVARS } = process.env;
  process.env.JSVARS = String(PARSE_VARIABLES);
  const station = await startStation({ engine: "espruino", image: encodeStorage(files), patience: BOOT_MS, print });
  process.env.JSVARS = JSVARS;
  try {
    for (const end = Date.now() + PATIENCE_MS; found.size < texts.length;) {
      if (Date.now() > end) throw new Error("the engine does not tell how long JSON.parse takes");
      await sleep(20);
    }
    return [...found.values()].reduce((sum, ms) => sum + ms, 0);
  } finally {
    await station.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
