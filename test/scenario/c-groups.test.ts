/** OCPP 2.0.1 Part 2, C02, C09, C16: no authorization at all, groups, the master pass. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench, type BenchOptions } from "./harness.ts";
import { call, CARD, calls, charging, mark, OTHER_CARD, registered, told } from "./steps.ts";

const THIRD_CARD = { idToken: "04AAAAAA", type: "ISO14443" };
const group = (idToken: string): Payload => ({ groupIdToken: { idToken, type: "Central" } });

/** The CSMS answers by the card; what is not named is Accepted. */
function answers(bench: Bench, infos: Record<string, Payload>): void {
  const info = ({ idToken }: Payload): Payload => ({
    status: "Accepted",
    ...infos[(idToken as { idToken: string }).idToken],
  });
  bench.csms.on("Authorize", (request) => ({ idTokenInfo: info(request) }));
  bench.csms.on("TransactionEvent", (request) => (request.idToken === undefined ? {} : { idTokenInfo: info(request) }));
}

/** What the station tells after the card was shown. */
async function tap(bench: Bench, card: object): Promise<string[]> {
  const since = mark(bench);
  await bench.post("/tap", card);
  await bench.settled();
  return told(bench, since);
}

const listOf = (cards: Record<string, Payload>): Payload => ({
  updateType: "Full",
  versionNumber: 1,
  localAuthorizationList: Object.entries(cards).map(([idToken, info]) => ({
    idToken: { idToken, type: "ISO14443" },
    idTokenInfo: { status: "Accepted", ...info },
  })),
});

describe("C09: a card of the same group", () => {
  scenario("C-06, TC_C_39: stops the transaction, and is named in Ended", {}, async (bench) => {
    await registered(bench);
    answers(bench, { [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: group("g1"), [THIRD_CARD.idToken]: group("G2") });
    await charging(bench);
    assert.deepEqual(await tap(bench, THIRD_CARD), ["Authorize 04AAAAAA"], "another group");
    assert.deepEqual(await tap(bench, OTHER_CARD), [
      "Authorize 0499887766",
      "Ended 2 StopAuthorized EVConnected Local token=0499887766 Transaction.Begin Transaction.End",
    ]);
  });

  scenario("C-06: C09.FR.11: of the group, but not Accepted: does not stop", {}, async (bench) => {
    await registered(bench);
    answers(bench, { [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: { ...group("G1"), status: "Blocked" } });
    await charging(bench);
    assert.deepEqual(await tap(bench, OTHER_CARD), ["Authorize 0499887766"]);
  });

  scenario("C-05, TC_C_04: no group at all: does not stop", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    assert.deepEqual(await tap(bench, OTHER_CARD), ["Authorize 0499887766"]);
  });

  scenario(
    "C-06, TC_C_40: both in the local list: no question",
    { station: { set: { "AuthCtrlr.LocalPreAuthorize": "true" } } },
    async (bench) => {
      await registered(bench);
      await call(bench, "SendLocalList", listOf({ [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: group("G1") }));
      await charging(bench);
      assert.deepEqual(await tap(bench, OTHER_CARD), [
        "Ended 2 StopAuthorized EVConnected Local token=0499887766 Transaction.Begin Transaction.End",
      ]);
      assert.deepEqual(calls(bench, 0, "Authorize"), []);
    },
  );

  scenario(
    "C-06, TC_C_41: the other card is cached: no question",
    { station: { set: { "AuthCtrlr.LocalPreAuthorize": "true", "AuthCacheCtrlr.Enabled": "true" } } },
    async (bench) => {
      await registered(bench);
      answers(bench, { [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: group("G1") });
      await charging(bench, 1, OTHER_CARD);
      await tap(bench, OTHER_CARD);
      await bench.post("/evse/1/unplug");
      await charging(bench);
      assert.deepEqual(await tap(bench, OTHER_CARD), [
        "#2 Ended 2 StopAuthorized EVConnected Local token=0499887766 Transaction.Begin Transaction.End",
      ]);
    },
  );

  scenario("C-06: the group that the answer to Started, or the remote start, names", {}, async (bench) => {
    await registered(bench);
    answers(bench, { [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: group("G1"), [THIRD_CARD.idToken]: group("G2") });
    for (const [idToken, more, stopper] of [
      [CARD, {}, OTHER_CARD],
      [{ idToken: "R2", type: "Central" }, group("G2"), THIRD_CARD],
    ] as const) {
      await bench.post("/evse/1/plug");
      await call(bench, "RequestStartTransaction", { remoteStartId: 1, evseId: 1, idToken, ...more });
      await bench.settled();
      const lines = await tap(bench, stopper);
      assert.match(lines.at(-1)!, new RegExp(`Ended .*StopAuthorized EVConnected Local token=${stopper.idToken}`));
      await bench.post("/evse/1/unplug");
      await bench.settled();
    }
  });

  scenario("C-06: the reader of an EVSE stops there only", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    answers(bench, { [CARD.idToken]: group("G1"), [OTHER_CARD.idToken]: group("G1"), [THIRD_CARD.idToken]: group("G1") });
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    await tap(bench, { ...THIRD_CARD, evse: 2 });
    const ids = (await bench.station.state()).evses.map(({ transactionId }) => transactionId !== null);
    assert.deepEqual(ids, [true, false]);
  });
});

describe("C16: the master pass", () => {
  const MASTER: BenchOptions = { station: { evses: 2, set: { "AuthCtrlr.MasterPassGroupId": "Master" } } };
  const pass = { [THIRD_CARD.idToken]: group("MASTER") };

  scenario("C-07, TC_C_47: stops every transaction", MASTER, async (bench) => {
    await registered(bench);
    answers(bench, pass);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    assert.deepEqual(await tap(bench, THIRD_CARD), [
      "Authorize 04AAAAAA",
      "Ended 2 StopAuthorized EVConnected MasterPass token=04AAAAAA Transaction.Begin Transaction.End",
      "#2 Ended 2 StopAuthorized EVConnected MasterPass token=04AAAAAA Transaction.Begin Transaction.End",
    ]);
  });

  scenario("C-07, TC_C_48: … of one EVSE at its reader", MASTER, async (bench) => {
    await registered(bench);
    answers(bench, pass);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    assert.deepEqual((await tap(bench, { ...THIRD_CARD, evse: 2 })).length, 2);
    const ids = (await bench.station.state()).evses.map(({ transactionId }) => transactionId !== null);
    assert.deepEqual(ids, [true, false]);
  });

  scenario("C-07, TC_C_49: starts nothing, with or without a cable", MASTER, async (bench) => {
    await registered(bench);
    answers(bench, pass);
    assert.deepEqual(await tap(bench, THIRD_CARD), ["Authorize 04AAAAAA"]);
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.deepEqual(await tap(bench, THIRD_CARD), ["Authorize 04AAAAAA"]);
    assert.equal((await bench.station.state()).evses[0].transactionId, null);
    assert.deepEqual(calls(bench, 0, "TransactionEvent"), []);
  });

  scenario(
    "C-07: not Accepted: stops nothing; no MasterPassGroupId: an ordinary group",
    { station: { evses: 1 } },
    async (bench) => {
      await registered(bench);
      answers(bench, { [THIRD_CARD.idToken]: { ...group("MASTER"), status: "Blocked" } });
      await charging(bench);
      assert.deepEqual(await tap(bench, THIRD_CARD), ["Authorize 04AAAAAA"]);
      answers(bench, pass);
      assert.deepEqual(await tap(bench, THIRD_CARD), ["Authorize 04AAAAAA"]);
      assert.notEqual((await bench.station.state()).evses[0].transactionId, null);
    },
  );
});

describe("C02: AuthCtrlr.Enabled false", () => {
  const OPEN: BenchOptions = { station: { set: { "AuthCtrlr.Enabled": "false" } } };

  for (const fixedCable of [false, true]) {
    scenario(
      `C-08: plugged in: starts, NoAuthorization, no Authorize (${fixedCable ? "fixed cable" : "socket"})`,
      { station: { ...OPEN.station, fixedCable } },
      async (bench) => {
        await registered(bench);
        for (let n = 0; n < 2; n++) {
          const since = mark(bench);
          await bench.post("/evse/1/plug");
          await bench.post("/evse/1/ev", { draw: true });
          await bench.settled();
          const events = calls(bench, since, "TransactionEvent");
          assert.deepEqual(events[0].payload.idToken, { idToken: "", type: "NoAuthorization" });
          const id = (await bench.station.state()).evses[0].transactionId!;
          await call(bench, "RequestStopTransaction", { transactionId: id });
          await bench.settled();
          await bench.post("/evse/1/ev", { draw: false });
          await bench.settled();
          assert.equal((await bench.station.state()).evses[0].transactionId, null, "not again with the same cable");
          await bench.post("/evse/1/unplug");
          await bench.post("/evse/1/ev", { draw: false });
          await bench.settled();
        }
        assert.deepEqual(calls(bench, 0, "Authorize"), []);
      },
    );
  }

  scenario("C-08: a card that comes first is named, and not asked about", OPEN, async (bench) => {
    await registered(bench);
    await bench.post("/tap", CARD);
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.deepEqual(calls(bench, 0, "TransactionEvent")[0].payload.idToken, CARD);
    assert.deepEqual(calls(bench, 0, "Authorize"), []);
    assert.match((await tap(bench, CARD)).at(-1)!, /Ended .* StopAuthorized/);
  });
});
