/** Runs an image: in Node with the few engine functions that the fixture uses, or on an Espruino binary. */
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { decodeStorage, encodeStorage } from "../../tools/image/storage.ts";
import { untokenise } from "../../tools/image/tokens.ts";
import { temporaryDirectory } from "./project.ts";

const FLASH_SIZE = 917_504;

/** Lines that the image prints, timers run. */
export async function runInNode(storage: Uint8Array): Promise<string[]> {
  const files = new Map(decodeStorage(storage).map(({ name, bytes }) => [name, Buffer.from(bytes).toString("latin1")]));
  const lines: string[] = [];
  const timers: (() => void)[] = [];
  const context = vm.createContext({
    print: (value: unknown) => lines.push(String(value)),
    setTimeout: (run: () => void) => timers.push(run),
    require: (name: string) => {
      if (name !== "Storage") throw new Error(`No module ${name}.`);
      return { read: (file: string, offset = 0, length?: number) => files.get(file)?.substr(offset, length) };
    },
    Function: (...texts: string[]): unknown =>
      vm.runInContext(`(function(${texts.slice(0, -1).join(",")}){${untokenise(texts[texts.length - 1])}})`, context),
  });
  vm.runInContext(untokenise(files.get(".bootcde")!), context);
  for (let timer = timers.shift(); timer; timer = timers.shift()) timer();
  return lines;
}

/** The Espruino binary: `ESPRUINO`, or `espruino` on PATH; "" when there is none. */
export const ENGINE = findEngine();

function findEngine(): string {
  const named = process.env["ESPRUINO"];
  // npm puts the command line tool of its `espruino` package on PATH, which is no engine.
  const directories = (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((directory) => directory !== "" && !directory.endsWith(path.join("node_modules", ".bin")));
  const places = named ? [named] : directories.map((directory) => path.join(directory, "espruino"));
  return places.find((file) => existsSync(file)) ?? "";
}

/** Title of a test that needs the binary: it says why it is skipped. */
export function engineTitle(title: string): string {
  return `${title} [espruino${ENGINE ? "" : ": no binary in ESPRUINO or on PATH"}]`;
}

/** Boots the image on the engine; answers the lines that it prints up to one that is `end`. */
export function runOnEngine(storage: Uint8Array, end = "END"): Promise<string[]> {
  const directory = temporaryDirectory();
  writeFileSync(
    path.join(directory, "espruino.flash"),
    Buffer.concat([storage, Buffer.alloc(FLASH_SIZE - storage.length, 0xff)]),
  );
  return new Promise((resolve, reject) => {
    // An open pipe on stdin: its end would come in as an endless row of characters.
    const engine = spawn(path.resolve(ENGINE), [], { cwd: directory, stdio: ["pipe", "pipe", "ignore"] });
    let text = "";
    const lines = (): string[] =>
      text
        .replace(/\x1b\[[0-9;]*[A-Za-z]|\x08 ?|>/g, "")
        .split(/[\r\n]+/)
        .map((line) => line.trim())
        .filter((line) => line && !line.startsWith("espruino:"));
    const finish = (): void => {
      clearTimeout(limit);
      engine.kill("SIGKILL");
    };
    const limit = setTimeout(() => engine.kill("SIGKILL"), 5_000);
    engine.stdout.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (lines().includes(end)) finish();
    });
    engine.on("error", reject);
    engine.on("close", () => {
      clearTimeout(limit);
      rmSync(directory, { recursive: true, force: true });
      const all = lines();
      resolve(all.slice(0, all.indexOf(end) < 0 ? undefined : all.indexOf(end)));
    });
  });
}

/** Runs plain text as the kernel; answers what it prints, up to an exception. */
export async function runTextOnEngine(text: string): Promise<string[]> {
  const kernel = `setTimeout(function(){print("END")},1);${text}`;
  const lines = await runOnEngine(encodeStorage([{ name: ".bootcde", bytes: Buffer.from(kernel, "latin1") }]));
  const exception = lines.findIndex((line) => line.startsWith("Uncaught"));
  return exception < 0 ? lines : lines.slice(0, exception);
}
