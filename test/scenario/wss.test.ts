/**
 * wss:// with the CSMS's certificate installed (A-01, A-03; security profile 2 as far as the engine carries it). TLS memory is the
 * engine's: on Espruino it needs 5,000 variables. A server that the engine cannot speak to is one that is not there: a line in the log and
 * back-off (RPC-13), and no harm to a charge.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { generate } from "selfsigned";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { makeCertificate, type TlsFiles } from "../../tools/csms/certificate.ts";
import { startStation, type Station } from "../../tools/sim/sim.ts";
import { boardData } from "../../tools/twins/board-data.ts";
import { BOARD, hasEspruino } from "./harness.ts";
import { QUICK } from "./transport-bench.ts";

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
/** Variables of an engine on which a handshake fits beside the firmware. */
const TLS_VARIABLES = "5000";
const DAY = 86_400_000;
const PASSWORD = "secret-Of-CS001-16";

function der(pem: string): string {
  return new X509Certificate(pem).raw.toString("base64");
}

/** A chain with P-256 keys, valid in every other respect. */
async function ellipticCertificate(): Promise<TlsFiles> {
  const dates = { notBeforeDate: new Date(Date.now() - DAY), notAfterDate: new Date(Date.now() + DAY) };
  const options = { ...dates, algorithm: "sha256", keyType: "ec", curve: "P-256" } as const;
  const root = await generate([{ name: "commonName", value: "EC root" }], {
    ...options,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...options,
    ca: { key: root.private, cert: root.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  return { key: server.private, cert: server.cert, ca: root.cert };
}

interface Secure {
  station: Station;
  log: string[];
  post(path: string, body?: object): Promise<void>;
  /** Simulated seconds pass, with real time for the handshake, until `condition` holds. */
  until(what: string, condition: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
}

async function secureStation(engine: "node" | "espruino", url: string, ca: string): Promise<Secure> {
  const log: string[] = [];
  const station = await startStation({
    engine,
    csms: url,
    ca: der(ca),
    password: PASSWORD,
    timeScale: 0,
    set: QUICK,
    print: (line) => log.push(line),
  });
  const post = async (path: string, body: object = {}): Promise<void> => {
    const answer = await station.post(path, body);
    assert.equal(answer.status, 200, `POST ${path}: ${JSON.stringify(answer.body)}`);
  };
  return {
    station,
    log,
    post,
    until: async (what, condition, seconds = 40) => {
      for (let second = 0; !(await condition()); second++) {
        assert.ok(second < seconds, `${what}: not within ${seconds} s; ${log.slice(-6).join(" | ")}`);
        await post("/clock", { advance: 1 });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

async function charge({ station, post, until }: Secure): Promise<void> {
  await until("accepted", async () => (await station.state()).registration === "Accepted");
  await post("/evse/1/plug");
  await post("/tap", CARD);
  await post("/evse/1/ev", { draw: true, amps: 16 });
  await until("charging", async () => (await station.state()).evses[0].contactor);
  await until("delivered", async () => (await station.state()).queue.events === 0);
}

/** What answers at the address of a CSMS and is none that the station can speak to. */
type Stranger = (port: number) => Promise<{ attempts(): number; close(): Promise<void> }>;

async function stranger(port: number, files: TlsFiles, options: object): Promise<Awaited<ReturnType<Stranger>>> {
  let attempts = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ key: files.key, cert: files.cert, ...options });
  server.on("connection", (socket: Socket) => {
    attempts++;
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("secureConnection", (socket) => void socket.on("error", () => undefined));
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    attempts: () => attempts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

for (const engine of ["node", "espruino"] as const) {
  const refuses =
    BOARD !== "sim" && !boardData(BOARD).ALLOW_UNVERIFIED_TLS ? `: board ${BOARD} speaks to no server that it cannot verify` : "";
  const missing = refuses || (engine === "espruino" && !hasEspruino() ? ": no binary in ESPRUINO or on PATH" : "");

  describe(`wss [${engine}${missing}]`, function () {
    this.timeout(90_000);
    const { JSVARS } = process.env;
    let files: TlsFiles;
    let csms: Csms;
    let secure: Secure;

    before(async function () {
      if (missing) this.skip();
      // The stock engine has room enough anyway.
      process.env.JSVARS = TLS_VARIABLES;
      files = await makeCertificate();
    });

    after(() => {
      if (JSVARS === undefined) delete process.env.JSVARS;
      else process.env.JSVARS = JSVARS;
    });

    afterEach(async () => {
      await secure?.station.close();
      await csms?.close();
    });

    async function start(): Promise<void> {
      csms = await startCsms({ tls: files, password: PASSWORD, now: () => secure?.station.now() ?? Date.now() });
      assert.match(csms.url, /^wss:\/\//);
      secure = await secureStation(engine, csms.url, csms.ca!);
    }

    it("a charge over TLS with an RSA certificate; its frames are in the log", async () => {
      await start();
      const { station, post, until } = secure;
      await charge(secure);
      await post("/clock", { advance: 125 });
      await post("/tap", CARD);
      await until("ended", async () => csms.stations.get("CS001")!.running().length === 0);
      await until("delivered", async () => (await station.state()).queue.events === 0);
      assert.deepEqual(csms.violations, []);
      assert.deepEqual(csms.findings, []);
      const [transaction] = csms.stations.get("CS001")!.transactions.values();
      assert.deepEqual([transaction.ended, transaction.stoppedReason], [true, "Local"]);
      assert.ok(transaction.lastWh! > transaction.startWh!);
      // The mirror of the plaintext tells the same as the server.
      const seen = csms.frames.map(({ dir, text }) => `${dir === "in" ? "out" : "in"} ${text}`);
      assert.deepEqual(
        station.frames().map(({ dir, text }) => `${dir} ${text}`),
        seen,
      );
      assert.equal(csms.attempts[0].authorization, `Basic ${Buffer.from(`CS001:${PASSWORD}`).toString("base64")}`);
    });

    it("an engine that was not proven to verify certificates gives no security profile 2, and that is said", async () => {
      await start();
      await secure.until("accepted", async () => (await secure.station.state()).registration === "Accepted");
      const answer = await csms.call("CS001", "GetVariables", {
        getVariableData: [{ component: { name: "SecurityCtrlr" }, variable: { name: "SecurityProfile" } }],
      });
      assert.equal((answer.getVariableResult as { attributeValue: string }[])[0].attributeValue, "1");
      assert.ok(
        secure.log.some((line) => /not proven to verify/.test(line)),
        secure.log.join(" | "),
      );
    });

    it("a link that is lost: back over TLS, several times, no BootNotification", async () => {
      await start();
      const { station, post, until } = secure;
      await charge(secure);
      for (let round = 0; round < 3; round++) {
        if (round === 1) csms.disconnect("CS001", "reset");
        else await post("/network", { drop: true });
        await until("offline", async () => !(await station.state()).online);
        await until("online", async () => (await station.state()).online);
        assert.equal((await station.state()).evses[0].contactor, true);
      }
      await post("/clock", { advance: 60 });
      await until("delivered", async () => (await station.state()).queue.events === 0);
      assert.equal(csms.stations.get("CS001")!.boots, 1);
      assert.deepEqual(csms.findings, []);
    });

    const strangers: [what: string, stranger: Stranger, only?: "espruino"][] = [
      [
        "has an ECDSA certificate only",
        async (port) => stranger(port, await ellipticCertificate(), { maxVersion: "TLSv1.2" }),
        "espruino",
      ],
      ["speaks TLS 1.3 only", async (port) => stranger(port, await makeCertificate(), { minVersion: "TLSv1.3" })],
      [
        "has no suite in common",
        async (port) =>
          stranger(port, await makeCertificate(), { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-CHACHA20-POLY1305" }),
        "espruino",
      ],
    ];
    for (const [what, open, only] of strangers) {
      if (only !== undefined && only !== engine) continue;
      it(`RPC-02: a server that ${what}: log line, back-off, the charge goes on; back when the server is right again`, async () => {
        await start();
        const { station, log, post, until } = secure;
        await charge(secure);
        const { port } = csms;
        await csms.close();
        const bad = await open(port);
        try {
          const known = log.length;
          for (let second = 0; second < 60 && bad.attempts() < 8; second++) {
            await post("/clock", { advance: 2 });
            await new Promise((resolve) => setTimeout(resolve, 30));
            const state = await station.state();
            assert.equal(state.online, false);
            assert.equal(
              state.evses[0].contactor,
              true,
              `attempt ${bad.attempts()}: the charge goes on; ${log.slice(known).join(" | ")}`,
            );
          }
          assert.ok(bad.attempts() >= 8, `${bad.attempts()} attempts`);
          const lines = log.slice(known).filter((line) => /tls|handshake|CSMS|connection/i.test(line));
          assert.ok(lines.length > 0, `no line says what is wrong: ${log.slice(known).join(" | ")}`);
          assert.deepEqual(
            log.slice(known).filter((line) => /Interrupted|MEMORY|ReferenceError|TypeError/.test(line)),
            [],
          );
        } finally {
          await bad.close();
        }
        csms = await startCsms({ port, tls: files, password: PASSWORD, now: () => station.now() });
        await until("online", async () => (await station.state()).online);
        assert.equal((await station.state()).evses[0].contactor, true);
      });
    }

    it("the password of the station is in no log line", async () => {
      await start();
      await charge(secure);
      assert.deepEqual(
        secure.log.filter((line) => line.includes(PASSWORD)),
        [],
      );
    });
  });
}
