/**
 * Options of `npm run demo`. Whatever is wrong with one is said in one sentence that names it.
 */
import { parseArgs } from "node:util";

export const USAGE = `npm run demo [-- options]
  --url URL      control interface of the simulator (default http://127.0.0.1:8080)
  --minutes N    simulated charging time (default 10)
  --help         this text`;

/** The message is the sentence. */
export class UsageError extends Error {}

/** null: only the usage is wanted. Throws UsageError. */
export function readOptions(args: string[]): { url: string; minutes: number } | null {
  let values: { url?: string; minutes?: string; help?: boolean };
  try {
    const options = { url: { type: "string" }, minutes: { type: "string" }, help: { type: "boolean" } } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    // Its first sentence names the option; what follows explains "--".
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options`);
  }
  if (values.help) return null;
  const { url = "http://127.0.0.1:8080", minutes = "10" } = values;
  if (!/^http:\/\/[^/\s]+\/?$/.test(url) || !URL.canParse(url)) {
    throw new UsageError(`--url ${url}: an address like http://127.0.0.1:8080 is wanted`);
  }
  if (!/^\d{1,4}$/.test(minutes) || minutes === "0")
    throw new UsageError(`--minutes ${minutes}: a number from 1 to 9999 is wanted`);
  return { url: url.replace(/\/$/, ""), minutes: Number(minutes) };
}
