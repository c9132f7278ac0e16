/** Reference reader of the tokens that the station knows (`src/store/tokens.ts`): local authorization list and authorization cache. */
import { readPair, type Pair } from "./keyed.ts";
import { TOKEN_PAGES } from "./pages.ts";

/** Of a record's value, before its group: EVSEs, expiry, last use. */
const VALUE_BYTES = 9;

export interface KnownToken {
  /** Type letter and text, in small letters but for the type. */
  token: string;
  /** A bit for each EVSE where it may charge; 0: it is not accepted. */
  evses: number;
  /** Station time; 0: none. */
  until: number;
  used: number;
  /** Type letter and text; "": none. */
  group: string;
}

export interface Tokens extends Pair {
  /** 0: no list was ever sent. */
  version: number;
  list: KnownToken[];
  /** Oldest use first. */
  cache: KnownToken[];
}

/** The tokens in force. */
export function readTokens(raw: Uint8Array): Tokens {
  const { found, ...pair } = readPair(raw, TOKEN_PAGES, "token", keyOf);
  const tokens: Tokens = { ...pair, version: 0, list: [], cache: [] };
  for (const { text } of found) {
    if (text[0] === "V") tokens.version = Number(text.slice(1));
    else (text[0] === "L" ? tokens.list : tokens.cache).push(knownToken(text));
  }
  return tokens;
}

/** `V`, or `L` or `C` with the length of the token and the token. */
function keyOf(text: string): string | undefined {
  if (/^V\d+$/.test(text)) return "V";
  const end = 2 + text.charCodeAt(1);
  return /^[LC]/.test(text) && end > 3 && text.length >= end + VALUE_BYTES ? text.slice(0, end) : undefined;
}

function knownToken(text: string): KnownToken {
  const end = 2 + text.charCodeAt(1);
  const value = Buffer.from(text.slice(end), "latin1");
  return {
    token: text[2].toUpperCase() + text.slice(3, end),
    evses: value[0],
    until: value.readUInt32LE(1),
    used: value.readUInt32LE(5),
    group: value.toString("latin1", VALUE_BYTES),
  };
}
