/** SNTP (`src/drivers/sntp.ts`, RFC 4330) against a UDP server of the test. */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { wifiTest, type WifiBench, type WifiBenchOptions } from "./bench.ts";

/** Seconds from 1900 to 1970. */
const UNIX = 2_208_988_800;
const NOW = Date.UTC(2026, 10, 20, 12, 0, 0) / 1000;

/** An NTP server; what it answers is up to the test. */
class NtpServer {
  readonly requests: Buffer[] = [];
  /** Makes of the right answer the datagrams that are sent. */
  answer: (right: Buffer, request: Buffer) => Buffer[] = (right) => [right];
  time = NOW;
  private readonly socket: Socket = createSocket("udp4");

  async open(): Promise<number> {
    this.socket.on("message", (request, { port, address }) => {
      this.requests.push(request);
      for (const answer of this.answer(this.right(request), request)) this.socket.send(answer, port, address);
    });
    await new Promise<void>((resolve) => this.socket.bind(0, "127.0.0.1", resolve));
    return this.socket.address().port;
  }

  close(): void {
    this.socket.close();
  }

  private right(request: Buffer): Buffer {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    request.copy(answer, 24, 40, 48);
    for (const at of [32, 40]) answer.writeUInt32BE((this.time + UNIX) % 2 ** 32, at);
    return answer;
  }
}

/** The bench without its CSMS, with an NTP server. */
function sntpTest(
  title: string,
  options: WifiBenchOptions,
  body: (bench: WifiBench & { ntp: NtpServer; time(): Promise<number | null> }) => Promise<void>,
): void {
  const holder = { ntp: new NtpServer() };
  const set: Record<string, string> = {};
  const own: WifiBenchOptions = {
    ...options,
    set,
    async before() {
      holder.ntp = new NtpServer();
      const port = await holder.ntp.open();
      Object.assign(set, { "ClockCtrlr.NtpServerUri[1]": `ntp.test:${port}`, ...options.set });
    },
    prepare: (wifi) => void wifi.names.set("ntp.test", "127.0.0.1"),
    after: () => holder.ntp.close(),
  };
  wifiTest(title, own, async (bench) => {
    const time = async (): Promise<number | null> => {
      const { time: text } = await bench.station.state();
      return text === null ? null : Date.parse(text) / 1000;
    };
    await body({ ...bench, ntp: holder.ntp, time });
  });
}

/** The CSMS is out of reach. */
async function cutOff({ station }: WifiBench): Promise<void> {
  const answer = await station.post("/network", { up: false });
  assert.equal(answer.status, 200);
}

describe("SNTP", () => {
  sntpTest("gives the time when the CSMS cannot", {}, async (bench) => {
    await cutOff(bench);
    await bench.until("time", async () => (await bench.time()) !== null, 90);
    const time = await bench.time();
    assert.ok(time! - NOW >= 0 && time! - NOW < 3, `${time! - NOW}`);
    assert.equal(bench.ntp.requests.length, 1);
    const [request] = bench.ntp.requests;
    assert.equal(request.length, 48);
    assert.equal(request[0], 0x23, "version 4, client");
    assert.ok(request.subarray(1, 40).every((byte) => byte === 0) && request.subarray(40).some((byte) => byte !== 0));
    await bench.advance(120);
    assert.equal(bench.ntp.requests.length, 1);
  });

  sntpTest("asks nobody when the CSMS has told the time", {}, async (bench) => {
    await bench.until("online", bench.online, 5);
    await bench.advance(100);
    assert.equal(bench.ntp.requests.length, 0);
    assert.ok(Math.abs((await bench.time())! - bench.station.now() / 1000) < 3);
  });

  /** Datagrams that are no answer: as if they had not come. */
  const strange: ((right: Buffer) => Buffer)[] = [
    (right) => edit(right, 0, 0x23),
    (right) => edit(right, 31, right[31] ^ 1),
    (right) => right.subarray(0, 47),
    () => Buffer.alloc(1),
  ];
  sntpTest("takes no datagram for an answer that is none, and the answer behind it", {}, async (bench) => {
    await cutOff(bench);
    bench.ntp.time = NOW + 86_400;
    bench.ntp.answer = (right) => [...strange.map((make) => make(time(right, NOW))), right];
    await bench.until("time", async () => (await bench.time()) !== null, 90);
    assert.ok((await bench.time())! >= bench.ntp.time);
    assert.equal(bench.ntp.requests.length, 1);
  });

  /** Answers without a time that could be believed. */
  const wrong: Record<string, (right: Buffer) => Buffer> = {
    "of a server that is not synchronised": (right) => edit(right, 0, 0xe4),
    "without a byte, for which the engine closes the socket": () => Buffer.alloc(0),
    "of stratum 16": (right) => edit(right, 1, 16),
    "without a time": (right) => Buffer.concat([right.subarray(0, 40), Buffer.alloc(8)]),
    "of 1970": (right) => time(right, 5),
    "of 2099": (right) => time(right, Date.UTC(2099, 0, 1) / 1000),
  };
  sntpTest("does not believe every answer", {}, async (bench) => {
    await cutOff(bench);
    for (const [what, make] of Object.entries(wrong)) {
      const before = bench.ntp.requests.length;
      bench.ntp.answer = (right) => [make(right)];
      await bench.until(`a request for an answer ${what}`, () => bench.ntp.requests.length > before, 300);
      await bench.advance(4);
      assert.equal(await bench.time(), null, `an answer ${what}`);
    }
  });

  sntpTest("asks again later and later, never within 15 s (RFC 4330 10)", {}, async (bench) => {
    await cutOff(bench);
    bench.ntp.answer = () => [];
    const seconds: number[] = [];
    for (let second = 0; second < 200; second++) {
      const before = bench.ntp.requests.length;
      await bench.advance(1);
      if (bench.ntp.requests.length > before) seconds.push(second);
    }
    const waits = seconds.slice(1).map((second, index) => second - seconds[index]);
    assert.ok(waits.length > 2 && waits.every((wait, index) => wait >= 16 << index), `${waits}`);
  });

  sntpTest("leaves a server alone for a day that says so (kiss of death, RFC 4330 8)", {}, async (bench) => {
    await cutOff(bench);
    bench.ntp.answer = (right) => [
      Buffer.concat([Buffer.from([0xe4, 0]), right.subarray(2, 12), Buffer.from("RATE"), right.subarray(16)]),
    ];
    await bench.until("a request", () => bench.ntp.requests.length > 0, 90);
    await bench.advance(200);
    assert.equal(bench.ntp.requests.length, 1);
    assert.ok(bench.log.some((line) => line.includes("RATE")));
    assert.equal(await bench.time(), null);
  });

  sntpTest(
    "goes before the CSMS when TimeSource has it first",
    { set: { "ClockCtrlr.TimeSource": "NTP,Heartbeat" } },
    async (bench) => {
      await bench.until("online", bench.online, 5);
      await bench.until("a request", () => bench.ntp.requests.length > 0, 20);
      await bench.advance(2);
      assert.ok(Math.abs((await bench.time())! - NOW) < 10);
      const from = (await bench.time())!;
      await bench.advance(400);
      // A Heartbeat has told another time meanwhile.
      assert.ok(Math.abs((await bench.time())! - from - 400) < 3);
    },
  );

  sntpTest("is not asked when TimeSource has it not", { set: { "ClockCtrlr.TimeSource": "Heartbeat" } }, async (bench) => {
    await cutOff(bench);
    await bench.advance(100);
    assert.equal(bench.ntp.requests.length, 0);
  });
});

function edit(answer: Buffer, at: number, value: number): Buffer {
  const edited = Buffer.from(answer);
  edited[at] = value;
  return edited;
}

function time(answer: Buffer, unix: number): Buffer {
  const edited = Buffer.from(answer);
  edited.writeUInt32BE((unix + UNIX) % 2 ** 32, 40);
  return edited;
}
