/** The rows of the benchmark: each a figure of ours, the peer's, and how they compare. A figure that is missing says why. */
import { PEERS, type Peer } from "./peers.ts";
import type { PackingFigures } from "./packing.ts";
import type { RamFigures } from "./ram.ts";
import type { ModelFigures, StoreFigures } from "./store.ts";
import type { TimeFigure, TimeFigures } from "./times.ts";

/** A figure, or why there is none. */
export type Measured = number | string;

export interface Row {
  figure: string;
  ours: Measured;
  unit: string;
  /** JsVars behind a figure in bytes. */
  variables: number | null;
  peer: Peer | null;
  /** Ours by the peer's; null when one of them is missing. */
  ratio: number | null;
  note: string;
}

export interface Figures {
  flash: number;
  ram: RamFigures;
  models: ModelFigures[];
  store: StoreFigures | string;
  packing: PackingFigures | string;
  times: TimeFigures | string;
}

/** Bytes of a variable on the ESP32. */
export const BYTES_A_VARIABLE = 14;
/** How much longer an ESP32 at 240 MHz is assumed to take than the host's processor: an estimate, to within a factor of 2. */
export const ESP32_FACTOR = 50;

const REQUESTS: Record<TimeFigure["name"], string> = {
  small: "small request",
  kilobyte: "1 kB request",
  inventory: "inventory",
};

const ACTIONS: Record<TimeFigure["name"], string> = {
  small: "TriggerMessage",
  kilobyte: "GetVariables",
  inventory: "GetBaseReport FullInventory, to the last page of NotifyReport",
};

export function rowsOf(figures: Figures): Row[] {
  return [...memoryRows(figures), ...storeRows(figures), ...timeRows(figures.times)];
}

function memoryRows({ flash, ram, packing, store }: Figures): Row[] {
  const peakNote = ram.sampled ? "sampled by the firmware" : "smallest heap in which the suite passes, less the empty engine";
  return [
    row("flash, all JS of the image", flash, "B", PEERS.flash, "2.0.1 alone; ours holds 1.6 too"),
    row("flash, against the peer's 1.6 build", flash, "B", PEERS.flashBoth, ""),
    inBytes("RAM idle: booted, ws connected, 2 EVSEs", ram.idle, PEERS.idle, "without the simulator's link"),
    inBytes("RAM idle, against the peer's own measurement", ram.idle, PEERS.idleMeasured, ""),
    inBytes("RAM peak over the scenario suite", ram.peak, PEERS.peak, peakNote),
    inBytes("RAM peak, against the peer's own measurement", ram.peak, PEERS.peakMeasured, ""),
    row("C stack that the suite needs", ram.stack, "B", PEERS.stack, "the peer's is what it is given"),
    row("call depth, frames of the firmware", ram.depth, "", null, ""),
    inBytes(
      "RAM to pack journal pages",
      part(packing, ({ pack }) => pack),
      PEERS.pack,
      "over the level before, a sample before every statement",
    ),
    inBytes(
      "RAM to unpack a record",
      part(packing, ({ unpack }) => unpack),
      PEERS.unpack,
      "the same",
    ),
    row(
      "call depth while packing and delivering what was packed",
      part(store, ({ depth }) => depth),
      "",
      null,
      "frames of the firmware, a session offline",
    ),
    row(
      "time to pack an event",
      part(packing, ({ packMs }) => packMs),
      "ms",
      null,
      "processor's time, on the host",
    ),
    row(
      "time to unpack an event",
      part(packing, ({ unpackMs }) => unpackMs),
      "ms",
      null,
      "the same",
    ),
  ];
}

function storeRows({ store, models }: Figures): Row[] {
  const hours = typeof store === "string" ? "" : `${store.hours} h`;
  const unpacked = "nothing was packed in that time";
  return [
    row(
      "event in the journal, raw",
      part(store, ({ raw }) => (raw.events > 0 ? raw.bytesPerEvent : "no event was recorded")),
      "B",
      PEERS.event,
      "3 measurands, a sample a minute, as the flash of a run holds them",
    ),
    row(
      "event in a packed block",
      part(store, ({ packed }) => packed?.bytesPerEvent ?? unpacked),
      "B",
      PEERS.event,
      "the same run",
    ),
    ...models.map(({ name, packed }) =>
      row(`event in a packed block, synthetic: ${name}`, packed, "B", PEERS.event, "unseen sessions of 200 events"),
    ),
    row(
      `page erases, session of ${hours || "some hours"} online`,
      part(store, ({ erases }) => erases.online),
      "",
      null,
      "worn journal",
    ),
    row(
      `page erases, session of ${hours || "some hours"} offline`,
      part(store, ({ erases }) => erases.offline),
      "",
      null,
      "worn journal",
    ),
  ];
}

function timeRows(times: TimeFigures | string): Row[] {
  const rows: Row[] = [];
  for (const name of ["small", "kilobyte", "inventory"] as const) {
    const one = typeof times === "string" ? times : times.times.find((time) => time.name === name)!;
    const spent = part(one, cpuOrClock);
    const asked = typeof one === "string" ? "" : `${ACTIONS[name]}, ${one.requestBytes} B, ${one.answerBytes} B out`;
    rows.push(row(`${REQUESTS[name]}: frame in to answer out`, spent, "ms", null, asked));
    rows.push(
      row(
        `${REQUESTS[name]}: as a multiple of the engine's JSON.parse`,
        part(one, (time) => cpuOrClock(time) / time.parseMs),
        "×",
        null,
        typeof one === "string" ? "" : `JSON.parse takes ${one.parseMs.toFixed(3)} ms`,
      ),
    );
    rows.push(
      row(
        `${REQUESTS[name]}: on an ESP32, estimate`,
        part(one, (time) => cpuOrClock(time) * time.ownPart * ESP32_FACTOR),
        "ms",
        name === "kilobyte" ? PEERS.large : null,
        typeof one === "string" ? "estimate" : estimate(one.ownPart),
      ),
    );
  }
  const seconds =
    typeof times === "string" ? "" : `processor's time; ${times.bootSeconds} simulated seconds of waiting not counted`;
  const boot = part(times, ({ bootMs, bootCpuMs }) => (bootCpuMs > 0 ? bootCpuMs : bootMs));
  rows.push(row("power on to BootNotification", boot, "ms", null, seconds));
  const own = typeof times === "string" ? 1 : times.bootOwnPart;
  const booted = typeof boot === "number" ? boot * own * ESP32_FACTOR : boot;
  rows.push(
    row(
      "power on to BootNotification: on an ESP32, estimate",
      booted,
      "ms",
      PEERS.boot,
      `${estimate(own)}; the peer's is its init alone`,
    ),
  );
  return rows;
}

function estimate(ownPart: number): string {
  const reads = Math.round((1 - ownPart) * 100);
  return `estimate, within a factor of 2: ${ESP32_FACTOR} times the host's time without the ${reads} % in which Linux reads the flash file; not measured on a chip`;
}

/** The processor's time where the system tells it. */
function cpuOrClock({ ms, cpuMs }: TimeFigure): number {
  return cpuMs > 0 ? cpuMs : ms;
}

function part<T extends object>(figures: T | string, of: (figures: T) => Measured): Measured {
  return typeof figures === "string" ? figures : of(figures);
}

function inBytes(figure: string, variables: Measured, peer: Peer, note: string): Row {
  if (typeof variables === "string") return row(figure, variables, "B", peer, note);
  return { ...row(figure, variables * BYTES_A_VARIABLE, "B", peer, note), variables };
}

function row(figure: string, ours: Measured, unit: string, peer: Peer | null, note: string): Row {
  const ratio = typeof ours === "number" && peer !== null ? ours / peer.value : null;
  return { figure, ours, unit, variables: null, peer, ratio, note };
}
