/** `npm run configure`: settings of a device over its console. Without a NAME=VALUE it tells what is set. */
import { Command } from "commander";
import { settingName } from "../flash/settings.ts";
import { parseTable, variableName } from "../image/variables.ts";
import { DeviceConsole } from "./console.ts";
import { meet } from "./device.ts";
import { run } from "./run.ts";
import { checkIdle } from "./transactions.ts";
import { checked, isSecret, parseChange, settingsOf, SHORT_NAMES, tableOf, writeSettings } from "./settings.ts";

const SECRET = "(set, not shown)";

interface Flags {
  port: string;
  now?: boolean;
}

function parseFlags(args: readonly string[]): Flags & { changes: string[] } {
  const program = new Command("configure")
    .description(`Settings of a device: ${SHORT_NAMES}, any Component.Variable[Instance], or a key of OCPP 1.6. It starts anew.`)
    .requiredOption("--port <port>", "serial port, or tcp:HOST:PORT for a bridged console")
    .option("--now", "interrupt a transaction that runs")
    .argument("[name=value...]", "what to set; without one, what is set is listed")
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.parse([...args], { from: "user" });
  return { ...program.opts<Flags>(), changes: program.args };
}

await run(async () => {
  const flags = parseFlags(process.argv.slice(2));
  const changes = flags.changes.map(parseChange);
  const console = await DeviceConsole.open(flags.port);
  const device = await meet(console);
  const table = await tableOf(device);
  const entries = parseTable(table);
  if (changes.length === 0) {
    for (const setting of (await settingsOf(device, entries)).settings)
      say(
        `${settingName(setting)}=${!setting.variable || isSecret(setting.variable) ? SECRET : Buffer.from(setting.value, "latin1").toString()}`,
      );
  } else {
    const before = await settingsOf(device, entries);
    const values = checked(table, changes, before);
    if (!flags.now) await checkIdle(device);
    await writeSettings(device, entries, values);
    for (const entry of entries)
      if (values.has(entry.key))
        say(`${variableName(entry)} is ${values.get(entry.key) === entry.default ? "as the build has it" : "set"}.`);
    say("The device starts anew.");
  }
  console.close();
});

function say(text: string): void {
  process.stdout.write(text + "\n");
}
