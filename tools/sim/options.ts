/** Options of `npm run sim`. Whatever is wrong with one is said in one sentence that names it. */
import { Command, InvalidArgumentError } from "commander";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { UsageError } from "./engine.ts";
import type { StationOptions } from "./sim.ts";
import { TWINS } from "../twins/boards.ts";
import { boardData } from "../twins/board-data.ts";

const MOST_EVSES = 8;
const ENGINES = ["node", "espruino"];
const PROTOCOLS = ["auto", "ocpp2.0.1", "ocpp1.6"];

interface Flags {
  board?: string;
  csms?: string;
  id?: string;
  password?: string;
  protocol?: string;
  evses?: number;
  cable?: string;
  port: number;
  flash?: string;
  reflash?: boolean;
  engine: "node" | "espruino";
  set?: Record<string, string>;
  ca?: string;
  startOnPower: boolean;
  log?: string;
  timeScale: number;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return value;
  };
}

function oneOf(...choices: string[]): (text: string) => string {
  return (text) => {
    if (!choices.includes(text)) throw new InvalidArgumentError(`It is one of ${choices.join(", ")}.`);
    return text;
  };
}

function scale(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0 && value <= 100_000))
    throw new InvalidArgumentError("It is a number above 0, at most 100000.");
  return value;
}

function board(text: string): string {
  const names = ["sim", ...Object.keys(TWINS)];
  return oneOf(...names)(text);
}

function csmsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["ws:", "wss:"].includes(url.protocol))
    throw new InvalidArgumentError("It is a URL that begins with ws:// or wss://.");
  if (url.username || url.password || url.hash) throw new InvalidArgumentError("It has no user name, password or fragment.");
  return text;
}

function identity(text: string): string {
  if (!/^[A-Za-z0-9*_=:+|@.-]{1,48}$/.test(text))
    throw new InvalidArgumentError("It has 1 to 48 letters, digits or *-_=:+|@. characters.");
  return text;
}

function assignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("It is NAME=VALUE.");
  return { ...before, [name]: value };
}

/** The root in the PEM file `path`, DER in base64. */
function rootCertificate(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`--ca ${path}: the file cannot be read.`);
  }
  try {
    return new X509Certificate(text).raw.toString("base64");
  } catch {
    throw new UsageError(`--ca ${path}: the file holds no certificate in PEM form.`);
  }
}

/** The options of a command line (without node and script); `UsageError` when they make no sense. */
export function parseOptions(args: readonly string[]): StationOptions & { port: number } {
  const program = new Command("sim")
    .description("Simulated charging station that runs the built image.")
    .option("--board <name>", "board whose image runs, on twins of its hardware (default: sim)", board)
    .option("--csms <url>", "CSMS to connect to, ws:// or wss:// (default: an embedded one is started)", csmsUrl)
    .option("--id <identity>", "identity of the station (default: CS001)", identity)
    .option("--password <text>", "password for HTTP Basic authentication")
    .option("--protocol <version>", PROTOCOLS.join(", "), oneOf(...PROTOCOLS))
    .option("--evses <n>", "number of EVSEs (default: 1)", wholeNumber(1, MOST_EVSES))
    .option("--cable <kind>", "socket or fixed (default: socket)", oneOf("socket", "fixed"))
    .option("--port <n>", "port of the control interface, 0 for any free one", wholeNumber(0, 65_535), 8080)
    .option("--flash <file>", "flash contents, kept between runs")
    .option("--reflash", "replace the code in the flash file, keep its data")
    .option("--engine <name>", "node, or espruino: the binary in ESPRUINO or on PATH", oneOf(...ENGINES), "node")
    .option("--set <name=value>", "default of a variable, on a blank flash; repeatable", assignment)
    .option("--ca <file>", "PEM root certificate of the CSMS")
    .option(
      "--start-on-power <bool>",
      "true, or false: the power is off at first",
      (text) => oneOf("true", "false")(text) === "true",
      true,
    )
    .option("--log <file>", "frames as JSON lines, passwords and card numbers masked")
    .option("--time-scale <n>", "simulated seconds in a real one", scale, 1)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.parse([...args], { from: "user" });
  const flags = program.opts<Flags>();
  if (flags.csms?.toLowerCase().startsWith("wss:") && flags.ca === undefined) {
    throw new UsageError("--csms with wss:// needs the root certificate of the server in --ca.");
  }
  const most = flags.board === undefined || flags.board === "sim" ? MOST_EVSES : boardData(flags.board).EVSES_MAX;
  if (flags.evses !== undefined && flags.evses > most)
    throw new UsageError(`--evses: board ${flags.board} has ${most} EVSE${most > 1 ? "s" : ""}.`);
  if (flags.reflash && flags.flash === undefined) throw new UsageError("--reflash needs a flash file in --flash.");
  const { cable, ca, ...rest } = flags;
  return {
    ...rest,
    fixedCable: cable === undefined ? undefined : cable === "fixed",
    ca: ca === undefined ? undefined : rootCertificate(ca),
  };
}
