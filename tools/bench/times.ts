/**
 * Times on the engine: from the last byte of a request that passes the simulator's relay to the last byte of the answer, and from
 * power on to BootNotification. Beside them the engine's own JSON.parse of the same texts, in a program that does nothing else. Both are
 * told as the processor's time as well, because a machine that has other things to do makes the others longer.
 */
import { Rig, sleep } from "../budget/rig.ts";
import { encodeStorage } from "../image/storage.ts";
import { parseTable } from "../image/variables.ts";
import { storedTable } from "../sim/image.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import { startStation } from "../sim/sim.ts";
import { EngineClock, ownPart, SCHEDSTAT } from "./cpu.ts";

export interface TimeFigure {
  name: "small" | "kilobyte" | "inventory";
  requestBytes: number;
  /** Of the answer, and of the report's pages behind it. */
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

const REPORT = "GetBaseReport";
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
  const rig = await Rig.start({ engine: "espruino", image, evses: 2, startOnPower: false });
  const times: TimeFigure[] = [];
  let begun: Omit<TimeFigures, "times">;
  let kinds: Map<TimeFigure["name"], Request>;
  try {
    begun = await boot(rig, clock);
    await rig.settled();
    await rig.advance(3);
    kinds = requestsOf(storedTable((await rig.station.get("/flash")).body as Buffer)!);
    for (const [name, request] of kinds) times.push(await timesOf(rig, clock, name, request));
  } finally {
    await rig.close();
  }
  for (const time of times) time.parseMs = await parseTime(textOf(time.name, kinds.get(time.name)!));
  return { times, ...begun };
}

async function timesOf(rig: Rig, clock: EngineClock, name: TimeFigure["name"], request: Request): Promise<TimeFigure> {
  const rounds: Answered[] = [];
  const before = clock.spent();
  for (let round = 0; round < ROUNDS; round++) rounds.push(await answered(rig, clock, textOf(`${name}${round}`, request)));
  return {
    name,
    requestBytes: textOf(name, request).length,
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
  bytes: number;
}

async function answered(rig: Rig, clock: EngineClock, text: string): Promise<Answered> {
  const [, name, action] = JSON.parse(text) as string[];
  const id = JSON.stringify(name);
  const noted = await new Promise<Answered>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${id} is not answered`)), PATIENCE_MS);
    let came = 0;
    let cpu = 0;
    let bytes = 0;
    rig.heard = ({ dir, text }) => {
      if (dir === "in" && text.startsWith(`[2,${id}`)) {
        came = performance.now();
        cpu = clock.now();
      } else if (dir === "out") {
        const page = text.startsWith("[2,") && text.includes(',"NotifyReport",');
        if (!page && !text.startsWith(`[3,${id}`)) return;
        bytes += Buffer.byteLength(text);
        if (action === REPORT && (!page || text.endsWith('"tbc":true}]'))) return;
        clearTimeout(late);
        resolve({ ms: performance.now() - came, cpuMs: clock.now() - cpu, bytes });
      }
    };
    rig.raw(text);
  });
  // The station's own business, if it has some, comes between the requests.
  await sleep(30);
  return noted;
}

async function boot(rig: Rig, clock: EngineClock): Promise<Omit<TimeFigures, "times">> {
  const begin = performance.now();
  let bootMs = 0;
  let bootCpuMs = 0;
  let bootOwnPart = 1;
  rig.heard = ({ dir, text }) => {
    if (bootMs > 0 || dir !== "out" || !text.includes('"BootNotification"')) return;
    bootMs = performance.now() - begin;
    bootCpuMs = clock.now();
    bootOwnPart = ownPart(clock, { own: 0, system: 0 });
  };
  await rig.post("/power", { on: true });
  let bootSeconds = 0;
  for (const end = Date.now() + PATIENCE_MS; bootMs === 0;) {
    if (Date.now() > end) throw new Error("no BootNotification");
    // Seconds that the firmware waits are not its work: they pass at once.
    await rig.advance(1);
    bootSeconds++;
    await sleep(1);
  }
  return { bootMs, bootCpuMs, bootOwnPart, bootSeconds };
}

/** The requests whose times are told; `table` is the firmware's variable table. */
function requestsOf(table: string): Map<TimeFigure["name"], Request> {
  const items = parseTable(table)
    .filter(({ mutability, scope }) => mutability !== "-" && scope === "station")
    .map(({ component, variable, instance }) => {
      const more = instance === "" ? "" : `,"instance":"${instance}"`;
      return `{"component":{"name":"${component}"},"variable":{"name":"${variable}"${more}}}`;
    });
  const kilobyte: string[] = [];
  while (getVariables([...kilobyte, items[kilobyte.length]]).payload.length < KILOBYTE - 40)
    kilobyte.push(items[kilobyte.length]);
  return new Map([
    ["small", { action: "TriggerMessage", payload: '{"requestedMessage":"LogStatusNotification"}' }],
    ["kilobyte", getVariables(kilobyte)],
    ["inventory", { action: REPORT, payload: '{"requestId":1,"reportBase":"FullInventory"}' }],
  ]);
}

function getVariables(items: readonly string[]): Request {
  return { action: "GetVariables", payload: `{"getVariableData":[${items.join(",")}]}` };
}

function textOf(id: string, { action, payload }: Request): string {
  return `[2,"${id}","${action}",${payload}]`;
}

/** ms of the processor that JSON.parse takes for this text, in RAM as the firmware has it. */
async function parseTime(text: string): Promise<number> {
  const program = `
function now(){return parseInt(require("fs").readFileSync("${SCHEDSTAT}"))/1000000}
function run(){var s=""+require("Storage").read("t"),k=0,t=now(),d=0;
while(d<${PARSE_MS}){for(var i=0;i<50;i++)if(!JSON.parse(s))return;k+=50;d=now()-t}
print("parse",d/k)}
setTimeout(run,10)`;
  const files = [
    { name: ".bootcde", bytes: Buffer.from(program) },
    { name: "t", bytes: Buffer.from(text) },
  ];
  let found: number | undefined;
  const print = (line: string): void => {
    const match = /^parse ([\d.]+)/.exec(line);
    if (match) found = Number(match[1]);
  };
  const { JSVARS } = process.env;
  process.env.JSVARS = String(PARSE_VARIABLES);
  const station = await startStation({ engine: "espruino", image: encodeStorage(files), patience: BOOT_MS, print });
  process.env.JSVARS = JSVARS;
  try {
    for (const end = Date.now() + PATIENCE_MS; found === undefined;) {
      if (Date.now() > end) throw new Error("the engine does not tell how long JSON.parse takes");
      await sleep(20);
    }
    return found;
  } finally {
    await station.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
