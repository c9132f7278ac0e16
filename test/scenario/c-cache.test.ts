/** OCPP 2.0.1 Part 2, C10–C14: the authorization cache. */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { scenario, withBench, type Bench, type BenchOptions } from "./harness.ts";
import {
  call,
  calls,
  CARD,
  get,
  mark,
  offlineFor,
  OTHER_CARD,
  pace,
  powerCycle,
  QUICK_RETRY,
  registered,
  setTo,
  told,
} from "./steps.ts";

const set = (more: Record<string, string> = {}, evses = 1): BenchOptions => ({
  station: {
    evses,
    set: { ...QUICK_RETRY, "AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true", ...more },
  },
});

function answer(bench: Bench, idTokenInfo: Payload): void {
  bench.csms.on("Authorize", () => ({ idTokenInfo }));
  bench.csms.on("TransactionEvent", (request) => (request.idToken === undefined ? {} : { idTokenInfo }));
}

/** The card is shown to a car that waits: was the CSMS asked, does it charge? Everything is as before afterwards. */
async function tap(bench: Bench, card: { idToken: string; type: string } = CARD): Promise<string> {
  await bench.post("/evse/1/plug");
  const since = mark(bench);
  await bench.post("/tap", card);
  await bench.settled();
  const asked = calls(bench, since, "Authorize").length > 0;
  const id = (await bench.station.state()).evses[0].transactionId;
  if (id !== null) await call(bench, "RequestStopTransaction", { transactionId: id });
  await bench.settled();
  await bench.post("/evse/1/unplug", { force: true });
  await bench.settled();
  return `${asked ? "asked" : "known"}, ${id === null ? "refused" : "charges"}`;
}

describe("C10, C12: the authorization cache", () => {
  scenario("C-14: off by default: ClearCache is Rejected, every card is asked about", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(await get(bench, "AuthCacheCtrlr.Enabled"), ["Accepted false"]);
    assert.deepEqual(await call(bench, "ClearCache"), { status: "Rejected" });
    await setTo(bench, "AuthCtrlr.LocalPreAuthorize", "true");
    assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "asked, charges"]);
  });

  scenario("C-14, TC_C_08: Accepted once: starts without a question; over a power cycle too (TC_C_32)", set(), async (bench) => {
    await registered(bench);
    assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "known, charges"]);
    assert.equal(await tap(bench, { ...CARD, idToken: "04a1b2c3" }), "known, charges", "in any case of its letters");
    assert.equal(await tap(bench, { ...CARD, type: "ISO15693" }), "asked, charges", "another type is another token");
    await powerCycle(bench);
    await registered(bench);
    assert.equal(await tap(bench), "known, charges");
  });

  scenario(
    "C-14: LocalPreAuthorize false: asked, although cached",
    set({ "AuthCtrlr.LocalPreAuthorize": "false" }),
    async (bench) => {
      await registered(bench);
      assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "asked, charges"]);
    },
  );

  for (const status of ["Blocked", "Expired", "Invalid"]) {
    scenario(`C-14: cached ${status}: asked again, unless DisablePostAuthorize`, set(), async (bench) => {
      await registered(bench);
      answer(bench, { status });
      assert.equal(await tap(bench), "asked, refused");
      answer(bench, { status: "Accepted" });
      assert.equal(await tap(bench, OTHER_CARD), "asked, charges");
      await setTo(bench, "AuthCacheCtrlr.DisablePostAuthorize", "true");
      assert.equal(await tap(bench), "known, refused");
      await setTo(bench, "AuthCacheCtrlr.DisablePostAuthorize", "false");
      assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "known, charges"]);
    });
  }

  scenario("C-14, TC_C_34: the answer to a TransactionEvent is kept", set(), async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/plug");
    await call(bench, "RequestStartTransaction", { remoteStartId: 1, idToken: CARD, evseId: 1 });
    await bench.settled();
    const id = (await bench.station.state()).evses[0].transactionId!;
    await call(bench, "RequestStopTransaction", { transactionId: id });
    await bench.settled();
    assert.deepEqual(calls(bench, 0, "Authorize"), []);
    assert.equal(await tap(bench), "known, charges");
    // A bad status, too, and the transaction ends.
    answer(bench, { status: "Blocked" });
    assert.equal(await tap(bench), "known, refused");
    answer(bench, { status: "Accepted" });
    assert.equal(await tap(bench), "asked, charges");
  });

  scenario("C-14: LifeTime counts from the last use", set({ "AuthCacheCtrlr.LifeTime": "1000" }), async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", () => ({}));
    assert.equal(await tap(bench), "asked, charges");
    await pace(bench, 1);
    await bench.advance(700);
    assert.equal(await tap(bench), "known, charges");
    await bench.advance(700);
    assert.equal(await tap(bench), "known, charges");
    await bench.advance(1010);
    assert.equal(await tap(bench), "asked, charges");
  });

  scenario("C-14: cacheExpiryDateTime wins over LifeTime", set({ "AuthCacheCtrlr.LifeTime": "100" }), async (bench) => {
    await registered(bench);
    answer(bench, { status: "Accepted", cacheExpiryDateTime: new Date(bench.station.now() + 500_000).toISOString() });
    assert.equal(await tap(bench), "asked, charges");
    await bench.advance(300);
    assert.equal(await tap(bench), "known, charges");
    await bench.advance(300);
    assert.equal(await tap(bench), "asked, charges");
  });

  scenario("C-03: evseId of a cached token still counts", set(), async (bench) => {
    await registered(bench);
    answer(bench, { status: "Accepted", evseId: [2] });
    assert.equal(await tap(bench), "asked, refused");
    assert.equal(await tap(bench), "known, refused");
  });

  for (const [authorize, charges] of [
    ["true", true],
    ["false", false],
  ] as const) {
    scenario(
      `C-14, C13: offline with LocalAuthorizeOffline ${authorize}: a cached card ${charges ? "charges" : "does not"}`,
      set({ "AuthCtrlr.LocalAuthorizeOffline": authorize }),
      async (bench) => {
        await registered(bench);
        await tap(bench);
        await offlineFor(bench, 3, async () => {
          await bench.post("/evse/1/plug");
          await bench.post("/tap", CARD);
          await bench.advance(1);
        });
        await bench.settled();
        assert.equal((await bench.station.state()).evses[0].transactionId !== null, charges);
      },
    );
  }

  scenario(
    "C-11: offline, any id may charge, but none that is cached as bad",
    set({ "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" }),
    async (bench) => {
      await registered(bench);
      answer(bench, { status: "Blocked" });
      assert.equal(await tap(bench), "asked, refused");
      answer(bench, { status: "Accepted" });
      await offlineFor(bench, 3, async () => {
        await bench.post("/evse/1/plug");
        await bench.post("/tap", CARD);
        await bench.advance(1);
      });
      await bench.settled();
      assert.equal((await bench.station.state()).evses[0].transactionId, null);
    },
  );

  scenario("C-09, C-14: Central is not cached", set(), async (bench) => {
    await registered(bench);
    const idToken = { idToken: "CENTRAL1", type: "Central" };
    await bench.post("/evse/1/plug");
    await call(bench, "RequestStartTransaction", { remoteStartId: 1, idToken, evseId: 1 });
    await bench.settled();
    const id = (await bench.station.state()).evses[0].transactionId!;
    await call(bench, "RequestStopTransaction", { transactionId: id });
    await bench.settled();
    assert.deepEqual(calls(bench, 0, "Authorize"), []);
    assert.deepEqual([await tap(bench, idToken), await tap(bench, idToken)], ["asked, charges", "asked, charges"]);
  });

  scenario("C-14: a listed token is not cached: removed from the list it is asked about; the list wins", set(), async (bench) => {
    await registered(bench);
    const list = (versionNumber: number, status?: string): Promise<Payload> =>
      call(bench, "SendLocalList", {
        updateType: "Full",
        versionNumber,
        ...(status && { localAuthorizationList: [{ idToken: CARD, idTokenInfo: { status } }] }),
      });
    await list(1, "Accepted");
    assert.deepEqual([await tap(bench), await tap(bench)], ["known, charges", "known, charges"]);
    await list(2);
    assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "known, charges"]);
    await list(3, "Blocked");
    assert.equal(await tap(bench), "asked, charges", "cached as Accepted, listed as Blocked: asked");
  });
});

describe("C11: ClearCache", () => {
  scenario("C-14, TC_C_37: the cache is empty; list, settings and unsent events stay", set(), async (bench) => {
    await registered(bench);
    const entry = { idToken: OTHER_CARD, idTokenInfo: { status: "Accepted" } };
    await call(bench, "SendLocalList", { updateType: "Full", versionNumber: 3, localAuthorizationList: [entry] });
    assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "known, charges"]);
    const restore = bench.csms.on("TransactionEvent", () => NO_ANSWER);
    await bench.post("/evse/1/plug");
    await bench.post("/tap", OTHER_CARD);
    await bench.quiet();
    const { events } = (await bench.station.state()).queue;
    assert.ok(events > 0);
    assert.deepEqual(await call(bench, "ClearCache"), { status: "Accepted" });
    assert.equal((await bench.station.state()).queue.events, events);
    await powerCycle(bench);
    restore();
    bench.csms.on("TransactionEvent", () => ({ idTokenInfo: { status: "Accepted" } }));
    await registered(bench);
    await bench.post("/evse/1/unplug", { force: true });
    await bench.settled();
    assert.ok(told(bench).some((line) => /Ended .*PowerLoss/.test(line)));
    assert.deepEqual(await call(bench, "GetLocalListVersion"), { versionNumber: 3 });
    assert.equal(await tap(bench, OTHER_CARD), "known, charges");
    assert.deepEqual([await tap(bench), await tap(bench)], ["asked, charges", "known, charges"]);
    await setTo(bench, "AuthCacheCtrlr.Enabled", "false");
    assert.deepEqual(await call(bench, "ClearCache"), { status: "Rejected" });
    assert.equal(await tap(bench), "asked, charges");
  });

  scenario("C-14: when it is full the tokens used longest ago go, and nothing of the list", set({}, 2), async (bench) => {
    await registered(bench);
    const groupIdToken = { idToken: "g".repeat(36), type: "Central" };
    for (let n = 0; n < 4; n++) {
      const status = await call(bench, "SendLocalList", {
        updateType: n ? "Differential" : "Full",
        versionNumber: n + 1,
        localAuthorizationList: Array.from({ length: 10 }, (_, i) => ({
          idToken: { idToken: String(n * 10 + i).padStart(36, "L"), type: "Local" },
          idTokenInfo: { status: "Accepted", groupIdToken },
        })),
      });
      assert.deepEqual(status, { status: "Accepted" });
    }
    const card = (n: number): { idToken: string; type: string } => ({ idToken: String(n).padStart(36, "K"), type: "KeyCode" });
    answer(bench, { status: "Accepted", groupIdToken });
    for (let n = 0; n < 20; n++) {
      await bench.post("/tap", card(n));
      await bench.settled();
      await bench.post("/tap", card(0));
      await bench.settled();
      await bench.advance(1);
    }
    const since = mark(bench);
    for (const n of [0, 19, 1]) {
      await bench.post("/tap", card(n));
      await bench.settled();
    }
    assert.deepEqual(
      calls(bench, since, "Authorize").map(({ payload }) => (payload.idToken as Payload).idToken),
      [card(1).idToken],
      "used just now, used last, used long ago",
    );
    assert.equal(
      calls(bench, 0, "Authorize").filter(({ payload }) => (payload.idToken as Payload).idToken === card(0).idToken).length,
      1,
    );
    assert.deepEqual(await get(bench, "LocalAuthListCtrlr.Entries"), ["Accepted 40"]);
    assert.equal(await tap(bench, { idToken: "L".repeat(35) + "0", type: "Local" }), "known, charges");
  });
});

describe("C11: power cut during ClearCache [node]", () => {
  it("C-14: the cache is there or gone, the list is whole", async function () {
    this.timeout(120_000);
    let reached = 0;
    for (let n = 1; n < 30; n += 2) {
      await withBench({ station: { ...set({}, 2).station, engine: "node" }, allowViolations: true }, async (bench) => {
        await registered(bench);
        const list = Array.from({ length: 12 }, (_, i) => ({
          idToken: { idToken: String(i).padStart(36, "L"), type: "Local" },
          idTokenInfo: { status: "Accepted", groupIdToken: { idToken: "g".repeat(36), type: "Central" } },
        }));
        await call(bench, "SendLocalList", { updateType: "Full", versionNumber: 1, localAuthorizationList: list });
        assert.equal(await tap(bench), "asked, charges");
        await bench.post("/power", { cutAfterFlashOps: n, torn: n % 4 === 1 });
        await call(bench, "ClearCache").catch(() => undefined);
        const off = !(await bench.station.state()).powered;
        reached += off ? 1 : 0;
        await powerCycle(bench);
        await registered(bench);
        assert.deepEqual(await get(bench, "LocalAuthListCtrlr.Entries"), ["Accepted 12"], `operation ${n}`);
        assert.equal(await tap(bench, { idToken: "L".repeat(35) + "0", type: "Local" }), "known, charges", `operation ${n}`);
        assert.match(await tap(bench), off ? /known|asked/ : /asked/, `operation ${n}`);
        assert.equal(await tap(bench), "known, charges", `operation ${n}: as usable as before`);
      });
    }
    assert.ok(reached > 5, `${reached} operations`);
  });
});
