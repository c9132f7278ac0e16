/** `npm run logs`: what the firmware prints, with the time of this machine, until Ctrl-C. Nothing is sent to the device. */
import { Command } from "commander";
import { openPort } from "./port.ts";
import { run } from "./run.ts";
import { Silence } from "./console.ts";

await run(async () => {
  const program = new Command("logs")
    .description("Prints what the firmware prints, until Ctrl-C.")
    .requiredOption("--port <port>", "serial port, or tcp:HOST:PORT for a bridged console")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const { port: name } = program.parse().opts<{ port: string }>();
  const port = await openPort(name);
  let line = "";
  await new Promise<void>((resolve, reject) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    port.onClosed(() => reject(new Silence("the connection to the device has closed")));
    port.onData((text) => {
      const lines = (line + plain(text)).split(/[\r\n]+/);
      line = lines.pop()!;
      for (const one of lines) if (one !== "") process.stdout.write(`${new Date().toISOString()} ${one}\n`);
    });
  });
  port.close();
});

/** Without the console's drawing: escape sequences, backspaces, prompts, flow control. */
function plain(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]|\x08 ?|[\x11\x13\xff]/g, "").replaceAll(/^>/gm, "");
}
