/** The CSMS's page without a browser: its calls, its events, who is let in. */
import assert from "node:assert/strict";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { Feed, type FeedEntry } from "../../tools/csms/feed.ts";
import { readOptions } from "../../tools/csms/options.ts";
import { startCsmsPage, type CsmsPage } from "../../tools/csms/page.ts";
import type { Payload } from "../../tools/csms/schema.ts";
import { BOOT, FakeStation, transactionEvent } from "../csms/fake-station.ts";

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Payload;
  text: string;
}

describe("the CSMS's page: calls", function () {
  this.timeout(20_000);
  let feed: Feed;
  let csms: Csms;
  let page: CsmsPage;
  let station: FakeStation;

  beforeEach(async () => {
    feed = new Feed();
    csms = await startCsms({ protocols: ["ocpp2.0.1", "ocpp1.6"], log: (entry) => feed.log(entry) });
    page = await startCsmsPage(feed, { csms }, 0);
    station = await FakeStation.connect(csms.url, "CS1");
    await station.call("BootNotification", BOOT);
  });
  afterEach(async () => {
    station.end();
    await page.close();
    await csms.close();
  });

  /** `fetch` sets Host and Origin itself; this does not. */
  function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const json = body === undefined ? {} : { "Content-Type": "application/json" };
      const request = httpRequest(page.url + path, { method, headers: { ...json, ...headers } }, (response) => {
        let text = "";
        response.on("data", (data) => (text += String(data)));
        response.on("end", () => {
          const isJson = response.headers["content-type"] === "application/json";
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: isJson ? (JSON.parse(text) as Payload) : {},
          });
        });
      });
      request.on("error", reject);
      request.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const call = (body: Payload): Promise<Reply> => ask("POST", "/api/call", { station: "CS1", ...body });

  it("tell the stations, a station's transactions and a transaction's events", async () => {
    await station.call("TransactionEvent", transactionEvent("Started", 0, 100, { idToken: { idToken: "04AA", type: "Local" } }));
    const { body: state } = await ask("GET", "/api/state");
    const [summary] = state.stations as Payload[];
    assert.deepEqual(
      [summary.identity, summary.online, summary.registration, summary.model, summary.running],
      ["CS1", true, "Accepted", "Fake", ["T1"]],
    );
    const { body: detail } = await ask("GET", "/api/station?id=CS1");
    const [transaction] = detail.transactions as Payload[];
    assert.deepEqual([transaction.id, transaction.count, transaction.ended], ["T1", 1, false]);
    assert.equal((detail.tokens as string[])[0], "04AA");
    const { body: whole } = await ask("GET", "/api/transaction?id=CS1&tx=T1");
    assert.equal((whole.events as Payload[]).length, 1);
    assert.equal((await ask("GET", "/api/station?id=CS2")).status, 404);
    assert.equal((await ask("GET", "/api/transaction?id=CS1&tx=T2")).status, 404);
  });

  it("offer every request that a station may receive, with its official schema", async () => {
    const { body } = await ask("GET", "/api/requests?protocol=ocpp2.0.1");
    const names = Object.keys(body);
    // 2.0.1 has 64 requests; 24 of them are for the CSMS alone.
    assert.equal(names.length, 40);
    for (const name of ["DataTransfer", "Reset", "SetChargingProfile", "UnpublishFirmware"])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes("BootNotification"));
    assert.equal((await ask("GET", "/api/requests?protocol=ocpp3")).status, 400);
  });

  it("judge by the schema before sending, and send anyway when told to", async () => {
    station.answers.Reset = () => ({ status: "Accepted" });
    const wrong = { action: "Reset", payload: { type: "Never" } };
    const { fault } = (await ask("POST", "/api/check", { protocol: "ocpp2.0.1", ...wrong })).body as { fault: Payload };
    assert.equal(fault.code, "PropertyConstraintViolation");
    const sent = (): number => station.received.filter((text) => text.includes("Reset")).length;
    assert.deepEqual(Object.keys((await call(wrong)).body), ["fault"]);
    assert.equal(sent(), 0);
    assert.deepEqual((await call({ ...wrong, unchecked: true })).body, { result: { status: "Accepted" } });
    assert.equal(sent(), 1);
    assert.deepEqual((await call({ action: "Reset", payload: { type: "OnIdle" } })).body, { result: { status: "Accepted" } });
  });

  it("hand on what the station has against it, and that it does not answer", async () => {
    assert.deepEqual((await call({ action: "ClearCache", payload: {} })).body, {
      error: { code: "NotSupported", description: "NotSupported", details: {} },
    });
    station.answers.ClearCache = () => null;
    const { body } = await call({ action: "ClearCache", payload: {}, timeoutMs: 50 });
    assert.equal((body.error as Payload).code, "Timeout");
    station.end();
    await csms.waitFor(() => !csms.stations.get("CS1")!.online);
    assert.equal(((await call({ action: "ClearCache", payload: {} })).body.error as Payload).code, "Offline");
  });

  it("refuse bodies that are wrong with a sentence", async () => {
    const cases: [path: string, body: unknown, status: number, error: RegExp][] = [
      ["/api/call", "[", 400, /^the body is not JSON$/],
      ["/api/call", "[]", 400, /^the body is to be a JSON object$/],
      ["/api/call", { station: "CS9", action: "Reset", payload: {} }, 404, /^no station CS9/],
      ["/api/call", { station: "CS1", payload: {} }, 400, /^"action"/],
      ["/api/call", { station: "CS1", action: "Reset", payload: [] }, 400, /^"payload"/],
      ["/api/call", { station: "CS1", action: "Reset", payload: {}, timeoutMs: -1 }, 400, /^"timeoutMs"/],
      ["/api/profile", { name: "kind" }, 400, /^a profile is one of accept, reject, slow, silent, hostile$/],
      ["/api/profile", { name: "slow", seconds: "9" }, 400, /^"seconds"/],
      ["/api/check", { protocol: "x", action: "Reset" }, 400, /^"protocol"/],
      ["/api/record", {}, 404, /^no POST/],
      ["/api/nothing", {}, 404, /^no POST/],
    ];
    for (const [path, body, status, error] of cases) {
      const reply = await ask("POST", path, body);
      assert.equal(reply.status, status, `${path} ${JSON.stringify(body)}`);
      assert.match(String(reply.body.error), error);
    }
    assert.equal((await ask("POST", "/api/call", `"${"x".repeat(1_100_000)}"`)).status, 413);
  });

  it("serve nobody but the page itself", async () => {
    const host = new URL(page.url).host;
    for (const [headers, status] of [
      [{ Host: "attacker.example" }, 403],
      [{ Origin: "http://attacker.example" }, 403],
      [{ Origin: "null" }, 403],
      [{ Origin: `http://${host}` }, 200],
      [{ Host: `localhost:${csms.port}` }, 403],
    ] as const) {
      assert.equal((await ask("POST", "/api/profile", { name: "accept" }, headers)).status, status, JSON.stringify(headers));
      assert.equal((await ask("GET", "/api/state", undefined, headers)).status, status, JSON.stringify(headers));
    }
    // What a form of another page could send without asking the browser.
    assert.equal((await ask("POST", "/api/profile", '{"name":"silent"}', { "Content-Type": "text/plain" })).status, 415);
  });

  it("serve the page's files under a strict policy, and no others", async () => {
    const index = await ask("GET", "/");
    assert.match(index.text, /<title>CSMS<\/title>/);
    assert.match(String(index.headers["content-security-policy"]), /default-src 'none'.*require-trusted-types-for 'script'/);
    assert.doesNotMatch(index.text, /<script(?! type="module" src="\/page\/csms\/)|style=|https?:\/\//);
    const script = await ask("GET", "/page/csms/main.ts");
    assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
    for (const path of [
      "/page/csms/../serve.ts",
      "/page/csms/%2e%2e/serve.ts",
      "/page/station/index.html",
      "/package.json",
      "/page/csms/none.ts",
    ]) {
      assert.equal((await ask("GET", path)).status, 404, path);
    }
  });

  it("take the usual port or any free one; a port that is asked for and taken is an error", async () => {
    const one = await startCsmsPage(new Feed(), { csms });
    const other = await startCsmsPage(new Feed(), { csms });
    assert.notEqual(one.url, other.url);
    await assert.rejects(startCsmsPage(new Feed(), { csms }, Number(new URL(one.url).port)), { code: "EADDRINUSE" });
    await one.close();
    await other.close();
    assert.equal(readOptions(["--page", "0"])!.page, 0);
    assert.throws(() => readOptions(["--page", "99999"]), { message: "--page 99999: a port is a number from 0 to 65535" });
  });

  describe("events", () => {
    let stop = new AbortController();
    beforeEach(() => (stop = new AbortController()));
    afterEach(() => stop.abort());

    /** The first feed batches until `enough`. */
    async function listen(enough: (entries: FeedEntry[]) => boolean, lastId = ""): Promise<{ entries: FeedEntry[]; id: string }> {
      const response = await fetch(`${page.url}/api/events`, { headers: { "Last-Event-ID": lastId }, signal: stop.signal });
      const entries: FeedEntry[] = [];
      let text = "";
      let id = "";
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const events = text.split("\n\n");
        text = events.pop()!;
        for (const event of events) {
          const [, seen, data] = /^id: (.+)\nevent: feed\ndata: (.+)$/.exec(event) ?? [];
          if (data === undefined) continue;
          id = seen;
          entries.push(...(JSON.parse(data) as FeedEntry[]));
        }
        if (enough(entries)) break;
      }
      return { entries, id };
    }

    it("tell frames in words, with their request, their time and their faults", async () => {
      station.send('[2,"x","Heartbeat",{"now":true}]');
      const { entries } = await listen((seen) => seen.some(({ faults }) => faults !== undefined));
      assert.deepEqual(
        entries.map(({ kind, dir, words }) => `${kind} ${dir ?? ""} ${words.replace(/20\d\d.*/, "…")}`).slice(0, 4),
        [
          "link  connected with ocpp2.0.1",
          "frame in BootNotification PowerUp, Test Fake",
          "frame out BootNotification: Accepted, interval 300 s, …",
          "frame in Heartbeat",
        ],
      );
      assert.deepEqual(
        entries.map(({ k }) => k),
        entries.map((_entry, index) => index + 1),
      );
      assert.equal(entries[2].action, "BootNotification");
      assert.ok(entries[2].ms! >= 0);
      assert.match(entries[3].faults![0], /^FormatViolation: Heartbeat.req .*"now"$/);
    });

    it("go on where a page was interrupted, and begin anew after a restart", async () => {
      const first = await listen((seen) => seen.length >= 3);
      stop.abort();
      stop = new AbortController();
      await station.call("Heartbeat", {});
      const second = await listen((seen) => seen.length >= 2, first.id);
      assert.deepEqual(
        second.entries.map(({ action }) => action),
        ["Heartbeat", "Heartbeat"],
      );
      stop.abort();
      stop = new AbortController();
      const other = await listen((seen) => seen.length >= 5, "another-run/4");
      assert.equal(other.entries[0].k, 1);
    });

    it("keep up with 200 frames a second", async function () {
      this.timeout(8000);
      const seen = listen((entries) => entries.filter(({ action }) => action === "Heartbeat").length >= 800);
      for (let i = 0; i < 400; i++) {
        await station.call("Heartbeat", {});
        if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { entries } = await seen;
      assert.deepEqual(
        entries.map(({ k }) => k),
        entries.map((_entry, index) => index + 1),
      );
    });
  });
});
