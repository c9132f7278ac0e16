/** The HTTP client of the firmware (src/kernel/http-steps.ts) in an image of its own, on either engine: what it is told to fetch or to send, and what it says of it. */
import { cpSync, symlinkSync } from "node:fs";
import path from "node:path";
import { buildBoard, PROJECT_ROOT } from "../../tools/build/build-board.ts";
import { EspruinoEngine, espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import type { Engine } from "../../tools/sim/engine.ts";
import { blankChip, NorFlash, RAW_BYTES } from "../../tools/sim/flash.ts";
import { NodeEngine } from "../../tools/sim/node-engine/node-engine.ts";
import { temporaryDirectory, write } from "../build/project.ts";

/** ms that the image takes for a second. */
const SECOND = 15;
/** Bytes of the body that it sends, and after which it wants no more of one that comes. */
export const SENT_BYTES = 5000;
export const MOST_BYTES = 200_000;

/** The program around the client: it prints each piece and the end, or sends a body of `SENT_BYTES`. */
const MAIN = `
import { flashRead } from "./kernel/engine/flash";
import { http } from "./kernel/http";
import { httpRequest, httpSecond } from "./kernel/http-steps";
import { opNumber } from "./kernel/overlay";
import { ended, piece, sending } from "./probe";
function tick(): void {
  if (http.request) {
    httpSecond();
  }
}
setInterval(tick, ${SECOND});
const order = E.toString(flashRead(0, 2000)).split("\\n");
const head = order[0].split("|").join("\\r\\n");
process.on("uncaughtException", function (error) {
  print("fault " + error);
});
print("begun " + httpRequest(head, order[1], head[0] === "G" ? opNumber(piece) : opNumber(sending), opNumber(ended)));
print("again " + httpRequest(head, order[1], opNumber(piece), opNumber(ended)));
`;
const PROBE = `
/**
 * @overlay
 * What the test asks for and hears.
 */
import { clock } from "./kernel/clock";
export function piece(bytes: string, at: number): boolean {
  print("piece " + at + " " + bytes.length + " " + E.CRC32(bytes));
  clock.up += bytes.length;
  return clock.up > ${MOST_BYTES};
}
export function sending(at: number): string {
  const left = ${SENT_BYTES} - at;
  let text = "";
  while (text.length < 400 && text.length < left) {
    text += String.fromCharCode((at + text.length) % 251);
  }
  return text;
}
export function ended(result: number): void {
  setTimeout(function () {
    print("end " + result);
  }, 30);
}
`;
const OPEN_SOCKET = `
export function openSocket(host: string, port: number, secure: boolean, ca: string): Socket {
  if (secure || ca) {
    throw "no TLS";
  }
  return require("net").connect({ host: host === "localhost" ? "127.0.0.1" : host, port: port });
}
`;

let storage: Promise<Uint8Array> | undefined;

/** The image, built once. */
export async function image(): Promise<Uint8Array> {
  return (storage ??= buildImage());
}

async function buildImage(): Promise<Uint8Array> {
  const root = temporaryDirectory();
  for (const part of ["src", "boards/sim", "types", "tsconfig.json"]) {
    cpSync(path.join(PROJECT_ROOT, part), path.join(root, part), { recursive: true });
  }
  symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(root, "node_modules"));
  write(root, { "src/main.ts": MAIN, "src/probe.ts": PROBE, "boards/sim/engine/open-socket.ts": OPEN_SOCKET });
  return (await buildBoard("sim", root)).storage;
}

export interface Heard {
  /** What `end` was told. */
  result: number;
  /** Pieces of the body: offset, length, CRC-32. */
  pieces: [at: number, length: number, crc: number][];
  /** Everything that the image printed. */
  lines: string[];
}

/** The client's account of one request; `head` as `httpRequest` takes it, with `|` for the ends of lines. */
export async function ask(kind: "node" | "espruino", head: string, url: string): Promise<Heard> {
  const chip = blankChip();
  chip.set(await image(), RAW_BYTES);
  chip.write(`${head}\n${url}\n`, 0, "latin1");
  const lines: string[] = [];
  let over: () => void;
  const end = new Promise<void>((resolve) => (over = resolve));
  const listener = {
    log: (line: string) => {
      lines.push(line);
      if (/^(end|fault) /.test(line)) over();
    },
    stopped: () => over(),
  };
  const engine: Engine =
    kind === "node"
      ? new NodeEngine(new NorFlash(chip), (port) => port === 1, listener)
      : new EspruinoEngine(espruinoBinary(process.env), chip, null, listener);
  try {
    await engine.powerOn({ link: 1, relay: 1, seed: 1 });
    await end;
  } finally {
    await engine.close();
  }
  const pieces = lines.filter((line) => line.startsWith("piece ")).map((line) => line.split(" ").slice(1).map(Number));
  const result = Number(lines.find((line) => line.startsWith("end "))?.slice(4) ?? NaN);
  return { result, pieces: pieces as Heard["pieces"], lines };
}
