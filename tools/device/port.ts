/**
 * The way to a device: a serial port, or `tcp:HOST:PORT` for a console that is bridged to the network. The `espruino` package opens and writes
 * both; what it does not tell (a port that refuses, a device that is not there) is looked at before.
 */
import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { UsageError } from "../sim/engine.ts";

export type PortName = { kind: "serial"; path: string } | { kind: "tcp"; host: string; port: number };

const CONNECT_MS = 5_000;
export const BAUD = 115_200;

/** A transport of the package. */
interface Transport {
  name: string;
  open(path: string, opened: (status?: string) => void, heard: (bytes: ArrayBuffer) => void, closed: () => void): void;
  write(data: string, written?: () => void): void;
  close(done?: () => void): void;
}

/** What the package puts into the global scope, as far as it is used here. */
interface EspruinoTools {
  Config: Record<string, unknown>;
  Core: { Serial: { devices: Transport[] } };
}

/** An open port: bytes both ways, one a character. */
export interface Port {
  readonly name: string;
  write(text: string): void;
  /** Hears of what comes in; the last one given. */
  onData(heard: (text: string) => void): void;
  /** Hears that the far end is gone. */
  onClosed(closed: () => void): void;
  close(): void;
}

/** Reads what `--port` says. */
export function parsePort(text: string): PortName {
  const [, host, port] = /^tcp:(?:\/\/)?([^:/]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536)
    return { kind: "tcp", host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  if (/^tcp:/.test(text)) throw new UsageError(`--port ${text}: it is not tcp:HOST:PORT.`);
  return { kind: "serial", path: text };
}

export async function openPort(text: string): Promise<Port> {
  const name = parsePort(text);
  if (name.kind === "serial") checkSerial(name.path);
  else await checkTcp(text, name.host, name.port);
  const transport = await transportFor(name.kind);
  let heard: (text: string) => void = () => undefined;
  let closed: () => void = () => undefined;
  await new Promise<void>((resolve, reject) => {
    // The package leaves a port that cannot be opened to whoever hears of it.
    const failed = (error: Error): void => reject(new UsageError(`--port ${text}: ${error.message}.`));
    process.once("uncaughtException", failed);
    transport.open(
      name.kind === "tcp" ? `tcp://${name.host}:${name.port}` : name.path,
      () => {
        process.removeListener("uncaughtException", failed);
        resolve();
      },
      (bytes) => heard(Buffer.from(bytes).toString("latin1")),
      () => closed(),
    );
  });
  return {
    name: text,
    write: (data) => quietly(() => transport.write(data)),
    onData: (listener) => void (heard = listener),
    onClosed: (listener) => void (closed = listener),
    close: () => quietly(() => transport.close()),
  };
}

function checkSerial(path: string): void {
  try {
    if (process.platform !== "win32" && !statSync(path).isCharacterDevice())
      throw new UsageError(`--port ${path}: that is no serial port.`);
    if (process.platform !== "win32") accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "there is no such port" : code === "EACCES" ? "you may not open it" : (error as Error).message;
    throw new UsageError(`--port ${path}: ${why}.`);
  }
}

/** Connects once and lets go, because the package says nothing of a connection that fails. */
function checkTcp(text: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const done = (why?: string): void => {
      socket.destroy();
      if (why === undefined) resolve();
      else reject(new UsageError(`--port ${text}: ${why}.`));
    };
    socket.setTimeout(CONNECT_MS, () => done(`no connection within ${CONNECT_MS / 1000} s`));
    socket.once("connect", () => done());
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      done(
        code === "ECONNREFUSED"
          ? "nothing listens there"
          : code === "ENOTFOUND"
            ? `there is no host ${host}`
            : `no connection (${code})`,
      ),
    );
  });
}

let tools: EspruinoTools | undefined;

async function transportFor(kind: PortName["kind"]): Promise<Transport> {
  tools ??= await loadTools();
  const wanted = kind === "tcp" ? "Node Socket" : "Node Serial";
  const transport = tools.Core.Serial.devices.find(({ name }) => name === wanted);
  if (!transport)
    throw new UsageError(
      "The package `serialport` is not installed, so serial ports are out of reach; `npm ci` with optional packages brings it.",
    );
  return transport;
}

/** The package prints a lot while it starts, and goes on to. */
function loadTools(): Promise<EspruinoTools> {
  const { init } = createRequire(import.meta.url)("espruino") as { init(done: () => void): void };
  return new Promise((resolve) =>
    quietly(() =>
      init(() => {
        const { Espruino } = globalThis as unknown as { Espruino: EspruinoTools };
        Espruino.Config.BAUD_RATE = BAUD;
        resolve(Espruino);
      }),
    ),
  );
}

function quietly<T>(work: () => T): T {
  const { log, warn, error } = console;
  Object.assign(console, { log: () => undefined, warn: () => undefined, error: () => undefined });
  try {
    return work();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}
