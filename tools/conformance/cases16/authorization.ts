/** OCPP 1.6, 3.4, 3.5, 4.1, 5.4: authorization by central system, list and cache (AU). */
import assert from "node:assert/strict";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { optional } from "../lines.ts";
import { OTHER, type Card } from "../rig.ts";
import {
  AA_1,
  AA_2,
  BAD,
  begin,
  charging,
  end,
  isCharging,
  isoTime,
  left,
  plugged,
  session,
  set,
  startsAtOnce,
  stopped,
} from "./moves.ts";

const CACHE: CaseOptions = { set: { AuthorizationCacheEnabled: "true", LocalPreAuthorize: "true" } };
const ANY_OFFLINE: CaseOptions = { set: { AllowOfflineTxForUnknownId: "true" } };

const refusedAs = (status: string, card: Card): Case =>
  tc("TC_023", `${status}: no transaction, the connector falls back`, { set: { ConnectionTimeOut: "20" } }, async (t) => {
    await plugged(t);
    await t.tap(card);
    await t.expect(`Authorize ${card.idToken}`);
    await t.silence(3);
    await isCharging(t, false);
    await t.unplug();
    await t.expect("SN 1 Available");
  });

export const AUTHORIZATION: Case[] = [
  refusedAs("Invalid", BAD),
  refusedAs("Blocked", { idToken: "B10C0001", type: "ISO14443" }),
  refusedAs("Expired", { idToken: "E1000001", type: "ISO14443" }),
  refusedAs("ConcurrentTx", { idToken: "C0C00001", type: "ISO14443" }),

  tc("TC_007", "A card of the cache: no Authorize before the start", CACHE, async (t) => {
    await session(t);
    await startsAtOnce(t);
  }),

  tc(
    "AU-04",
    "LocalPreAuthorize false: Authorize first, although the cache knows the card",
    { set: { AuthorizationCacheEnabled: "true", LocalPreAuthorize: "false" } },
    async (t) => {
      await session(t);
      await session(t);
    },
  ),

  tc("TC_061", "ClearCache: Accepted, and the card is asked for again", CACHE, async (t) => {
    await session(t);
    await t.call("ClearCache", {}, "Accepted");
    await session(t);
  }),

  tc("AU-08", "Without the cache: ClearCache is Rejected, nothing is remembered", CACHE, async (t) => {
    await session(t);
    await set(t, "AuthorizationCacheEnabled", "false");
    await t.call("ClearCache", {}, "Rejected");
    await session(t);
  }),

  tc("AU-08", "The cache survives a power loss, and takes the answer of StartTransaction, too", CACHE, async (t) => {
    await session(t);
    await t.powerCycle();
    await t.booted();
    await startsAtOnce(t);
    t.answer("StartTransaction", { idTagInfo: { status: "Blocked" } });
    t.answer("StopTransaction", { idTagInfo: { status: "Blocked" } });
    await set(t, "StopTransactionOnInvalidId", "false");
    await plugged(t);
    await t.tap();
    await t.expect(begin(), "SN 1 SuspendedEVSE");
    await t.tap();
    await t.expect(end("[Local] token=04A1B2C3"));
    await left(t);
    await plugged(t);
    await t.tap();
    await t.expectWithin(5, "Authorize 04A1B2C3", begin(), "SN 1 SuspendedEVSE");
  }),

  tc("AU-08", "expiryDate ends an entry", CACHE, async (t) => {
    const idTagInfo = { status: "Accepted", expiryDate: isoTime(t, 60) };
    t.answer("Authorize", { idTagInfo });
    t.answer("StartTransaction", { idTagInfo });
    t.answer("StopTransaction", { idTagInfo });
    await session(t);
    await startsAtOnce(t);
    await t.advance(70);
    await session(t);
  }),

  tc("AU-02", "The token is the card's number as it is; letters in any case are the same token", CACHE, async (t) => {
    await session(t, { idToken: "04a1b2c3", type: "ISO14443" });
    await plugged(t);
    await t.tap({ idToken: "04A1B2C3", type: "ISO14443" });
    await t.expect(begin());
    await t.tap({ idToken: "04a1b2c3", type: "ISO14443" });
    await t.expect(end("[Local] token=04A1B2C3|token=04a1b2c3"));
  }),

  tc("TC_068", "Another card, no parent known: nothing is sent; the card that started stops without Authorize", {}, async (t) => {
    await charging(t);
    await t.tap(OTHER);
    await t.silence(3);
    await isCharging(t, true);
    await stopped(t);
    await left(t);
  }),

  tc("TC_069", "Another card with the same parentIdTag stops, under its own number", {}, async (t) => {
    await charging(t, 1, AA_1);
    await t.tap(OTHER);
    await t.expect("Authorize 0499887766");
    await t.silence(2);
    await isCharging(t, true);
    await t.tap(AA_2);
    await t.expect("Authorize AA000002", end("[Local] token=AA000002"));
    await left(t);
  }),

  tc("AU-03", "The parent of a card is no card: its text stops nothing", {}, async (t) => {
    await charging(t, 1, AA_1);
    await t.tap({ idToken: "GROUP-AA", type: "KeyCode" });
    await t.expect(optional("Authorize GROUP-AA"));
    await t.silence(2);
    await isCharging(t, true);
  }),

  tc("AU-05", "A card that the cache knows as refused is asked for online", CACHE, async (t) => {
    for (let i = 0; i < 2; i++) {
      await plugged(t);
      await t.tap(BAD);
      await t.expect("Authorize DEAD0001");
      await isCharging(t, false);
      await left(t);
    }
  }),

  tc("AU-06", "Offline, unknown card: refused; with AllowOfflineTxForUnknownId accepted", {}, async (t) => {
    await plugged(t);
    await t.offline(3, async () => {
      await t.tap();
      await t.advance(3);
      await isCharging(t, false);
    });
    await t.silence(2);
    await set(t, "AllowOfflineTxForUnknownId", "true");
    await t.offline(3, async () => {
      await t.tap();
      await t.advance(3);
      await isCharging(t, true);
    });
    await t.expect(begin());
  }),

  tc(
    "AU-06",
    "Offline the cache decides; without LocalAuthorizeOffline nothing does",
    { set: { ...CACHE.set, LocalAuthorizeOffline: "true" } },
    async (t) => {
      await session(t);
      await plugged(t);
      await t.offline(3, async () => {
        await t.tap();
        await t.advance(3);
        await isCharging(t, true);
      });
      await t.expect(begin());
      await stopped(t);
      await left(t);
      await set(t, "LocalAuthorizeOffline", "false");
      await plugged(t);
      await t.offline(3, async () => {
        await t.tap();
        await t.advance(3);
        await isCharging(t, false);
      });
      await t.silence(2);
    },
  ),

  tc(
    "AU-06",
    "A card that is known as refused stays refused offline",
    { set: { ...CACHE.set, ...ANY_OFFLINE.set } },
    async (t) => {
      await plugged(t);
      await t.tap(BAD);
      await t.expect("Authorize DEAD0001");
      await t.offline(3, async () => {
        await t.tap(BAD);
        await t.advance(3);
        await isCharging(t, false);
      });
      await t.silence(2);
    },
  ),

  tc("AU-09", "Authorized, not plugged: the card again takes it back", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3", "SN 1 Preparing");
    await t.tap();
    await t.expect("SN 1 Available");
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Preparing");
    await t.silence(3);
    await isCharging(t, false);
  }),

  tc("AU-10", "expiryDate of a running transaction does not stop it", {}, async (t) => {
    t.answer("Authorize", () => ({ idTagInfo: { status: "Accepted", expiryDate: isoTime(t, 10) } }));
    t.answer("StartTransaction", () => ({ idTagInfo: { status: "Accepted", expiryDate: isoTime(t, 10) } }));
    await charging(t);
    await t.silence(20);
    assert.equal((await t.evse()).contactor, true);
    await stopped(t);
  }),
];
