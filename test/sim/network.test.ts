/** The network in front of the station: forwarding, down, reset, stalled, and frames read on the way. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { closeAll, closing, image, testCsms, testStation, tlsCsms, until, type TestCsms } from "./fixture.ts";
import type { Station } from "../../tools/sim/sim.ts";

/** A text frame that is no UTF-8, a reserved bit, a masked frame, half a frame. */
const GARBAGE = Buffer.from([0x81, 5, 0x68, 0xff, 0xff, 1, 2, 0xf7, 0x88, 0x99, 0x12]);

/** A station that is online at a CSMS. */
async function online(): Promise<{ station: Station; csms: TestCsms; lines: string[] }> {
  const csms = await testCsms();
  const lines: string[] = [];
  const station = await testStation({ image: image(undefined, csms.address), print: (line) => lines.push(line) });
  await station.post("/clock", { advance: 2 });
  assert.equal((await station.state()).online, true);
  return { station, csms, lines };
}

describe("simulated network", () => {
  afterEach(closeAll);

  it("carries frames both ways and shows their text", async () => {
    const { station, csms } = await online();
    await station.post("/clock", { advance: 10 });
    assert.deepEqual(csms.texts, ['[2,"m1","Heartbeat",{}]']);
    const frames = station.frames();
    assert.deepEqual(
      frames.map(({ k, dir, text }) => [k, dir, text]),
      [
        [1, "out", '[2,"m1","Heartbeat",{}]'],
        [2, "in", '[3,"m1",{}]'],
      ],
    );
    [...csms.sockets][0].send("é");
    await until(() => station.frames(2).length === 1, "third frame");
    assert.equal(station.frames(2)[0].text, "é");
  });

  it("down: the connection is reset, and the next attempt throws in the firmware", async () => {
    const { station, csms, lines } = await online();
    await station.post("/network", { up: false });
    assert.equal((await station.state()).online, false, "the firmware has seen it when the call answers");
    await until(() => csms.sockets.size === 0, "the CSMS has seen it");
    await station.post("/clock", { advance: 1 });
    assert.deepEqual(lines, ["connect: Unable to create socket"]);
    await station.post("/network", { up: true });
    await station.post("/clock", { advance: 2 });
    assert.equal((await station.state()).online, true);
  });

  it("drop: the connection is reset once", async () => {
    const { station, lines } = await online();
    await station.post("/network", { drop: true });
    assert.equal((await station.state()).online, false);
    await station.post("/clock", { advance: 2 });
    assert.equal((await station.state()).online, true);
    assert.deepEqual(lines, []);
  });

  it("stall: both ends keep the connection, nothing arrives until it ends", async () => {
    const { station, csms } = await online();
    await station.post("/network", { stall: true });
    [...csms.sockets][0].send("[2]");
    await station.post("/clock", { advance: 20 });
    assert.equal((await station.state()).online, true);
    assert.deepEqual(csms.texts, []);
    assert.deepEqual(
      station.frames().map(({ dir }) => dir),
      ["out", "out"],
      "what the firmware sent is seen, what the CSMS sent is not",
    );
    await station.post("/network", { stall: false });
    await until(() => csms.texts.length === 2, "the frames arrive");
    await until(() => station.frames().some(({ text }) => text === "[2]"), "and those of the CSMS");
  });

  it("stall: an end that closes is not heard at the other until the stall ends", async () => {
    const { station, csms } = await online();
    await station.post("/network", { stall: true });
    [...csms.sockets][0].terminate();
    await station.post("/clock", { advance: 5 });
    assert.equal((await station.state()).online, true);
    await station.post("/network", { stall: false });
    await until(async () => !(await station.state()).online, "the station hears of it");
  });

  it("stall: a new connection is accepted and leads nowhere until the stall ends", async () => {
    const { station, csms } = await online();
    await station.post("/network", { drop: true });
    await until(() => csms.sockets.size === 0, "dropped");
    await station.post("/network", { stall: true });
    await station.post("/clock", { advance: 3 });
    assert.equal((await station.state()).online, false);
    assert.equal(csms.sockets.size, 0);
    await station.post("/network", { stall: false });
    await until(async () => (await station.state()).online, "online");
  });

  it("closes a connection to a target that refuses", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    server.close();
    const station = await testStation({ image: image(undefined, `127.0.0.1,${port}`) });
    await station.post("/clock", { advance: 1 });
    await until(async () => (await station.get("/state")).status === 200 && (await station.state()).online === false, "offline");
    const unknown = await testStation({ image: image(undefined, "no.such.host.invalid,80") });
    assert.equal((await unknown.post("/clock", { advance: 3 })).status, 200);
  });

  it("passes garbage on and survives it", async () => {
    const server = createServer((socket: Socket) => {
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 101 Yes\r\n\r\n");
      setTimeout(() => socket.write(GARBAGE), 30);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing({ close: () => void server.close() });
    const station = await testStation({ image: image(undefined, `127.0.0.1,${(server.address() as AddressInfo).port}`) });
    await station.post("/clock", { advance: 2 });
    await until(() => station.frames().length === 1, "the text frame");
    assert.equal((await station.post("/clock", { advance: 5 })).status, 200);
    assert.equal((await station.state()).online, true);
  });

  it("passes TLS through", async () => {
    const station = await testStation({ image: image(undefined, await tlsCsms()) });
    await station.post("/clock", { advance: 1 });
    await until(async () => (await station.state()).online, "online over TLS");
    await station.post("/network", { drop: true });
    assert.equal((await station.state()).online, false);
  });
});
