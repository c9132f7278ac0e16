/** The page of a board that is to be configured (`src/setup`), over its real sockets: what it answers, tries, saves, and what it survives. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { wifiTest, type WifiBench } from "./bench.ts";
import { ask, pagePort } from "./page-client.ts";

const TITLE = "<title>Charging station: set up</title>";

function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

const FIELDS = {
  ssid: "Caf\u00e9 & Co",
  key: "a+b=c%20d",
  url: "ws://csms.test:9000/ocpp",
  id: "CP 7",
  password: "0123456789abcdef",
  version: "ocpp2.0.1",
  amps: "20",
};

async function state(port: number): Promise<Record<string, unknown>> {
  const { status, body } = await ask(port, "GET /state");
  assert.equal(status, 200);
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8")) as Record<string, unknown>;
}

describe("setup page", () => {
  wifiTest("is there on a board without a network, for any path", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    assert.equal(bench.wifi.own!.ssid, "Bench 0001");
    for (const request of ["GET /", "GET /generate_204", "GET http://captive.apple.com/hotspot-detect.html", "GET /state/x?y"]) {
      const { status, head, body } = await ask(port, request);
      assert.equal(status, 200, request);
      assert.ok(body.includes(TITLE) && body.trimEnd().endsWith("</html>"), request);
      assert.match(head, new RegExp(`Content-Length: ${body.length}\\b`));
    }
    const { body, head } = await ask(port, "HEAD /");
    assert.equal(body, "");
    assert.match(head, /Content-Length: [1-9]/);
  });

  wifiTest("is under any name: DNS of the access point", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const name = "\x03www\x07example\x03com\0";
    const query = (more: string): Buffer => Buffer.from("\x12\x34\x01\0\0\x01\0\0\0\0\0\0" + more, "latin1");
    const answer = await lookUp(port, query(`${name}\0\x01\0\x01`));
    assert.equal(answer.subarray(0, 12).toString("hex"), "123485800001000100000000");
    assert.equal(answer.subarray(-4).join("."), "192.168.4.1");
    assert.equal(answer.subarray(12, 33).toString("latin1"), `${name}\0\x01\0\x01`);
    const none = await lookUp(port, query(`${name}\0\x1c\0\x01`));
    assert.equal(none.readUInt16BE(6), 0, "no address of IPv6");
    const more = ["", "\x3f", `${name}\0\x01`, "\xc0\x0c\0\x01\0\x01", "\x01a".repeat(200)].map(query);
    const sound = query("\x01a\0\0\x01\0\x01");
    assert.equal((await lookUp(port, Buffer.alloc(1), ...more, sound)).length, sound.length + 16);
  });

  wifiTest(
    "tells the networks, the strongest first",
    {
      configured: false,
      prepare: (wifi) => {
        wifi.network('say "hi"', "x".repeat(8), { rssi: -40 });
        wifi.network("Caf\u00e9", "", { rssi: -70 });
        wifi.network("Home", "", { rssi: -90 });
        wifi.network("", "x".repeat(8), { rssi: -30 });
      },
    },
    async (bench) => {
      const port = await pagePort(bench);
      assert.equal((await ask(port, "POST /scan", " ")).status, 200);
      await bench.advance(1);
      assert.deepEqual((await state(port)).networks, [
        ['say "hi"', -40, "wpa2"],
        ["Home", -60, "wpa2"],
        ["Caf\u00e9", -70, "open"],
      ]);
    },
  );

  wifiTest("saves what it is given, at once, and the station starts with it", { configured: false }, async (bench) => {
    const { wifi, csms, until, online } = bench;
    const port = await pagePort(bench);
    const home = { ...FIELDS, ssid: "Home", key: "correct horse", url: csms.url };
    const ops = async (): Promise<number> => (await bench.station.state()).flash.erases;
    const before = await ops();
    const { status, body } = await ask(port, "POST /save", form(home));
    assert.deepEqual([status, body], [200, '{"error":""}']);
    assert.ok((await ops()) - before <= 1);
    await until("online", online, 30);
    assert.ok(wifi.asked.includes("join Home") && wifi.own === null);
    assert.deepEqual([...csms.stations.keys()], ["CP 7"]);
  });

  wifiTest("says which field is wrong, and saves nothing then", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const wrong: [keyof typeof FIELDS, string][] = [
      ["ssid", ""],
      ["ssid", "x".repeat(33)],
      ["ssid", "a\nb"],
      ["key", "short"],
      ["key", "x".repeat(64)],
      ["url", "http://csms.test"],
      ["url", "wss://csms.test"],
      ["url", "ws://csms.test:99999"],
      ["url", "ws://"],
      ["id", ""],
      ["id", "a:b"],
      ["id", "x".repeat(49)],
      ["password", "0123456789abcde"],
      ["password", "0123456789abcde\u00e9"],
      ["version", "ocpp1.5"],
      ["amps", "5"],
      ["amps", "1e1"],
      ["amps", "81"],
    ];
    for (const [field, value] of wrong) {
      const { status, body } = await ask(port, "POST /save", form({ ...FIELDS, [field]: value }));
      assert.deepEqual([status, body], [422, `{"error":"${field}"}`], `${field} ${JSON.stringify(value)}`);
    }
    assert.equal((await ask(port, "POST /save", "ssid=%4")).status, 422);
    assert.equal((await state(port)).ssid, "");
    await bench.advance(3);
    assert.equal(await state(port).then(({ url }) => url), "");
  });

  wifiTest("shows no secret, and keeps one that is left out", {}, async (bench) => {
    const { station, csms, until, online, wifi } = bench;
    await until("online", online, 10);
    await hold(bench);
    const port = await pagePort(bench);
    const shown = await ask(port, "GET /state");
    assert.ok(!shown.body.includes("correct horse") && !shown.body.includes("0123456789abcdef"));
    const known = await state(port);
    assert.deepEqual([known.ssid, known.haveKey, known.havePassword, known.id], ["Home", true, true, "CS001"]);
    const left = { ...FIELDS, ssid: "Home", key: "", password: "", url: csms.url, id: "CS001" };
    assert.equal((await ask(port, "POST /save", form(left))).status, 200);
    await until("online", online, 30);
    assert.deepEqual([wifi.asked.filter((what) => what === "join Home").length, (await station.state()).online], [2, true]);
  });

  wifiTest("tells another CSMS no password of the one before", {}, async (bench) => {
    const { until, online, csms } = bench;
    await until("online", online, 10);
    await hold(bench);
    const port = await pagePort(bench);
    const other = { ...FIELDS, ssid: "Home", key: "", password: "", url: `${csms.url}/elsewhere`, id: "CS001" };
    assert.equal((await ask(port, "POST /try", form(other))).status, 200);
    await until("verdict", async () => (await state(port)).verdict !== "", 60);
    assert.match(String((await state(port)).verdict), /401/);
  });

  wifiTest("opens after the button was held for 5 s, not before, and closes after 15 minutes", {}, async (bench) => {
    const { station, wifi, advance, until, online, press } = bench;
    // A frame that passes lets the twins poll once more: none is under way while the press is timed.
    await until("registered", async () => (await station.state()).registration === "Accepted", 20);
    await advance(20);
    press(true);
    await advance(4);
    press(false);
    await advance(2);
    assert.ok(await online());
    await hold(bench);
    await pagePort(bench);
    await until("offline", async () => !(await online()), 5);
    await advance(905);
    assert.equal(wifi.own, null);
    await until("online", online, 20);
  });

  describe("tries a configuration before it is saved", () => {
    const cases: [string, Partial<typeof FIELDS>, RegExp][] = [
      ["that works", {}, /^CSMS: HTTP\/1.1 101 /],
      ["with a wrong password of the network", { key: "wrong horse" }, /^Wi-Fi: 4WAY_HANDSHAKE_TIMEOUT$/],
      ["with a network that is not there", { ssid: "Nowhere" }, /^Wi-Fi: NO_AP_FOUND$/],
      ["with a wrong password of the CSMS", { password: "fedcba9876543210" }, /^CSMS: HTTP\/1.1 401 /],
      ["with a name that does not exist", { url: "ws://nowhere.test" }, /^no address of nowhere.test$/],
    ];
    for (const [title, fields, verdict] of cases)
      wifiTest(title, { configured: false }, async (bench) => {
        const { csms, until, wifi, station } = bench;
        const port = await pagePort(bench);
        const home = { ...FIELDS, ssid: "Home", key: "correct horse", url: csms.url, id: "CS001", ...fields };
        assert.equal((await ask(port, "POST /try", form(home))).status, 200);
        assert.equal((await ask(port, "POST /try", form(home))).status, 422, "one at a time");
        await until("access point closed", () => wifi.own === null, 10);
        await until("access point open again", () => wifi.own !== null, 100);
        const { verdict: told, ssid } = await state(port);
        assert.match(String(told), verdict);
        assert.equal(ssid, "", "nothing is saved");
        assert.equal(station.frames().length, 0, "nothing of OCPP is said");
      });
  });
});

/** Sends datagrams and gives the first answer. */
function lookUp(port: number, ...queries: Buffer[]): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("message", (answer) => {
      socket.close();
      resolve(answer);
    });
    for (const query of queries) socket.send(query, port, "127.0.0.1");
  });
}

/** Holds the button until the page opens. */
async function hold({ press, advance }: WifiBench): Promise<void> {
  press(true);
  await advance(6);
  press(false);
}
