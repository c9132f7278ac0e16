/** OCPP 2.0.1 Part 2, D01, D02 and what C13, C14 make of the list: all or nothing, persistent, enforced limits. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, withBench, type Bench, type BenchOptions } from "./harness.ts";
import {
  call,
  CARD,
  get,
  mark,
  offlineFor,
  OTHER_CARD,
  powerCycle,
  QUICK_RETRY,
  refusal,
  registered,
  set,
  setTo,
  told,
} from "./steps.ts";

const LOCAL: BenchOptions = { station: { set: { ...QUICK_RETRY, "AuthCtrlr.LocalPreAuthorize": "true" } } };
const CAPACITY = 40;

const listed = (idToken: string, status = "Accepted", more: Payload = {}): Payload => ({
  idToken: { idToken, type: "ISO14443" },
  idTokenInfo: { status, ...more },
});
const removed = (idToken: string): Payload => ({ idToken: { idToken, type: "ISO14443" } });

async function send(bench: Bench, updateType: string, versionNumber: number, list?: Payload[]): Promise<unknown> {
  const answer = await call(bench, "SendLocalList", {
    updateType,
    versionNumber,
    ...(list && { localAuthorizationList: list }),
  });
  return answer.status;
}

/** Version and number of entries. */
async function held(bench: Bench): Promise<[unknown, string]> {
  const { versionNumber } = await call(bench, "GetLocalListVersion");
  return [versionNumber, (await get(bench, "LocalAuthListCtrlr.Entries"))[0].replace("Accepted ", "")];
}

/** Is the card taken without a question? Leaves the EVSE as it was. */
async function starts(bench: Bench, idToken: string): Promise<boolean> {
  const since = mark(bench);
  await bench.post("/evse/1/plug");
  await bench.post("/tap", { idToken, type: "ISO14443" });
  await bench.settled();
  const asked = told(bench, since).some((line) => line.startsWith("Authorize"));
  const { transactionId } = (await bench.station.state()).evses[0];
  if (transactionId !== null) await bench.post("/tap", { idToken, type: "ISO14443" });
  await bench.settled();
  await bench.post("/evse/1/unplug");
  await bench.settled();
  return !asked && transactionId !== null;
}

/** `n` entries as long as they can be, from number `from`. */
function longest(n: number, from = 0): Payload[] {
  return Array.from({ length: n }, (_, i) => ({
    idToken: { idToken: String(from + i).padStart(36, "x"), type: "Local" },
    idTokenInfo: { status: "Accepted", groupIdToken: { idToken: "g".repeat(36), type: "Central" } },
  }));
}

describe("D01, D02: SendLocalList, GetLocalListVersion", () => {
  scenario("D-02, TC_D_10: no list was ever sent: version 0; disabled: 0, and a list is refused", LOCAL, async (bench) => {
    await registered(bench);
    assert.deepEqual(await held(bench), [0, "0"]);
    assert.equal(await send(bench, "Full", 7, [listed(CARD.idToken)]), "Accepted");
    await setTo(bench, "LocalAuthListCtrlr.Enabled", "false");
    assert.deepEqual((await held(bench))[0], 0);
    assert.equal(await send(bench, "Full", 8), "Failed");
    assert.equal(await starts(bench, CARD.idToken), false, "a list that is off decides nothing");
    await setTo(bench, "LocalAuthListCtrlr.Enabled", "true");
    assert.deepEqual(await held(bench), [7, "1"]);
  });

  scenario(
    "D-01, TC_D_01, TC_D_04: Full replaces the list; without entries it is empty, with the version",
    LOCAL,
    async (bench) => {
      await registered(bench);
      assert.equal(await send(bench, "Full", 5, [listed(CARD.idToken), listed(OTHER_CARD.idToken, "Blocked")]), "Accepted");
      assert.deepEqual(await held(bench), [5, "2"]);
      assert.equal(await starts(bench, CARD.idToken), true);
      assert.equal(await send(bench, "Full", 3, [listed("AABBCCDD")]), "Accepted");
      assert.deepEqual(await held(bench), [3, "1"]);
      assert.equal(await starts(bench, CARD.idToken), false);
      assert.equal(await starts(bench, "aabbccdd"), true, "in any case of its letters");
      assert.equal(await send(bench, "Full", 9), "Accepted");
      assert.deepEqual(await held(bench), [9, "0"]);
    },
  );

  scenario(
    "D-01, TC_D_02, TC_D_03, TC_D_05: Differential adds, changes, removes, or sets the version alone",
    LOCAL,
    async (bench) => {
      await registered(bench);
      assert.equal(await send(bench, "Differential", 1, [listed("01"), listed("02"), listed("03")]), "Accepted");
      const change = [listed("02", "Blocked"), removed("03"), removed("99"), listed("04")];
      assert.equal(await send(bench, "Differential", 2, change), "Accepted");
      assert.deepEqual(await held(bench), [2, "3"]);
      assert.deepEqual(
        [await starts(bench, "01"), await starts(bench, "02"), await starts(bench, "03"), await starts(bench, "04")],
        [true, false, false, true],
      );
      assert.equal(await send(bench, "Differential", 3), "Accepted");
      assert.deepEqual(await held(bench), [3, "3"]);
    },
  );

  scenario("D-01, TC_D_06: VersionMismatch: the list stays", LOCAL, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 5, [listed("01")]);
    for (const version of [5, 4, 0]) assert.equal(await send(bench, "Differential", version, [removed("01")]), "VersionMismatch");
    assert.deepEqual(await held(bench), [5, "1"]);
  });

  scenario("D-01: what is wrong in itself fails as a whole", LOCAL, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 5, [listed("01")]);
    for (const [type, list] of [
      ["Full", [listed("02"), listed("03"), listed("02", "Blocked")]],
      ["Full", [listed("ab"), listed("AB")]],
      ["Full", [listed("02"), removed("03")]],
      ["Differential", [listed("02"), removed("02")]],
    ] as [string, Payload[]][]) {
      assert.equal(await send(bench, type, 6, list), "Failed");
      assert.deepEqual(await held(bench), [5, "1"]);
    }
    assert.equal(await starts(bench, "02"), false);
    assert.equal(await starts(bench, "01"), true);
  });

  scenario(
    "D-01: as many entries as announced, each at its longest; one more fails and changes nothing",
    LOCAL,
    async (bench) => {
      await registered(bench);
      let version = 0;
      for (let n = 0; n < CAPACITY; n += 10) {
        assert.equal(await send(bench, n ? "Differential" : "Full", ++version, longest(10, n)), "Accepted");
      }
      assert.deepEqual(await held(bench), [version, String(CAPACITY)]);
      assert.equal(await send(bench, "Differential", version + 1, longest(1, CAPACITY)), "Failed");
      assert.deepEqual(await held(bench), [version, String(CAPACITY)]);
      // Changed, not added: still fits.
      assert.equal(await send(bench, "Differential", version + 1, longest(12, 5)), "Accepted");
      assert.deepEqual(await held(bench), [version + 1, String(CAPACITY)]);
      const short = Array.from({ length: CAPACITY + 1 }, (_, i) => removed(String(i).padStart(4, "0")));
      assert.equal(
        await refusal(bench, "SendLocalList", { updateType: "Differential", versionNumber: 50, localAuthorizationList: short }),
        "OccurrenceConstraintViolation",
        "ItemsPerMessage",
      );
      assert.deepEqual(await held(bench), [version + 1, String(CAPACITY)]);
    },
  );

  scenario("D-01, TC_D_07: the list outlives a power cycle", LOCAL, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 42, [listed("01"), listed("02", "Invalid")]);
    await powerCycle(bench);
    await registered(bench);
    assert.deepEqual(await held(bench), [42, "2"]);
    assert.equal(await starts(bench, "01"), true);
  });
});

describe("C13, C14: the list decides", () => {
  scenario("D-03: listed Accepted: without LocalPreAuthorize it is asked about", {}, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 1, [listed(CARD.idToken)]);
    assert.equal(await starts(bench, CARD.idToken), false);
    assert.deepEqual(await set(bench, { "AuthCtrlr.LocalPreAuthorize": "true" }), ["Accepted"]);
    assert.equal(await starts(bench, CARD.idToken), true);
  });

  for (const status of ["Blocked", "Expired", "Invalid"]) {
    scenario(`D-03, C14: listed ${status}: asked about, and the CSMS decides`, LOCAL, async (bench) => {
      await registered(bench);
      await send(bench, "Full", 1, [listed(CARD.idToken, status)]);
      await bench.post("/evse/1/plug");
      const since = mark(bench);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.deepEqual(told(bench, since).filter((line) => !line.startsWith("Status"))[0], "Authorize 04A1B2C3");
      assert.notEqual((await bench.station.state()).evses[0].transactionId, null);
    });
  }

  scenario("D-03, C14: … unless DisablePostAuthorize", LOCAL, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 1, [listed(CARD.idToken, "Blocked")]);
    await setTo(bench, "LocalAuthListCtrlr.DisablePostAuthorize", "true");
    await bench.post("/evse/1/plug");
    await bench.settled();
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
    assert.equal((await bench.station.state()).evses[0].transactionId, null);
  });

  for (const [status, authorize, unknown, charges] of [
    ["Accepted", "true", "false", true],
    ["Accepted", "false", "false", false],
    ["Blocked", "true", "true", false],
    ["Blocked", "false", "true", false],
    ["", "true", "false", false],
    ["", "true", "true", true],
  ] as const) {
    scenario(
      `D-03, C13, C15: offline, ${status || "not listed"}, LocalAuthorizeOffline ${authorize}, unknown ids ${unknown}: ${charges ? "charges" : "refused"}`,
      {
        station: {
          set: {
            ...QUICK_RETRY,
            "AuthCtrlr.LocalAuthorizeOffline": authorize,
            "AuthCtrlr.OfflineTxForUnknownIdEnabled": unknown,
          },
        },
      },
      async (bench) => {
        await registered(bench);
        await send(bench, "Full", 1, [listed("01"), ...(status ? [listed(CARD.idToken, status)] : [])]);
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

  scenario("D-03: cacheExpiryDateTime of an entry: then it is not accepted any more", LOCAL, async (bench) => {
    await registered(bench);
    const until = new Date(bench.station.now() + 100_000).toISOString();
    await send(bench, "Full", 1, [listed(CARD.idToken, "Accepted", { cacheExpiryDateTime: until })]);
    assert.equal(await starts(bench, CARD.idToken), true);
    await bench.advance(110);
    assert.equal(await starts(bench, CARD.idToken), false);
  });

  scenario("C-03: evseId of an entry: only these EVSEs", { station: { ...LOCAL.station, evses: 2 } }, async (bench) => {
    await registered(bench);
    await send(bench, "Full", 1, [listed(CARD.idToken, "Accepted", { evseId: [2] })]);
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.settled();
    await bench.post("/evse/2/plug");
    await bench.settled();
    const { evses } = await bench.station.state();
    assert.deepEqual(
      evses.map(({ transactionId }) => transactionId !== null),
      [false, true],
    );
  });
});

describe("D01: power cut during SendLocalList [node]", () => {
  const OLD = [listed("01"), listed("02")];
  const NEW = [listed("02", "Blocked"), listed("03"), removed("01")];

  /** The power fails in operation `n` of the call; what is held after the next boot. Undefined: there is no such operation. */
  async function cut(n: number, torn: boolean, updateType: string): Promise<[unknown, string] | undefined> {
    let result: [unknown, string] | undefined;
    await withBench({ station: { ...LOCAL.station, engine: "node" }, allowViolations: true }, async (bench) => {
      await registered(bench);
      await send(bench, "Full", 1, OLD);
      await send(bench, "Differential", 2, [listed("02")]); // the other page is not blank any more
      await bench.post("/power", { cutAfterFlashOps: n, torn });
      const list = updateType === "Full" ? NEW.slice(0, 2) : NEW;
      await send(bench, updateType, 3, [...list, listed("04"), listed("05")]).catch(() => undefined);
      const cutOff = !(await bench.station.state()).powered;
      await powerCycle(bench);
      await registered(bench);
      const now = await held(bench);
      assert.ok(
        (now[0] === 2 && now[1] === "2") || (now[0] === 3 && now[1] === "4"),
        `operation ${n}${torn ? " torn" : ""}: ${now.join(", ")}`,
      );
      assert.equal(await starts(bench, n % 2 ? "01" : "03"), n % 2 > 0 === (now[0] === 2));
      assert.equal(await send(bench, "Differential", 4, [listed("06")]), "Accepted", "as usable as before");
      if (cutOff) result = now;
    });
    return result;
  }

  for (const updateType of ["Full", "Differential"]) {
    for (const torn of [false, true]) {
      it(`D-01: ${updateType}, ${torn ? "torn" : "clean"}: the old list or the new one, never a mixture`, async function () {
        this.timeout(120_000);
        const versions: unknown[] = [];
        for (let n = 1; n < 40; n++) {
          const now = await cut(n, torn, updateType);
          if (!now) break;
          versions.push(now[0]);
        }
        assert.ok(versions.length >= 6, `${versions.length} operations`);
        assert.deepEqual([...versions].sort(), versions, "once new, always new");
        assert.equal(versions[0], 2);
      });
    }
  }
});
