/** OCPP 1.6, 3.5, 5.10, 5.15: local authorization list (LL-01 … LL-04). */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, withBench, type Bench } from "./harness.ts";
import { call, calls, CARD, mark, offlineFor, OTHER_CARD, powerCycle, QUICK_RETRY, registered } from "./steps.ts";
import { on16, told16 } from "./steps16.ts";

const LOCAL = on16({ station: { set: { ...QUICK_RETRY, "AuthCtrlr.LocalPreAuthorize": "true" } } });
const CAPACITY = 40;

const listed = (idTag: string, status = "Accepted", more: Payload = {}): Payload => ({ idTag, idTagInfo: { status, ...more } });
const removed = (idTag: string): Payload => ({ idTag });

async function send(bench: Bench, updateType: string, listVersion: number, list?: Payload[]): Promise<unknown> {
  const answer = await call(bench, "SendLocalList", { updateType, listVersion, ...(list && { localAuthorizationList: list }) });
  return answer.status;
}

async function version(bench: Bench): Promise<unknown> {
  return (await call(bench, "GetLocalListVersion")).listVersion;
}

/** Does the card begin a transaction without a question? Leaves the connector as it was. */
async function starts(bench: Bench, idToken: string): Promise<boolean> {
  const since = mark(bench);
  await bench.post("/evse/1/plug");
  await bench.post("/tap", { idToken, type: "ISO14443" });
  await bench.settled();
  const asked = calls(bench, since, "Authorize").length > 0;
  const started = calls(bench, since, "StartTransaction").length > 0;
  if (started) await bench.post("/tap", { idToken, type: "ISO14443" });
  await bench.settled();
  await bench.post("/evse/1/unplug");
  await bench.settled();
  return !asked && started;
}

const longest = (n: number, from = 0): Payload[] =>
  Array.from({ length: n }, (_, i) => listed(String(from + i).padStart(20, "x"), "Accepted", { parentIdTag: "g".repeat(20) }));

describe("1.6, 5.10, 5.15: GetLocalListVersion, SendLocalList", () => {
  scenario(
    "LL-01, LL-02, TC_042_2: no list 0; a version; empty again 0; also of a list without entries",
    LOCAL,
    async (bench) => {
      await registered(bench);
      assert.equal(await version(bench), 0);
      assert.equal(await send(bench, "Full", 3, [listed("01"), listed("02")]), "Accepted");
      assert.equal(await version(bench), 3);
      assert.equal(await send(bench, "Full", 7), "Accepted");
      assert.equal(await version(bench), 0);
      assert.equal(await send(bench, "Differential", 2, [listed("03")]), "Accepted", "what is told counts");
      assert.equal(await version(bench), 2);
      assert.equal(await send(bench, "Full", 9, []), "Accepted");
      assert.equal(await version(bench), 0);
    },
  );

  scenario(
    "LL-01, TC_042_1, TC_043_1: LocalAuthListEnabled false: -1, NotSupported; the list waits",
    on16({ station: { set: { "AuthCtrlr.LocalPreAuthorize": "true", "LocalAuthListCtrlr.Enabled": "false" } } }),
    async (bench) => {
      await registered(bench);
      assert.equal(await version(bench), -1);
      assert.equal(await send(bench, "Full", 1, [listed("01")]), "NotSupported");
    },
  );

  scenario("LL-02, TC_043_2: 2 Full, 5 Differential, 4 Differential: VersionMismatch, version 5", LOCAL, async (bench) => {
    await registered(bench);
    assert.equal(await send(bench, "Full", 2, [listed(CARD.idToken)]), "Accepted");
    assert.equal(await send(bench, "Differential", 5, [listed(OTHER_CARD.idToken)]), "Accepted");
    assert.equal(await send(bench, "Differential", 4, [removed(CARD.idToken)]), "VersionMismatch");
    assert.equal(await send(bench, "Differential", 5, [removed(CARD.idToken)]), "VersionMismatch");
    assert.equal(await version(bench), 5);
    assert.deepEqual([await starts(bench, CARD.idToken), await starts(bench, OTHER_CARD.idToken)], [true, true]);
  });

  scenario("LL-02: Differential adds, changes and deletes; Full replaces, also with a lower version", LOCAL, async (bench) => {
    await registered(bench);
    assert.equal(await send(bench, "Differential", 1, [listed("01"), listed("02"), listed("03")]), "Accepted");
    const change = [listed("02", "Blocked"), removed("03"), removed("99"), listed("aB")];
    assert.equal(await send(bench, "Differential", 9, change), "Accepted");
    assert.deepEqual(
      [await starts(bench, "01"), await starts(bench, "02"), await starts(bench, "03"), await starts(bench, "Ab")],
      [true, false, false, true],
      "in any case of its letters",
    );
    assert.equal(await send(bench, "Full", 4, [listed("04")]), "Accepted");
    assert.equal(await version(bench), 4);
    assert.deepEqual([await starts(bench, "01"), await starts(bench, "04")], [false, true]);
  });

  scenario("LL-03, TC_043_3: what is wrong in itself fails as a whole", LOCAL, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 5, [listed("01")]);
    for (const [type, listVersion, list] of [
      ["Full", 0, [listed("02")]],
      ["Full", -1, [listed("02")]],
      ["Full", 6, [listed("02"), listed("03"), listed("02", "Blocked")]],
      ["Full", 6, [listed("ab"), listed("AB")]],
      ["Full", 6, [listed("02"), removed("03")]],
      ["Differential", 6, [listed("02"), removed("02")]],
      ["Differential", 6, Array.from({ length: CAPACITY + 1 }, (_, i) => removed(String(i)))],
    ] as [string, number, Payload[]][]) {
      assert.equal(await send(bench, type, listVersion, list), "Failed");
      assert.equal(await version(bench), 5);
    }
    assert.deepEqual([await starts(bench, "02"), await starts(bench, "01")], [false, true]);
  });

  scenario("LL-03: as many entries as announced, each at its longest; one more fails", LOCAL, async (bench) => {
    await registered(bench);
    for (let n = 0; n < CAPACITY; n += 20) {
      assert.equal(await send(bench, n ? "Differential" : "Full", n + 1, longest(20, n)), "Accepted");
    }
    assert.equal(await send(bench, "Differential", 50, longest(1, CAPACITY)), "Failed");
    assert.equal(await version(bench), 21);
    assert.equal(await send(bench, "Differential", 50, longest(12, 5)), "Accepted", "changed, not added");
  });

  scenario("LL-04, TC_008: the list outlives a power cycle, decides offline, and its entries expire", LOCAL, async (bench) => {
    await registered(bench);
    const expiryDate = new Date(bench.station.now() + 200_000).toISOString();
    await send(bench, "Full", 42, [listed(CARD.idToken), listed("0E", "Accepted", { expiryDate })]);
    await powerCycle(bench);
    await registered(bench);
    assert.equal(await version(bench), 42);
    const since = mark(bench);
    await offlineFor(bench, 3, async () => {
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await bench.advance(1);
    });
    await bench.settled();
    assert.deepEqual(
      told16(bench, since).filter((line) => !line.startsWith("Status")),
      [`Start 1 ${CARD.idToken} 0`],
    );
    await bench.post("/tap", CARD);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    assert.equal(await starts(bench, "0E"), true);
    await bench.advance(210);
    assert.equal(await starts(bench, "0E"), false);
  });
});

describe("1.6, 5.15: power cut during SendLocalList [node]", () => {
  it("LL-03: the old list or the new one, never a mixture", async function () {
    this.timeout(120_000);
    const versions: unknown[] = [];
    for (let n = 1, off = true; off && n < 40; n++) {
      await withBench({ ...LOCAL, station: { ...LOCAL.station, engine: "node" }, allowViolations: true }, async (bench) => {
        await registered(bench);
        await send(bench, "Full", 1, [listed("01"), listed("02")]);
        await send(bench, "Differential", 2, [listed("02")]);
        await bench.post("/power", { cutAfterFlashOps: n, torn: n % 2 === 0 });
        await send(bench, "Differential", 3, [listed("03"), removed("01")]).catch(() => undefined);
        off = !(await bench.station.state()).powered;
        await powerCycle(bench);
        await registered(bench);
        const now = await version(bench);
        if (off) versions.push(now);
        assert.equal(await starts(bench, n % 4 < 2 ? "01" : "03"), n % 4 < 2 === (now === 2), `operation ${n}`);
      });
    }
    assert.ok(versions.length >= 5, `${versions.length} operations`);
    assert.deepEqual([...versions].sort(), versions, "once new, always new");
    assert.equal(versions[0], 2);
  });
});
