/** OCPP 1.6, 3.5, 5.10, 5.15: local authorization list (LL). */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { optional } from "../lines.ts";
import { CARD, OTHER, type Card, type Rig } from "../rig.ts";
import {
  AA_1,
  AA_2,
  begin,
  charging,
  end,
  isCharging,
  isoTime,
  left,
  plugged,
  session,
  startsAtOnce,
  stopped,
  value,
} from "./moves.ts";

const LIST: CaseOptions = { set: { LocalAuthListEnabled: "true", LocalAuthorizeOffline: "true", LocalPreAuthorize: "true" } };
const OFF: CaseOptions = { set: { LocalAuthListEnabled: "false" } };

const entry = (card: Card, status = "Accepted", more: Payload = {}): Payload => ({
  idTag: card.idToken,
  idTagInfo: { status, ...more },
});
const gone = (card: Card): Payload => ({ idTag: card.idToken });

async function send(t: Rig, updateType: string, listVersion: number, list: Payload[], expected = "Accepted"): Promise<void> {
  const more = list.length > 0 ? { localAuthorizationList: list } : {};
  await t.call("SendLocalList", { updateType, listVersion, ...more }, expected);
}

const version = (t: Rig, listVersion: number): Promise<Payload> => t.call("GetLocalListVersion", {}, { listVersion });

/** The action is answered with `NotSupported`, as a status or an error; `answer` is the other way to say so. */
async function unsupported(t: Rig, action: string, payload: Payload, answer: Payload): Promise<void> {
  let got: unknown;
  try {
    got = await t.call(action, payload);
  } catch (error) {
    assert.match(String(error), /got NotSupported$/);
    return;
  }
  assert.deepEqual(got, answer);
}

export const LOCAL_LIST: Case[] = [
  tc("TC_008", "A card of the list: no Authorize before the start", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await startsAtOnce(t);
  }),

  tc("TC_042_1", "GetLocalListVersion while the list is off: -1 (or NotSupported)", OFF, async (t) => {
    await unsupported(t, "GetLocalListVersion", {}, { listVersion: -1 });
  }),

  tc("TC_042_2", "GetLocalListVersion without a list: 0, behind an empty Full update, too", LIST, async (t) => {
    await version(t, 0);
    await send(t, "Full", 3, [entry(CARD)]);
    await version(t, 3);
    await send(t, "Full", 5, []);
    await version(t, 0);
  }),

  tc("TC_043", "Full, then Differential: added, changed, deleted", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD, "Blocked"), entry(AA_1)]);
    await send(t, "Differential", 2, [entry(OTHER), entry(CARD), gone(AA_1)]);
    await version(t, 2);
    await startsAtOnce(t, OTHER);
    await startsAtOnce(t, CARD);
    await session(t, AA_1);
  }),

  tc("TC_043_1", "SendLocalList while the list is off: NotSupported", OFF, async (t) => {
    const request = { updateType: "Full", listVersion: 1, localAuthorizationList: [entry(CARD)] };
    await unsupported(t, "SendLocalList", request, { status: "NotSupported" });
  }),

  tc("TC_043_2", "2 Full, 5 Differential, 4 Differential: VersionMismatch, nothing changes", LIST, async (t) => {
    await send(t, "Full", 2, [entry(CARD)]);
    await send(t, "Differential", 5, [entry(OTHER)]);
    await send(t, "Differential", 4, [gone(CARD)], "VersionMismatch");
    await version(t, 5);
    await startsAtOnce(t, CARD);
    await startsAtOnce(t, OTHER);
  }),

  tc("TC_043_3", "More entries than there is room for: Failed, the list stays", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    const most = Number(await value(t, "SendLocalListMaxLength"));
    const many = Array.from({ length: most + 1 }, (_, i) =>
      entry({ idToken: `05${String(i).padStart(6, "0")}`, type: "ISO14443" }),
    );
    try {
      await send(t, "Full", 2, many, "Failed");
    } catch (error) {
      // A message that is too long may be refused as such.
      assert.match(String(error), /got (OccurenceConstraintViolation|FormationViolation)$/);
    }
    await version(t, 1);
    await startsAtOnce(t, CARD);
  }),

  tc("LL-02", "Differential with the version that there is: VersionMismatch", LIST, async (t) => {
    await send(t, "Full", 4, [entry(CARD)]);
    await send(t, "Differential", 4, [gone(CARD)], "VersionMismatch");
    await version(t, 4);
  }),

  tc("LL-03", "Full with a lower version is taken; 0 and -1 are Failed", LIST, async (t) => {
    await send(t, "Full", 4, [entry(CARD)]);
    await send(t, "Full", 2, [entry(OTHER)]);
    await version(t, 2);
    for (const bad of [0, -1]) {
      await send(t, "Full", bad, [entry(CARD)], "Failed");
      const { status } = await t.call("SendLocalList", {
        updateType: "Differential",
        listVersion: bad,
        localAuthorizationList: [entry(CARD)],
      });
      assert.match(String(status), /^(Failed|VersionMismatch)$/);
    }
    await version(t, 2);
    await startsAtOnce(t, OTHER);
  }),

  tc("LL-03", "A tag twice, also in other letters; a Full entry without idTagInfo: Failed as a whole", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await send(t, "Full", 2, [entry(OTHER), entry(OTHER)], "Failed");
    await send(t, "Differential", 2, [entry(OTHER), gone(CARD), entry(OTHER, "Blocked")], "Failed");
    await send(t, "Full", 2, [entry(CARD), { idTag: CARD.idToken.toLowerCase(), idTagInfo: { status: "Accepted" } }], "Failed");
    await send(t, "Full", 2, [entry(OTHER), gone(CARD)], "Failed");
    await version(t, 1);
    await startsAtOnce(t, CARD);
    await session(t, OTHER);
  }),

  tc("LL-04", "The list survives a power loss", LIST, async (t) => {
    await send(t, "Full", 7, [entry(CARD), entry(OTHER)]);
    await send(t, "Differential", 8, [gone(OTHER)]);
    await t.powerCycle();
    await t.booted();
    await version(t, 8);
    await startsAtOnce(t, CARD);
    await session(t, OTHER);
  }),

  tc("LL-04", "expiryDate counts at the station", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD, "Accepted", { expiryDate: isoTime(t, 40) })]);
    await startsAtOnce(t);
    await t.advance(45);
    await session(t);
  }),

  tc("AU-07", "The list goes before the cache", { set: { ...LIST.set, AuthorizationCacheEnabled: "true" } }, async (t) => {
    await session(t);
    await send(t, "Full", 1, [entry(CARD, "Blocked")]);
    await plugged(t);
    await t.offline(3, async () => {
      await t.tap();
      await t.advance(3);
      await isCharging(t, false);
    });
    await t.silence(2);
  }),

  tc("AU-07", "The answer to StartTransaction contradicts the list: LocalListConflict at connector 0", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    t.answer("StartTransaction", { idTagInfo: { status: "Blocked" } });
    await plugged(t);
    await t.tap();
    const told = await t.pass(4);
    const lines = told.map(({ line }) => line);
    assert.ok(lines.includes("SN 0 Available LocalListConflict"), lines.join(" / "));
  }),

  ...["Invalid", "Blocked", "Expired"].map((status) =>
    tc(
      "AU-06",
      `In the list as ${status}: refused offline, asked for online`,
      {
        set: { ...LIST.set, AllowOfflineTxForUnknownId: "true" },
      },
      async (t) => {
        await send(t, "Full", 1, [entry(CARD, status)]);
        await plugged(t);
        await t.offline(3, async () => {
          await t.tap();
          await t.advance(3);
          await isCharging(t, false);
        });
        // The status of the cable again, when the connection broke before its answer came.
        const told = (await t.pass(2)).map(({ line }) => line);
        assert.ok(told.length < 2 && told.every((line) => line === "SN 1 Preparing"), told.join(" / "));
        await t.tap();
        await t.expect("Authorize 04A1B2C3", begin());
      },
    ),
  ),

  tc("AU-06", "In the list as Accepted: starts offline", LIST, async (t) => {
    await send(t, "Full", 1, [entry(CARD)]);
    await plugged(t);
    await t.offline(3, async () => {
      await t.tap();
      await t.advance(3);
      await isCharging(t, true);
    });
    await t.expect(begin());
  }),

  tc("AU-03", "Parents of the list: another card of the same parent stops", LIST, async (t) => {
    const family = { parentIdTag: "FAMILY" };
    await send(t, "Full", 1, [entry(CARD, "Accepted", family), entry(OTHER, "Accepted", family), entry(AA_2)]);
    t.answer("StartTransaction", { idTagInfo: { status: "Accepted", ...family } });
    await plugged(t);
    await t.tap();
    await t.expect(begin());
    await t.tap(AA_2);
    await t.expect(optional("Authorize AA000002"));
    await t.silence(2);
    await isCharging(t, true);
    await t.tap(OTHER);
    await t.expect(optional("Authorize 0499887766"), end("[Local] token=0499887766"));
    await left(t);
  }),

  tc("AU-05", "A card that is not in the list is asked for", LIST, async (t) => {
    await send(t, "Full", 1, [entry(OTHER)]);
    await charging(t);
    await stopped(t);
  }),
];
