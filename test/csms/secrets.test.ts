/** What dumps, words and pages may not show of a frame. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { masked } from "../../tools/page/shared/secrets.ts";
import { FrameWords } from "../../tools/csms/words.ts";

const SECRET = "Zx9-secret-Value_0";
const CARD = "04A1B2C3D4E5F6";
const variable = (name: string): object => ({ component: { name: "SecurityCtrlr" }, variable: { name } });

const HIDDEN: [string, unknown][] = [
  ["SetVariables", { setVariableData: [{ attributeValue: SECRET, ...variable("BasicAuthPassword") }] }],
  ["SetVariables", { setVariableData: [{ ...variable("basicauthpassword"), attributeValue: SECRET }] }],
  ["ChangeConfiguration", { key: "AuthorizationKey", value: SECRET }],
  ["ChangeConfiguration", { key: "AUTHORIZATIONKEY", value: SECRET }],
  [
    "SetNetworkProfile",
    { connectionData: { apn: { apn: "net", apnUserName: "u", apnPassword: SECRET, apnAuthentication: "AUTO" } } },
  ],
  ["SetNetworkProfile", { connectionData: { vpn: { server: "s", user: "u", password: SECRET, key: SECRET, type: "IPSec" } } }],
  ["UpdateFirmware", { firmware: { location: `ftp://user:${SECRET}@host/file` } }],
  ["GetDiagnostics", { location: `https://${SECRET}@host/` }],
  ["NotifyReport", { reportData: [{ ...variable("BasicAuthPassword"), variableAttribute: [{ value: SECRET }] }] }],
];

describe("secrets of frames", () => {
  for (const [action, payload] of HIDDEN)
    it(`are masked: ${action} ${JSON.stringify(payload).slice(0, 60)}`, () => {
      const text = JSON.stringify([2, "1", action, payload]);
      assert.ok(!masked(text).includes(SECRET), masked(text));
      const [type, id, name] = JSON.parse(masked(text)) as unknown[];
      assert.deepEqual([type, id, name], [2, "1", action]);
      assert.ok(!new FrameWords().line({ t: 0, from: "csms", text }).includes(SECRET));
      // Cut anywhere it is no JSON any more.
      for (let end = 0; end < text.length; end++) {
        const cut = text.slice(0, end);
        if (/password|authorizationkey|@/i.test(cut)) assert.ok(!masked(cut).includes(SECRET), cut);
      }
    });

  it("cards are masked where that is wanted, but for two characters", () => {
    for (const payload of [
      { idToken: { idToken: CARD, type: "ISO14443" } },
      { idTag: CARD },
      { idTagInfo: { parentIdTag: CARD } },
      { requestId: 1, data: `transactions of ${CARD}`, seqNo: 0, generatedAt: "2026-01-01T00:00:00Z" },
    ]) {
      const text = JSON.stringify([2, "1", "X", payload]);
      assert.equal(masked(text), text);
      assert.ok(!masked(text, true).includes(CARD.slice(0, -2)), masked(text, true));
    }
  });

  it("everything else stays byte by byte", () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (json, cards) => {
        fc.pre(!/password|authorizationkey|"key"|:\/\/|"id(Token|Tag)"|parentIdTag|customerIdentifier|"data"/i.test(json));
        assert.equal(masked(json, cards), json);
      }),
    );
    for (const text of [
      '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval", "value":"300"}]',
      '[2,"1","GetConfiguration",{"key":["AuthorizationKey"]}]',
      '[3,"1",{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"}]}]',
    ])
      assert.equal(masked(text), text);
  });
});
