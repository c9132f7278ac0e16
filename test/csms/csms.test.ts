import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER, rpcError, type CallError } from "../../tools/csms/csms.ts";
import { Bench } from "./bench.ts";
import { BOOT, FakeStation } from "./fake-station.ts";

const PASSWORD = "sixteen-letters!";

describe("embedded CSMS", () => {
  const bench = new Bench();

  describe("connection (RPC-01, A-01)", () => {
    it("gives the subprotocol that it likes best and keeps both directions' frames", async () => {
      await bench.start({ protocols: ["ocpp2.0.1", "ocpp1.6"] });
      const fake = await bench.station("CS 1%", { protocols: ["ocpp1.6", "ocpp2.0.1"] }).catch(() => null);
      assert.equal(fake, null, "a malformed path is refused and does no harm");
      const other = await bench.station("CS001", { protocols: ["ocpp1.6", "ocpp2.0.1"] });
      assert.equal(other.socket.protocol, "ocpp2.0.1");
      await other.call("Heartbeat", {});
      assert.deepEqual(
        bench.csms.frames.map(({ dir, identity }) => `${identity} ${dir}`),
        ["CS001 in", "CS001 out"],
      );
      assert.deepEqual(bench.csms.attempts.at(-1)?.offered, ["ocpp1.6", "ocpp2.0.1"]);
    });

    it("closes a connection without a subprotocol in common", async () => {
      await bench.start();
      const fake = await FakeStation.connect(bench.csms.url, "CS001", { protocols: ["ocpp1.6"] }).catch(
        (error: Error) => error.message,
      );
      assert.equal(fake, "Server sent no subprotocol");
    });

    it("refuses a wrong and a missing password with 401", async () => {
      await bench.start({ password: PASSWORD });
      for (const password of ["wrong-password!!", undefined]) {
        const answer = await FakeStation.connect(bench.csms.url, "CS001", { password }).catch((error: Error) => error.message);
        assert.equal(answer, "Unexpected server response: 401");
      }
      await bench.station("CS001", { password: PASSWORD });
      assert.deepEqual(
        bench.csms.attempts.map(({ accepted }) => accepted),
        [false, false, true],
      );
    });

    it("answers plain HTTP with 404", async () => {
      await bench.start();
      assert.equal((await fetch(bench.csms.url.replace("ws:", "http:"))).status, 404);
    });

    it("speaks TLS 1.2 with a plain RSA suite and a certificate for localhost", async () => {
      await bench.start({ tls: true, password: PASSWORD });
      assert.match(bench.csms.url, /^wss:\/\/localhost:/);
      const fake = await bench.station("CS001", {
        ca: bench.csms.ca!,
        password: PASSWORD,
        ciphers: "AES256-GCM-SHA384",
        maxVersion: "TLSv1.2",
      });
      assert.deepEqual((await fake.call("Heartbeat", {}))[0], 3);
      const unknown = await FakeStation.connect(bench.csms.url, "CS001", { password: PASSWORD }).catch(
        (error: Error) => error.message,
      );
      assert.match(String(unknown), /certificate/);
    });

    it("lets a new connection of a station take the place of the old one", async () => {
      await bench.start();
      const old = await bench.station();
      const young = await bench.station();
      await bench.csms.waitFor(() => old.close);
      young.answers.ClearCache = () => ({ status: "Accepted" });
      assert.deepEqual(await bench.csms.call("CS001", "ClearCache"), { status: "Accepted" });
      assert.equal(bench.csms.stations.get("CS001")?.connects, 2);
      assert.equal(bench.csms.stations.get("CS001")?.online, true);
    });

    it("counts pings and ends connections with a code or a reset", async () => {
      await bench.start();
      const fake = await bench.station();
      fake.socket.ping();
      await bench.csms.waitFor(() => bench.csms.stations.get("CS001")?.pings === 1);
      bench.csms.disconnect("CS001", { code: 1001, reason: "maintenance" });
      await bench.csms.waitFor(() => fake.close);
      assert.deepEqual(fake.close, { code: 1001, reason: "maintenance" });
      const again = await bench.station();
      bench.csms.disconnect("CS001", "reset");
      await bench.csms.waitFor(() => again.close?.code === 1006);
      await bench.csms.waitFor(() => !bench.csms.stations.get("CS001")?.online);
    });

    it("ends at once and frees its port", async () => {
      await bench.start();
      const fake = await bench.station();
      const idle = connect(bench.csms.port, "127.0.0.1");
      idle.on("error", () => undefined);
      const { port } = bench.csms;
      await bench.csms.close();
      idle.destroy();
      await bench.start({ port });
      await bench.csms.waitFor(() => fake.close?.code === 1006);
    });
  });

  describe("answers", () => {
    it("accepts a boot with interval and clock, and knows bad cards by their beginning", async () => {
      const now = Date.UTC(2030, 0, 1);
      await bench.start({ interval: 42, now: () => now });
      bench.csms.advance(60);
      const fake = await bench.station();
      const [, , boot] = await fake.call("BootNotification", BOOT);
      assert.deepEqual(boot, { currentTime: "2030-01-01T00:01:00.000Z", interval: 42, status: "Accepted" });
      const verdict = async (idToken: string): Promise<unknown> => {
        const [, , answer] = await fake.call("Authorize", { idToken: { idToken, type: "ISO14443" } });
        return (answer as { idTokenInfo: unknown }).idTokenInfo;
      };
      assert.deepEqual(await verdict("DEADBEEF"), { status: "Invalid" });
      assert.deepEqual(await verdict("b10c0001"), { status: "Blocked" });
      assert.deepEqual(await verdict("E1000000"), { status: "Expired" });
      assert.deepEqual(await verdict("AA000001"), { status: "Accepted", groupIdToken: { idToken: "GROUP-AA", type: "Central" } });
      assert.deepEqual(await verdict("04A1B2C3"), { status: "Accepted" });
    });

    it("can be replaced: by other ones, errors, silence and patience", async () => {
      await bench.start({ handlers: { Heartbeat: () => NO_ANSWER } });
      const fake = await bench.station();
      bench.csms.on("BootNotification", (_request, { defaultAnswer }) => ({
        ...defaultAnswer(),
        status: "Pending",
        interval: 5,
      }));
      bench.csms.on("StatusNotification", () => {
        throw rpcError("InternalError", "no");
      });
      bench.csms.on("Authorize", async (_request, { defaultAnswer }) => {
        await sleep(30);
        return defaultAnswer();
      });
      const undo = bench.csms.on("NotifyEvent", (_request, { raw, messageId }) => {
        raw(`[3,"${messageId}",{"bad":1}]`);
        return NO_ANSWER;
      });
      assert.equal(((await fake.call("BootNotification", BOOT))[2] as { status: string }).status, "Pending");
      assert.equal(bench.csms.stations.get("CS001")?.registration, "Pending");
      const status = { timestamp: "2026-01-01T00:00:00Z", connectorStatus: "Available", evseId: 1, connectorId: 1 };
      assert.deepEqual((await fake.call("StatusNotification", status)).slice(2, 4), ["InternalError", "no"]);
      assert.equal((await fake.call("Authorize", { idToken: { idToken: "1", type: "Central" } }))[0], 3);
      const event = { generatedAt: "2026-01-01T00:00:00Z", seqNo: 0, eventData: [] };
      assert.equal((await fake.call("NotifyEvent", event))[2], "OccurrenceConstraintViolation");
      const data = {
        eventId: 1,
        timestamp: "2026-01-01T00:00:00Z",
        trigger: "Delta",
        actualValue: "x",
        eventNotificationType: "HardWiredNotification",
        component: { name: "C" },
        variable: { name: "V" },
      };
      assert.deepEqual((await fake.call("NotifyEvent", { ...event, eventData: [data] }))[2], { bad: 1 });
      undo();
      assert.deepEqual((await fake.call("NotifyEvent", { ...event, eventData: [data] }))[2], {});
      const heartbeat = await Promise.race([fake.call("Heartbeat", {}), sleep(50, "silence")]);
      assert.equal(heartbeat, "silence");
    });

    it("reports a call without an answer, an error and a missing station with a code", async () => {
      await bench.start();
      const fake = await bench.station();
      fake.answers.ClearCache = () => null;
      const code = async (call: Promise<unknown>): Promise<string> =>
        call.then(
          () => "none",
          (error: CallError) => error.code,
        );
      assert.equal(await code(bench.csms.call("CS001", "ClearCache", {}, { timeoutMs: 20 })), "Timeout");
      assert.equal(await code(bench.csms.call("CS001", "ClearCache", {}, { timeoutMs: 20, unchecked: true })), "Timeout");
      assert.equal(await code(bench.csms.call("CS001", "GetLocalListVersion")), "NotSupported");
      assert.equal(await code(bench.csms.call("CS999", "ClearCache")), "Offline");
      const cut = code(bench.csms.call("CS001", "ClearCache"));
      fake.end();
      assert.equal(await cut, "Disconnected");
    });
  });

  it("gives up waiting with the name of what did not come", async () => {
    await bench.start();
    await assert.rejects(
      bench.csms.waitFor(() => false, 30, "the moon"),
      /not within 30 ms: the moon/,
    );
  });
});
