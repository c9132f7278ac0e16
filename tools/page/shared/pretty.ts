/** JSON for people to read: indented, with colours. Every piece is a text node. */
import { element } from "./elements.ts";

/** Characters of a payload that are shown, and of those that get colours. */
const LONGEST = 200_000;
const COLOURED = 30_000;
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

/** The text indented, if it is JSON, else as it is. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A block that shows the text. */
export function payload(text: string): HTMLPreElement {
  const block = element("pre", { class: "payload" });
  const all = indented(text);
  const coloured = all.slice(0, COLOURED);
  let at = 0;
  for (const match of coloured.matchAll(TOKEN)) {
    const [token, string, colon] = match;
    block.append(coloured.slice(at, match.index));
    const kind = string === undefined ? "json-number" : colon === undefined ? "json-text" : "json-key";
    block.append(element("span", { class: kind }, string ?? token));
    if (colon !== undefined) block.append(colon);
    at = match.index + token.length;
  }
  block.append(coloured.slice(at), all.slice(COLOURED, LONGEST));
  if (all.length > LONGEST) block.append(`\n… ${all.length - LONGEST} more characters`);
  return block;
}
