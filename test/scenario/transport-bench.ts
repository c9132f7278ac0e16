/**
 * A station in the middle of a charge, and a server that turns bad for it on command: `Siege`. The station is connected all the time but
 * for the attacks, so that each one finds a transaction that it could do harm to.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startStation, type Station, type StationOptions, type StationState } from "../../tools/sim/sim.ts";
import { startHostile, type Attack, type Connection, type HostileServer } from "../csms/hostile.ts";
import { encodeFrame, PING, PONG, textFrame, type UpgradeRequest } from "../csms/raw-websocket.ts";
import { BOARD } from "./harness.ts";

export const FULL = process.env.FULL === "1";

/** For property tests: SEED repeats a run, its number is in the test's title. */
export const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

/** A back-off of one second, so that little time passes between attacks. */
export const QUICK = {
  "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
  "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
  "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
};

/** What must not change while a car charges: the whole EVSE but for what the meter counts. */
export type Steady = Pick<StationState["evses"][0], "contactor" | "locked" | "limitAmps" | "pilot" | "status" | "transactionId">;

/** The attack that is on when a connection comes stays with that connection. */
class Turncoat implements Attack {
  attack: Attack = {};
  private readonly chosen = new WeakMap<Connection, Attack>();

  connected(connection: Connection): void {
    this.of(connection).connected?.(connection);
  }

  upgrade(connection: Connection, request: UpgradeRequest): void {
    const { upgrade } = this.of(connection);
    if (upgrade) upgrade(connection, request);
    else connection.accept();
  }

  strike(connection: Connection): void | Promise<void> {
    return this.of(connection).strike?.(connection);
  }

  send(connection: Connection, text: string): void {
    const attack = this.of(connection);
    if (attack.mute) return;
    if (attack.send) attack.send(connection, text);
    else connection.write(textFrame(text));
  }

  private of(connection: Connection): Attack {
    let attack = this.chosen.get(connection);
    if (!attack) this.chosen.set(connection, (attack = this.attack));
    return attack;
  }
}

export class Siege {
  /** Lines of the firmware and the engine. */
  readonly log: string[] = [];
  station!: Station;

  private constructor(
    readonly server: HostileServer,
    private readonly turncoat: Turncoat,
  ) {}

  /** A station that is registered with a good server. `url` makes the station's URL from the server's. */
  static async open(options: StationOptions, url = (server: string) => server): Promise<Siege> {
    const turncoat = new Turncoat();
    const siege = new Siege(await startHostile(turncoat), turncoat);
    siege.station = await startStation({
      board: BOARD,
      csms: url(siege.server.url),
      timeScale: 0,
      set: QUICK,
      print: (line) => siege.log.push(line),
      ...options,
    });
    await siege.until("registered", async () => (await siege.station.state()).registration === "Accepted");
    return siege;
  }

  /** The newest connection. */
  get last(): Connection {
    const { last } = this.server;
    assert.ok(last, "no connection has come");
    return last;
  }

  async close(): Promise<void> {
    await this.station.close();
    await this.server.close();
  }

  async post(path: string, body: object = {}): Promise<void> {
    const answer = await this.station.post(path, body);
    assert.equal(answer.status, 200, `POST ${path}: ${JSON.stringify(answer.body)}`);
  }

  /** Simulated seconds pass, a few ms of real time each, until `condition` holds. */
  async until(what: string, condition: () => unknown, seconds = 60): Promise<void> {
    for (let second = 0; !(await condition()); second++) {
      if (second >= seconds) assert.fail(`${what}: not within ${seconds} simulated seconds\n${this.log.slice(-10).join("\n")}`);
      await this.post("/clock", { advance: 1 });
      await sleep(3);
    }
  }

  /** A car comes and charges. */
  async charge(): Promise<void> {
    await this.post("/evse/1/plug");
    await this.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await this.post("/evse/1/ev", { draw: true, amps: 16 });
    await this.until("charging", async () => (await this.station.state()).evses[0].contactor);
    await this.until("all events confirmed", async () => (await this.station.state()).queue.events === 0);
  }

  async steady(): Promise<Steady> {
    const { contactor, locked, limitAmps, pilot, status, transactionId } = (await this.station.state()).evses[0];
    return { contactor, locked, limitAmps, pilot, status, transactionId };
  }

  /**
   * Ends the connection; the next `times` connections meet `attack`, all after them a good server. Returns those connections when the
   * station is online with the good one, or when it has stayed on an attacked one and answers there.
   */
  async suffer(attack: () => Attack, times = 1): Promise<Connection[]> {
    const first = this.server.connections.length;
    this.turncoat.attack = attack();
    this.last.reset();
    const attacked = (): Connection[] => this.server.connections.slice(first, first + times);
    for (let round = 0; round < times; round++) {
      await this.until(`connection ${round + 1}`, () => this.server.connections.length > first + round);
      this.turncoat.attack = round + 1 < times ? attack() : {};
      const connection = this.last;
      await this.until(
        "the attack is over",
        async () =>
          connection.ended !== null ||
          (connection.upgraded && !(await this.struck(connection)) && (await this.alive(connection))),
      );
      if (connection.ended === null) return attacked();
    }
    await this.until("online again", async () => this.last.upgraded && (await this.alive(this.last)));
    return attacked();
  }

  /** The attack may still lead to an end: lets the engine take what was sent to it. */
  private async struck(connection: Connection): Promise<boolean> {
    await connection.settled(300);
    return connection.ended !== null || connection.close !== null;
  }

  /** The station answers a ping and a request on this connection. */
  async alive(connection: Connection): Promise<boolean> {
    const id = `alive-${this.server.connections.length}-${connection.frames.length}`;
    connection.write(encodeFrame({ opcode: PING, payload: Buffer.from(id) }));
    connection.write(
      textFrame(
        `[2,"${id}","GetVariables",{"getVariableData":[{"component":{"name":"TxCtrlr"},"variable":{"name":"TxStopPoint"}}]}]`,
      ),
    );
    const end = Date.now() + 2000;
    while (connection.ended === null && connection.close === null && Date.now() < end) {
      const answered = connection.texts.some((text) => text.startsWith(`[3,"${id}",`) && text.includes("PowerPathClosed"));
      const ponged = connection.frames.some(({ opcode, payload }) => opcode === PONG && payload.toString() === id);
      if (answered && ponged) return true;
      await sleep(1);
    }
    return false;
  }

  /** Sends text and waits for the message that has the id. */
  async ask(id: string, bytes: Buffer): Promise<string> {
    const connection = this.last;
    const from = connection.texts.length;
    connection.write(bytes);
    const end = Date.now() + 5000;
    for (;;) {
      const answer = connection.texts.slice(from).find((text) => text.startsWith(`[3,"${id}"`) || text.startsWith(`[4,"${id}"`));
      if (answer !== undefined) return answer;
      if (Date.now() > end || connection.ended !== null) assert.fail(`no answer to ${id}; ${this.log.slice(-5).join(" | ")}`);
      await sleep(1);
    }
  }

  /** All that the station has sent so far is right by RFC 6455, OCPP-J and the schemas. */
  faultless(): void {
    assert.deepEqual(
      this.server.connections.flatMap(({ number, faults }) => faults.map((fault) => `connection ${number}: ${fault}`)),
      [],
    );
  }
}
