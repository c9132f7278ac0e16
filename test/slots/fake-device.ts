/** A device in Node: the API of the Node engine behind a console on a TCP port, as far as the tools type there. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Script, type Context } from "node:vm";
import { NorFlash } from "../../tools/sim/flash.ts";
import { makeApi } from "../../tools/sim/node-engine/api.ts";
import { engineContext } from "../../tools/sim/node-engine/globals.ts";
import { IdleLoop } from "../../tools/sim/node-engine/idle-loop.ts";
import { Random } from "../../tools/sim/node-engine/random.ts";

export interface FakeOptions {
  chip?: Buffer;
  /** Of Espruino. */
  version?: string;
  /** false: the boot file has found no build. */
  runs?: boolean;
  /** What becomes of a line on its way; "" for one that is lost. */
  line?(line: string): string;
  /** What becomes of what is printed. */
  answer?(text: string): string;
}

export class FakeDevice {
  readonly flash: NorFlash;
  reboots = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly options: FakeOptions) {
    this.flash = new NorFlash(options.chip);
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      const { context, print } = this.started();
      print.to = (text) => void socket.write((options.answer?.(text) ?? text) + "\r\n", "latin1");
      let rest = "";
      socket.on("data", (bytes) => {
        const lines = (rest + bytes.toString("latin1")).split("\n");
        rest = lines.pop()!;
        for (const line of lines) this.typed(options.line?.(line) ?? line, context, print);
      });
    });
  }

  static async open(options: FakeOptions = {}): Promise<FakeDevice> {
    const device = new FakeDevice(options);
    await new Promise<void>((resolve) => device.server.listen(0, "127.0.0.1", resolve));
    return device;
  }

  get name(): string {
    return `tcp:127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private started(): { context: Context; print: { to: (text: string) => void } } {
    const print = { to: (_text: string): void => undefined };
    const random = new Random();
    const { context, realm } = engineContext(() => random.fraction());
    const loop = new IdleLoop((error) => print.to(`Uncaught ${String(error)}`));
    const api = makeApi({
      flash: this.flash,
      loop,
      realm,
      random,
      directory: new Map(),
      refused: () => true,
      print: (line) => print.to(line),
      reboot: () => void this.reboots++,
      crash: () => undefined,
      measure: () => undefined,
    });
    const evaluate = (text: string): unknown => new Script(text).runInContext(context);
    Object.assign(api.globals.process as object, { version: this.options.version ?? "2v29" });
    Object.assign(context, api.globals, { eval: evaluate, SLOT: 0, setTimeout: () => 1 });
    if (this.options.runs !== false) Object.assign(context, { CODE: "x" });
    return { context, print };
  }

  private typed(line: string, context: Context, print: { to: (text: string) => void }): void {
    try {
      new Script(line.replace(/^\x10/, "")).runInContext(context);
    } catch (error) {
      print.to(`Uncaught ${String(error)}`);
    }
  }
}
