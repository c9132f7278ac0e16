/** OCPP 2.0.1 Part 2, C01–C16: authorization by card, group, master pass, start button, offline, cache. */
import assert from "node:assert/strict";
import { notApplicable, tc, type Case, type CaseOptions } from "../case.ts";
import { CARD, OTHER, type Card, type Rig } from "../rig.ts";
import { charging, END, left, N, plugged, remoteStart, stopped, TWO } from "./moves.ts";

const GROUP_1: Card = { idToken: "AA000001", type: "ISO14443" };
const GROUP_2: Card = { idToken: "AA000002", type: "ISO14443" };
const MASTER: Card = { idToken: "FEEDBEEF", type: "ISO14443" };
const ANY_OFFLINE = { set: { "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" } };
const CACHE = { set: { "AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true" } };
const MASTER_PASS: CaseOptions = { ...TWO, set: { "AuthCtrlr.MasterPassGroupId": "MASTERS" } };

const STARTED = (card: Card, evse = 1, offline = ""): string =>
  `${N} Started Authorized EVConnected ${offline ? `${offline} ` : ""}evse=${evse} token=${card.idToken} Transaction.Begin`;
const ENERGY = `${N} Updated ChargingStateChanged Charging`;

/** A card that the CSMS refuses starts nothing. */
async function refusedCard(t: Rig, card: Card): Promise<void> {
  await plugged(t);
  await t.tap(card);
  await t.expect(`Authorize ${card.idToken}`);
  await t.silence(3);
  const { contactor, limitAmps } = await t.evse();
  assert.deepEqual({ contactor, limitAmps }, { contactor: false, limitAmps: 0 });
}

function answerMaster(t: Rig): void {
  t.answer("Authorize", ({ idToken }) => {
    const { idToken: number } = idToken as Card;
    const groupIdToken = { idToken: "MASTERS", type: "Central" };
    return { idTokenInfo: { status: "Accepted", ...(number === MASTER.idToken ? { groupIdToken } : {}) } };
  });
}

export const AUTHORIZATION: Case[] = [
  tc("TC_C_02", "Card unknown to the CSMS: Authorize, no charging, no transaction", {}, (t) =>
    refusedCard(t, { idToken: "DEAD0001", type: "ISO14443" }),
  ),
  tc("TC_C_06", "Card blocked: the same", {}, (t) => refusedCard(t, { idToken: "B10C0001", type: "ISO14443" })),
  tc("TC_C_07", "Card expired: the same", {}, (t) => refusedCard(t, { idToken: "E1000001", type: "ISO14443" })),

  tc("C-02", "Every other verdict than Accepted: no charging", {}, async (t) => {
    await plugged(t);
    for (const status of ["Unknown", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation", "NotAtThisTime", "ConcurrentTx"]) {
      const back = t.answer("Authorize", { idTokenInfo: { status } });
      await t.tap();
      await t.expect(`Authorize ${CARD.idToken}`);
      back();
      assert.equal((await t.evse()).contactor, false, status);
    }
    await t.silence(3);
  }),

  tc(
    "TC_C_56",
    "Start point EVConnected, card refused: the transaction stays open, unauthorised, without a further event",
    {
      set: { "TxCtrlr.TxStartPoint": "EVConnected" },
    },
    async (t) => {
      await t.draw(true);
      await t.plug();
      await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 Transaction.Begin");
      await t.tap({ idToken: "DEAD0001", type: "ISO14443" });
      await t.expect("Authorize DEAD0001");
      await t.silence(3);
      assert.equal((await t.evse()).contactor, false);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", "Updated Authorized * token=04A1B2C3", ENERGY);
    },
  ),

  tc(
    "TC_C_04",
    "A card without a group in common: Authorize, and the transaction goes on, whatever the verdict",
    {},
    async (t) => {
      await charging(t);
      for (const card of [OTHER, { idToken: "DEAD0001", type: "ISO14443" }]) {
        await t.tap(card);
        await t.expect(`Authorize ${card.idToken}`);
        await t.silence(3);
        assert.equal((await t.evse()).contactor, true);
      }
      await stopped(t);
    },
  ),

  tc("TC_C_39", "A card of the same group: Authorize, Accepted, the transaction stops with that card", {}, async (t) => {
    await charging(t, 1, GROUP_1);
    await t.tap(GROUP_2);
    await t.expect("Authorize AA000002", `Ended StopAuthorized EVConnected [Local] token=AA000002 ${END}`);
    assert.equal((await t.evse()).contactor, false);
  }),

  tc("C-06", "A card of the same group that is not Accepted: no stop", {}, async (t) => {
    await charging(t, 1, GROUP_1);
    t.answer("Authorize", { idTokenInfo: { status: "Blocked", groupIdToken: { idToken: "GROUP-AA", type: "Central" } } });
    await t.tap(GROUP_2);
    await t.expect("Authorize AA000002");
    await t.silence(3);
    assert.equal((await t.evse()).contactor, true);
  }),

  notApplicable(
    "TC_C_47",
    "Master pass, all transactions chosen at a user interface",
    "the station has no user interface to choose at",
  ),
  notApplicable(
    "TC_C_48",
    "Master pass, one transaction chosen at a user interface",
    "the station has no user interface to choose at",
  ),

  tc("TC_C_49", "Master pass without a user interface: all transactions stop with MasterPass", MASTER_PASS, async (t) => {
    answerMaster(t);
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await t.tap(MASTER);
    const end = `${N} Ended StopAuthorized EVConnected MasterPass token=FEEDBEEF ${END}`;
    await t.expect("Authorize FEEDBEEF", end, end);
  }),

  tc("C-07", "Master pass: cannot start a transaction", MASTER_PASS, async (t) => {
    answerMaster(t);
    await plugged(t);
    await t.tap(MASTER);
    await t.expect("Authorize FEEDBEEF");
    await t.silence(3);
    assert.equal((await t.evse()).contactor, false);
  }),

  tc("C-01", "Authorize with number and type of the card; numbers are the same in any case", {}, async (t) => {
    for (const type of ["ISO14443", "ISO15693"]) {
      await t.tap({ idToken: "DEAD00ab", type });
      const [{ payload }] = await t.expect("Authorize DEAD00ab|DEAD00AB");
      assert.equal((payload.idToken as Card).type, type);
    }
    for (const type of ["KeyCode", "Local", "MacAddress", "eMAID"]) {
      await t.tap({ idToken: "x".repeat(36), type });
      const [{ payload }] = await t.expect(`Authorize ${"x".repeat(36)}`);
      assert.deepEqual(payload.idToken, { idToken: "x".repeat(36), type });
      await t.advance(61);
    }
    await charging(t, 1, { idToken: "04a1b2c3", type: "ISO14443" });
    await t.tap(CARD);
    await t.expect(`Ended StopAuthorized EVConnected [Local] token=04A1B2C3|04a1b2c3 ${END}`);
  }),

  tc("C-03", "The verdict names EVSEs: only those may charge", TWO, async (t) => {
    t.answer("Authorize", { idTokenInfo: { status: "Accepted", evseId: [2] } });
    await plugged(t, 1);
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    await t.silence(3);
    assert.equal((await t.evse(1)).contactor, false);
    await t.advance(61);
    await plugged(t, 2);
    await t.tap(CARD, 2);
    await t.expect("Authorize 04A1B2C3", STARTED(CARD, 2), ENERGY);
  }),

  tc("C-04", "The card that started stops without Authorize", {}, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
  }),

  tc(
    "C-08",
    "Start without authorization: no Authorize; token of type NoAuthorization",
    { set: { "AuthCtrlr.Enabled": "false" } },
    async (t) => {
      await t.draw(true);
      await t.plug();
      const [, started] = await t.expect("SN 1 Occupied", "Started * evse=1 token= Transaction.Begin", ENERGY);
      assert.deepEqual(started.payload.idToken, { idToken: "", type: "NoAuthorization" });
    },
  ),

  tc(
    "C-09",
    "A remote start of type Central is never authorized",
    { set: { "AuthCtrlr.AuthorizeRemoteStart": "true" } },
    async (t) => {
      await plugged(t);
      await remoteStart(t, "Accepted");
      await t.expect("Started RemoteStart EVConnected evse=1 token=APP remote=7 Transaction.Begin", ENERGY);
    },
  ),

  tc(
    "C-10",
    "AuthorizeRemoteStart: a refused token gets no energy",
    { set: { "AuthCtrlr.AuthorizeRemoteStart": "true" } },
    async (t) => {
      await plugged(t);
      await remoteStart(t, "Accepted", { idToken: { idToken: "DEAD0001", type: "ISO14443" } });
      await t.expect("Authorize DEAD0001");
      await t.silence(3);
      assert.equal((await t.evse()).contactor, false);
    },
  ),

  tc("C-11", "Offline, no list, no cache: an unknown card is refused", {}, async (t) => {
    await plugged(t);
    await t.offline(5, async () => {
      await t.tap();
      await t.advance(3);
      assert.equal((await t.evse()).contactor, false);
    });
    await t.silence(3);
  }),

  tc("C-11", "Offline, OfflineTxForUnknownIdEnabled: any card starts, the events are queued", ANY_OFFLINE, async (t) => {
    await plugged(t);
    await t.offline(5, async () => {
      await t.tap();
      await t.advance(3);
      assert.equal((await t.evse()).contactor, true);
    });
    await t.expect(STARTED(CARD, 1, "offline"), "Updated ChargingStateChanged Charging offline");
  }),

  tc("C-13", "An authorization without a cable lives for EVConnectionTimeOut", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    await t.silence(62);
    await plugged(t);
    await t.silence(3);
    assert.equal((await t.evse()).contactor, false);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", STARTED(CARD), ENERGY);
  }),

  tc("C-14", "Cache: a card accepted before starts at once, and offline", CACHE, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
    await plugged(t);
    await t.tap();
    await t.expect(STARTED(CARD), ENERGY);
    await stopped(t);
    await left(t);
    await t.offline(5, async () => {
      await t.draw(true);
      await t.plug();
      await t.tap();
      await t.advance(3);
      assert.equal((await t.evse()).contactor, true);
    });
    await t.expect("SN 1 Occupied", STARTED(CARD, 1, "offline"), `${N} Updated ChargingStateChanged Charging offline`);
  }),

  tc("C-14", "Cache: a card refused before is asked for again online, and refused offline", CACHE, async (t) => {
    const bad = { idToken: "DEAD0001", type: "ISO14443" };
    await refusedCard(t, bad);
    await t.tap(bad);
    await t.expect("Authorize DEAD0001");
    await t.offline(5, async () => {
      await t.tap(bad);
      await t.advance(3);
      assert.equal((await t.evse()).contactor, false);
    });
    await t.expect();
  }),

  tc("C-14", "Cache: cacheExpiryDateTime ends an entry", CACHE, async (t) => {
    const cacheExpiryDateTime = new Date(t.station.now() + 60_000).toISOString();
    t.answer("Authorize", { idTokenInfo: { status: "Accepted", cacheExpiryDateTime } });
    t.answer("TransactionEvent", ({ idToken }) => (idToken ? { idTokenInfo: { status: "Accepted", cacheExpiryDateTime } } : {}));
    await charging(t);
    await stopped(t);
    await left(t);
    await t.advance(70);
    await charging(t);
  }),

  tc("C-14", "ClearCache: Accepted, and the card is asked for again; Rejected when the cache is off", CACHE, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
    await t.call("ClearCache", {}, "Accepted");
    await charging(t);
    await stopped(t);
    await t.call(
      "SetVariables",
      { setVariableData: [{ component: { name: "AuthCacheCtrlr" }, variable: { name: "Enabled" }, attributeValue: "false" }] },
      undefined,
    );
    await t.call("ClearCache", {}, "Rejected");
  }),

  tc(
    "C-10",
    "AuthorizeRemoteStart: Authorize comes before energy, and once",
    { set: { "AuthCtrlr.AuthorizeRemoteStart": "true" } },
    async (t) => {
      await plugged(t);
      await remoteStart(t, "Accepted", { idToken: CARD });
      await t.expect(
        "Authorize 04A1B2C3",
        "Started RemoteStart EVConnected evse=1 token=04A1B2C3 remote=7 Transaction.Begin",
        ENERGY,
      );
      await t.silence(3);
    },
  ),
];
