/** A socket of the firmware that leads nowhere but into this process. */
import { Emitter } from "../sim/node-engine/emitter.ts";
import { REBOOT } from "../sim/node-engine/idle-loop.ts";
import type { Peer } from "./peer.ts";
import type { StillLoop } from "./still-loop.ts";

/** The CSMS's end of a socket is a `Peer`, that of the link the world. */
export class WorldSocket extends Emitter {
  dSnd = "";
  clsNow: unknown = false;
  readonly incoming: string[] = [];
  gone = false;
  peer: Peer | null = null;

  constructor(
    loop: StillLoop,
    private readonly taken: (text: string) => void,
    private readonly finished: () => void,
  ) {
    super(loop);
  }

  write(text: unknown): boolean {
    if (this.loop.dead) throw REBOOT;
    if (this.gone) throw new Error("This socket is closed");
    this.taken(String(text));
    this.emit("drain", this);
    return false;
  }

  end(): void {
    if (!this.gone) this.finish();
  }

  /** The connection ends; the firmware hears of it. */
  finish(): void {
    this.gone = true;
    this.finished();
    this.emit("end");
    this.emit("close", false);
  }
}
