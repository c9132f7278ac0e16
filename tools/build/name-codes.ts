/**
 * Names of messages, their members and the words that these may be are never written out in the image: of each there is a part of its
 * CRC-32. What the CSMS sends is compared by the same part, so a name that OCPP does not know would be taken for another only when
 * 21 bits of its check agree with one of the few that may stand there.
 */
import { crc32 } from "node:zlib";

/** What a handler asks for: 15 bits, a number of three bytes in the image. */
export function memberCode(name: string): number {
  return crc32(name) & 0x7fff;
}

/** What stands in a table: 21 bits in three bytes from 128, which nothing else there holds. */
export function nameCode(name: string): string {
  const crc = crc32(name);
  return String.fromCharCode(...[crc, crc >>> 7, crc >>> 14].map((bits) => 128 | (bits & 127)));
}

/** The codes of names that stand side by side; two that are the same throw. A name that is too long to be looked at counts as "". */
function codesOf(names: readonly string[]): string[] {
  const codes = names.map(nameCode);
  if (new Set([...codes, nameCode("")]).size < names.length + 1)
    throw new Error(`Two of ${names.join(", ")} have the same code.`);
  return codes;
}

/**
 * The schema text (schemas.ts) with codes: a field is the code of its name, index, type and `;`; the values of an enum are their codes,
 * end to end; a message is named by its code, other types as before.
 */
export function codeSchemas(text: string, messages: readonly string[]): string {
  const codes = new Map(codesOf(messages).map((code, index) => [messages[index], code]));
  const lines = text.split("\n").map((line) => {
    const [, list, values] = /^(=\w+,)(.*),$/.exec(line) ?? [];
    if (values !== undefined) return list + codesOf(values.split(",")).join("");
    const [head, ...fields] = line.split(";");
    const end = fields.pop() ?? "";
    const [name, required] = head.split("{");
    if (required === undefined) return line;
    const parts = fields.map((field) => field.split(":"));
    const named = codesOf(parts.map(([field]) => field));
    return `${codes.get(name) ?? name}{${required}${parts.map(([, type], index) => `${named[index]}${type};`).join("")}${end}`;
  });
  return lines.join("\n");
}

/** A list of names as their codes, end to end. */
export function codeList(names: readonly string[]): string {
  return codesOf(names).join("");
}
