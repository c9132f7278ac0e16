/** `npm run console`: the engine's own console on this terminal. Ctrl-] ends it; Ctrl-C would stop whatever the station is doing, so it ends the console, too. */
import { Command } from "commander";
import { Silence } from "./console.ts";
import { openPort } from "./port.ts";
import { run } from "./run.ts";

const ENDS = /[\x03\x1d]/;
/** ms in which the last answer may come when the input is a file. */
const LAST_MS = 500;

await run(async () => {
  const program = new Command("console")
    .description("The engine's console on this terminal; Ctrl-] ends it. The station goes on meanwhile.")
    .requiredOption("--port <port>", "serial port, or tcp:HOST:PORT for a bridged console")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const { port: name } = program.parse().opts<{ port: string }>();
  const port = await openPort(name);
  const { stdin, stdout } = process;
  stdout.write("Ctrl-] ends the console.\n");
  await new Promise<void>((resolve, reject) => {
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.setEncoding("latin1").on("data", (text: string) => {
      const end = text.search(ENDS);
      port.write(end < 0 ? text : text.slice(0, end));
      if (end >= 0) resolve();
    });
    stdin.once("end", () => setTimeout(resolve, LAST_MS));
    port.onClosed(() => reject(new Silence("the connection to the device has closed")));
    port.onData((text) => stdout.write(text, "latin1"));
  }).finally(() => {
    if (stdin.isTTY) stdin.setRawMode(false);
  });
  port.close();
});
