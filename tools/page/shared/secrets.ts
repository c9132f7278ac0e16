/**
 * What of a frame may be kept or shown: passwords and keys (A-08, SE-03) never, in a file that is passed on no card number either. Runs in
 * Node and in the pages. `GET /frames` and `/events` of the simulator give each frame as it was; dumps, words and pages give it masked.
 */

const MASK = "***";
/** Variables and configuration keys whose values are secret. */
const SECRET = /^(BasicAuthPassword|AuthorizationKey|WifiPassword)$/i;
/** Members that are secret wherever they stand: APN and VPN of SetNetworkProfile. */
const SECRET_MEMBERS = new Set(["apnPassword", "password", "key"]);
/** Where the value of a secret stands. */
const VALUES = new Set(["value", "attributeValue", "variableAttribute"]);
const CARD_MEMBERS = new Set(["idToken", "idTag", "parentIdTag", "customerIdentifier"]);
const CREDENTIALS = /(:\/\/)[^/?#\s"]*@/;
/** Cheap look before a frame is read: it may hold a secret. */
const SUSPECT = /password|authorizationkey|"key"|:\/\/[^/"]*@/i;
const CARDS = /"(idToken|idTag|parentIdTag|customerIdentifier|data)"/;

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** `text` of a frame without its secrets; with `cards` also without card numbers, of which the last two characters stay. */
export function masked(text: string, cards = false): string {
  if (!SUSPECT.test(text) && !(cards && CARDS.test(text))) return text;
  try {
    const frame = JSON.parse(text) as Json;
    const clean = JSON.stringify(maskedValue(frame, "", cards));
    return clean === JSON.stringify(frame) ? text : clean;
  } catch {
    // No JSON, or nested too deeply: nobody knows what is what in it.
    return text.replace(/"(?:[^"\\]|\\.)*"?/g, `"${MASK}"`);
  }
}

function maskedValue(value: Json, name: string, cards: boolean): Json {
  if (typeof value === "string") {
    if (cards && CARD_MEMBERS.has(name)) return MASK + value.slice(-2);
    return value.replace(CREDENTIALS, `$1${MASK}@`);
  }
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, name, cards));
  if (value === null || typeof value !== "object") return value;
  const isSecret = namesSecret(value);
  // 1.6 has a `key` that is a name; that of a VPN has a server beside it.
  const isVpn = "server" in value || "apn" in value;
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => {
      const hides =
        (isSecret && VALUES.has(member)) ||
        (isVpn && SECRET_MEMBERS.has(member)) ||
        (cards && member === "data" && "generatedAt" in value);
      return [member, hides && inner !== null ? MASK : maskedValue(inner, member, cards)];
    }),
  );
}

/** Is this object the value of a secret: an item of SetVariables, a ChangeConfiguration, a line of a report? */
function namesSecret(value: { [name: string]: Json }): boolean {
  const variable = value.variable;
  const name = variable !== null && typeof variable === "object" && !Array.isArray(variable) ? variable.name : value.key;
  return typeof name === "string" && SECRET.test(name);
}
