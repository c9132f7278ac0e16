/** OCPP 2.0.1 Part 2, D01, D02 local authorization list; C13, C14 authorization by it. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { CARD, OTHER, type Card, type Rig } from "../rig.ts";
import { charging, left, N, plugged, set, stopped, value } from "./moves.ts";

const LIST: CaseOptions = {
  set: {
    "LocalAuthListCtrlr.Enabled": "true",
    "AuthCtrlr.LocalAuthorizeOffline": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
  },
};
const WITH_CACHE: CaseOptions = { set: { ...LIST.set, "AuthCacheCtrlr.Enabled": "true" } };

const entry = (card: Card, status = "Accepted"): Payload => ({ idToken: card, idTokenInfo: { status } });
const gone = (card: Card): Payload => ({ idToken: card });

async function send(t: Rig, updateType: string, versionNumber: number, list: Payload[], expected = "Accepted"): Promise<void> {
  const more = list.length > 0 ? { localAuthorizationList: list } : {};
  await t.call("SendLocalList", { updateType, versionNumber, ...more }, expected);
}

const version = (t: Rig, versionNumber: number): Promise<Payload> => t.call("GetLocalListVersion", {}, { versionNumber });

/** The card starts at once, without Authorize. */
async function startsAtOnce(t: Rig, card: Card): Promise<void> {
  await plugged(t);
  await t.tap(card);
  await t.expect(
    `${N} Started Authorized EVConnected evse=1 token=${card.idToken} Transaction.Begin`,
    `${N} Updated ChargingStateChanged Charging`,
  );
  await stopped(t, card);
  await left(t);
}

/** The card is asked for. */
async function isAsked(t: Rig, card: Card): Promise<void> {
  await charging(t, 1, card);
  await stopped(t, card);
  await left(t);
}

/** Offline the card does or does not start. */
async function offline(t: Rig, card: Card, starts: boolean): Promise<void> {
  await plugged(t);
  await t.offline(3, async () => {
    await t.tap(card);
    await t.advance(3);
    assert.equal((await t.evse()).contactor, starts);
  });
  if (!starts) return t.silence(2);
  await t.expect(
    `${N} Started Authorized EVConnected offline evse=1 token=${card.idToken} Transaction.Begin`,
    `${N} Updated ChargingStateChanged Charging offline`,
  );
}

/** A card with this verdict in the list does not start offline. */
const offlineVerdict = (id: string, status: string): Case =>
  tc(id, `Offline, in the list as ${status}: no charging`, LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD, status)]);
    await offline(t, CARD, false);
  });

/** A card with this verdict in the list is asked for online. */
const onlineVerdict = (id: string, status: string): Case =>
  tc(id, `Online, in the list as ${status}: the CSMS is asked, and decides`, LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD, status)]);
    await isAsked(t, CARD);
    t.answer("Authorize", { idTokenInfo: { status } });
    await plugged(t);
    await t.tap();
    await t.expect(`Authorize ${CARD.idToken}`);
    await t.silence(2);
    assert.equal((await t.evse()).contactor, false);
  });

export const LOCAL_LIST: Case[] = [
  tc("TC_C_21", "Offline, in the list as Accepted: charging", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await offline(t, CARD, true);
  }),
  offlineVerdict("TC_C_22", "Invalid"),
  offlineVerdict("TC_C_23", "Blocked"),
  offlineVerdict("TC_C_24", "Expired"),

  tc("TC_C_25", "Offline: the list goes before the cache", WITH_CACHE, async (t) => {
    await isAsked(t, CARD);
    await send(t, "Full", 1, [entry(CARD, "Blocked")]);
    await offline(t, CARD, false);
  }),

  tc("TC_C_27", "Online, in the list as Accepted: charging at once", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await startsAtOnce(t, CARD);
  }),

  tc("TC_C_28", "Online: the list goes before the cache", WITH_CACHE, async (t) => {
    await isAsked(t, CARD);
    await send(t, "Full", 1, [entry(CARD, "Blocked")]);
    t.answer("Authorize", { idTokenInfo: { status: "Blocked" } });
    await plugged(t);
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    assert.equal((await t.evse()).contactor, false);
  }),
  onlineVerdict("TC_C_29", "Invalid"),
  onlineVerdict("TC_C_30", "Blocked"),
  onlineVerdict("TC_C_31", "Expired"),

  tc("TC_D_01", "Full list: replaced, with its version", LIST, async (t) => {
    await send(t, "Full", 3, [entry(CARD)]);
    await version(t, 3);
    await send(t, "Full", 2, [entry(OTHER)]);
    await version(t, 2);
    await startsAtOnce(t, OTHER);
    await isAsked(t, CARD);
  }),

  tc("TC_D_02", "Full without a list: emptied, with its version", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await send(t, "Full", 5, []);
    await version(t, 5);
    await isAsked(t, CARD);
  }),

  tc("TC_D_03", "Differential: an entry is added, another changed", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD, "Blocked")]);
    await send(t, "Differential", 2, [entry(OTHER), entry(CARD)]);
    await version(t, 2);
    await startsAtOnce(t, OTHER);
    await startsAtOnce(t, CARD);
  }),

  tc("TC_D_04", "Differential: an entry without idTokenInfo is taken out", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD), entry(OTHER)]);
    await send(t, "Differential", 2, [gone(CARD)]);
    await startsAtOnce(t, OTHER);
    await isAsked(t, CARD);
  }),

  tc("TC_D_05", "Differential without a list: only the version changes", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await send(t, "Differential", 2, []);
    await version(t, 2);
    await startsAtOnce(t, CARD);
  }),

  tc("TC_D_06", "Differential with a version that is not newer: VersionMismatch, nothing changes", LIST, async (t) => {
    await send(t, "Full", 4, [entry(CARD)]);
    for (const old of [4, 3]) await send(t, "Differential", old, [gone(CARD)], "VersionMismatch");
    await version(t, 4);
    await startsAtOnce(t, CARD);
  }),

  tc("TC_D_07", "A token twice: Failed, all or nothing", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await send(t, "Full", 2, [entry(OTHER), entry(OTHER)], "Failed");
    await send(t, "Differential", 2, [entry(OTHER), gone(CARD), entry(OTHER, "Blocked")], "Failed");
    await version(t, 1);
    await startsAtOnce(t, CARD);
    await isAsked(t, OTHER);
  }),

  tc("TC_D_08", "The list survives a power loss", LIST, async (t) => {
    await send(t, "Full", 7, [entry(CARD), entry(OTHER)]);
    await send(t, "Differential", 8, [gone(OTHER)]);
    await t.powerCycle();
    await t.booted();
    await version(t, 8);
    await startsAtOnce(t, CARD);
    await isAsked(t, OTHER);
  }),

  tc("TC_D_10", "GetLocalListVersion without a list: 0; disabled: 0", LIST, async (t) => {
    await version(t, 0);
    await send(t, "Full", 4, [entry(CARD)]);
    assert.deepEqual(await set(t, [["LocalAuthListCtrlr.Enabled", "false"]]), ["Accepted"]);
    await version(t, 0);
    await send(t, "Full", 5, [entry(CARD)], "Failed");
    await isAsked(t, CARD);
  }),

  tc(
    "D-03",
    "Offline without LocalAuthorizeOffline: the list does not help",
    { set: { ...LIST.set, "AuthCtrlr.LocalAuthorizeOffline": "false" } },
    async (t) => {
      await send(t, "Full", 1, [entry(CARD)]);
      await offline(t, CARD, false);
    },
  ),

  tc("D-01", "More entries than there is room for: Failed, the list stays", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    const most = Number(await value(t, "LocalAuthListCtrlr.ItemsPerMessage"));
    const many = Array.from({ length: most + 1 }, (_, i) =>
      entry({ idToken: `05${String(i).padStart(6, "0")}`, type: "ISO14443" }),
    );
    try {
      await send(t, "Full", 2, many, "Failed");
    } catch (error) {
      // RPC-12: a message that is too long may be refused as such.
      assert.match(String(error), /OccurrenceConstraintViolation|FormatViolation/);
    }
    await version(t, 1);
    await startsAtOnce(t, CARD);
  }),
];
