/** A client of the setup page. */
import { connect } from "node:net";
import type { WifiBench } from "./bench.ts";

interface Answer {
  status: number;
  head: string;
  body: string;
}

/** Sends bytes to the page and gives all that comes until the end of the connection, or "" when it is cut. */
export function raw(port: number, bytes: string, more: { slowly?: boolean } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const pieces = more.slowly ? [...bytes] : [bytes];
    const next = (): void => {
      const piece = pieces.shift();
      if (piece === undefined || socket.destroyed) return;
      socket.write(Buffer.from(piece, "latin1"), () => setImmediate(next));
    };
    socket.on("connect", next);
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

export async function ask(port: number, request: string, body = ""): Promise<Answer> {
  const length = body === "" ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const text = await raw(port, `${request} HTTP/1.1\r\nHost: 192.168.4.1\r\n${length}\r\n${body}`);
  const end = text.indexOf("\r\n\r\n");
  return { status: Number(text.split(" ")[1]), head: text.slice(0, end), body: text.slice(end + 4) };
}

/** The port of the page, when it is open. */
export async function pagePort({ wifi, until, advance }: WifiBench): Promise<number> {
  await until("access point", () => wifi.own !== null, 10);
  await advance(1);
  return wifi.own!.port;
}
