/**
 * Options of `npm run csms`. Whatever is wrong with one is said in one sentence that names it.
 */
import { parseArgs } from "node:util";
import { PROTOCOLS, type Protocol } from "./schema.ts";

export const USAGE = `npm run csms -- [options]
  --port N          port to listen on, 0 = any free one (default 9000)
  --host ADDRESS    address to listen on (default 127.0.0.1; 0.0.0.0 for stations on the network)
  --protocol NAME   ocpp2.0.1, ocpp1.6 or auto = both (default auto)
  --password TEXT   password of the stations (default: no password is asked for)
  --tls             wss with a certificate made for this run
  --page N          port of the web page, on loopback, 0 = any free one (default 8090, or any free one when that is taken)
  --json            frames as JSON lines instead of words
  --help            this text`;

export interface Options {
  port: number;
  host: string;
  protocols: Protocol[];
  password?: string;
  tls: boolean;
  /** Without one: the usual port, or any free one. */
  page?: number;
  json: boolean;
}

/** The message is the sentence. */
export class UsageError extends Error {}

/** null: only the usage is wanted. Throws UsageError. */
export function readOptions(args: string[]): Options | null {
  let values: { [name: string]: string | boolean | undefined };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: "string", default: "9000" },
        host: { type: "string", default: "127.0.0.1" },
        protocol: { type: "string", default: "auto" },
        password: { type: "string" },
        tls: { type: "boolean", default: false },
        page: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean" },
      },
    }));
  } catch (error) {
    // Its first sentence names the option; what follows explains "--".
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options`);
  }
  if (values.help) return null;
  const port = portOf("--port", values.port);
  const page = values.page === undefined ? undefined : portOf("--page", values.page);
  const protocol = String(values.protocol);
  if (protocol !== "auto" && !PROTOCOLS.includes(protocol as Protocol)) {
    throw new UsageError(`--protocol ${protocol}: known are ocpp2.0.1, ocpp1.6 and auto`);
  }
  return {
    port,
    host: String(values.host),
    protocols: protocol === "auto" ? ["ocpp2.0.1", "ocpp1.6"] : [protocol as Protocol],
    ...(values.password !== undefined && { password: String(values.password) }),
    tls: values.tls === true,
    ...(page !== undefined && { page }),
    json: values.json === true,
  };
}

function portOf(name: string, value: unknown): number {
  const text = String(value);
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError(`${name} ${text}: a port is a number from 0 to 65535`);
  return Number(text);
}
