/** What the tests of the simulator share: a small firmware, an image of it, a WebSocket server that answers each CALL, and engines. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { WebSocketServer, type WebSocket } from "ws";
import { CIPHERS, makeCertificate } from "../../tools/csms/certificate.ts";
import { encodeStorage } from "../../tools/image/storage.ts";
import { espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import { startStation, type Station, type StationOptions } from "../../tools/sim/sim.ts";

export const FIRMWARE = readFileSync(new URL("firmware.js", import.meta.url), "latin1");

/** Storage records that boot `code`; `csms` is what the test firmware connects to. */
export function image(code = FIRMWARE, csms?: string): Uint8Array {
  const files = [{ name: ".bootcde", bytes: Buffer.from(code, "latin1") }];
  if (csms !== undefined) files.push({ name: "csms", bytes: Buffer.from(csms) });
  return encodeStorage(files);
}

const running = new Set<{ close(): Promise<void> | void }>();

/** Closed by `closeAll`. */
export function closing<T extends { close(): Promise<void> | void }>(thing: T): T {
  running.add(thing);
  return thing;
}

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const thing of [...running].reverse()) await thing.close();
  running.clear();
}

/** A station with the test firmware whose time stands still. */
export async function testStation(options: StationOptions = {}): Promise<Station> {
  return closing(await startStation({ image: image(), timeScale: 0, seed: 1, ...options }));
}

/** A directory that is removed at the end. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "station-test-"));
  closing({ close: () => rmSync(path, { recursive: true, force: true }) });
  return path;
}

export interface TestCsms {
  port: number;
  /** As the test firmware's `csms` file has it. */
  address: string;
  texts: string[];
  /** Whether CALLs are answered. */
  answers: boolean;
  sockets: Set<WebSocket>;
}

/** Answers every CALL with an empty CALLRESULT. */
export async function testCsms(): Promise<TestCsms> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  closing({
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  });
  const { port } = server.address() as AddressInfo;
  const csms: TestCsms = { port, address: `127.0.0.1,${port}`, texts: [], answers: true, sockets: server.clients };
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      csms.texts.push(text);
      const message = JSON.parse(text) as unknown[];
      if (csms.answers && message[0] === 2) socket.send(JSON.stringify([3, message[1], {}]));
    });
  });
  return csms;
}

/** Answers what comes first over TLS with 101; for the test firmware's `csms` file. */
export async function tlsCsms(): Promise<string> {
  const { key, cert } = await makeCertificate();
  const server = createServer({ key, cert, ciphers: CIPHERS, maxVersion: "TLSv1.2" }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write("HTTP/1.1 101 Yes\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing({ close: () => void server.close() });
  return `127.0.0.1,${(server.address() as AddressInfo).port},tls`;
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 3000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Why tests on the real engine cannot run here; null when they can. */
export function noEspruino(): string | null {
  try {
    espruinoBinary(process.env);
    return null;
  } catch {
    return "no binary in ESPRUINO or on PATH";
  }
}
