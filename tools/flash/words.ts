/** What stands in the flash, in words. */
import { crc32 } from "node:zlib";
import { CAUSES, CHARGING_STATES, REASONS, TOKEN_TYPES } from "../../src/ocpp201/words.ts";
import { KINDS, PURPOSES } from "../../src/station/charging.ts";
import { EPOCH, isEvent, type Entry, type Journal } from "./journal.ts";
import type { Pair } from "./keyed.ts";
import type { Damage } from "./pages.ts";
import type { ChargingProfile, Profiles } from "./profiles.ts";
import { DATED, type Values } from "./records.ts";
import { SECURITY_EVENTS, type SecurityLog } from "./security-log.ts";
import { settingName, type Setting, type Settings } from "./settings.ts";
import type { KnownToken, Tokens } from "./tokens.ts";

const causes = CAUSES.split(",");
const chargingStates = CHARGING_STATES.split(",");
const reasons = REASONS.split(",");
const tokenTypes = TOKEN_TYPES.split(",");
const purposes = PURPOSES.split(",");
const kinds = KINDS.split(",");
/** A token may charge at every EVSE. */
const EVERY_EVSE = 255;

/** Text from flash: what is not printable ASCII as `\xNN`. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, (character) => "\\x" + character.charCodeAt(0).toString(16).padStart(2, "0"));
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function named(names: readonly string[], number: number, kind: string): string {
  return names[number] ?? `${kind} ${number}`;
}

export function tokenWords(token: string): string {
  const type = tokenTypes.find((name) => name[0] === token[0])?.slice(1);
  return type ? `${printable(token.slice(1))} (${type})` : printable(token);
}

/** RFC 3339 of a Unix time that may be any number. */
function dateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds} of 1970` : date.toISOString().replace(".000Z", "Z");
}

function stationTimeWords(time: number): string {
  return time < DATED ? `uptime ${time} s` : dateTime(time + EPOCH);
}

function timeWords({ record, time }: Entry): string {
  if (!("time" in record)) return "";
  if (time === undefined) return `uptime ${record.time} s, not dated`;
  return dateTime(time) + (record.time < DATED ? " (dated afterwards)" : "");
}

function valueWords({ wattHours, watts, centiamps }: Values): string {
  return `${wattHours} Wh, ${watts} W, ${(centiamps / 100).toFixed(2)} A`;
}

/** What an event or sample tells, and no more. */
function factWords({ record }: Entry): string {
  if (record.kind === "sample") return `MeterValuePeriodic, ${valueWords(record)}`;
  if (record.kind !== "event") return "";
  const parts = [named(causes, record.cause, "cause"), named(chargingStates, record.charging, "state")];
  if (record.start !== undefined) parts.unshift("begins");
  if (record.end) parts.unshift(`ends (${named(reasons, record.reason, "reason")})`);
  if (record.token !== undefined) parts.push(`token ${tokenWords(record.token)}`);
  if (record.remoteStartId !== undefined) parts.push(`remoteStartId ${record.remoteStartId}`);
  if (record.reservationId !== undefined) parts.push(`reservationId ${record.reservationId}`);
  if (record.history) parts.push(counted(record.history.length / 11, "sample"));
  if (record.values) parts.push(valueWords(record.values));
  return parts.join(", ");
}

/** One line for an entry of the log. */
export function entryWords(entry: Entry): string {
  const { record, seqNo, page, block, bytes } = entry;
  const place = `page ${page}, ${block === undefined ? counted(bytes, "byte") : `block ${block}, ${bytes.toFixed(1)} bytes`}`;
  if (record.kind === "skip")
    return record.seqNos === 1
      ? `seqNo ${seqNo} was dropped; ${place}`
      : `seqNo ${seqNo} to ${seqNo! + record.seqNos - 1} were dropped; ${place}`;
  if (record.kind === "boot") return `a boot that found undated records; ${place}`;
  if (record.kind === "clock") return `the time became known: the boot was at ${stationTimeWords(record.time)}; ${place}`;
  if (record.kind === "move") return `the transaction moves to EVSE ${record.to + 1}; ${place}`;
  const state = entry.confirmed
    ? "confirmed"
    : isWaiting(entry)
      ? "not confirmed"
      : entry.queued
        ? "not sent, its begin is lost"
        : "not confirmed, but its page is done with";
  return `${timeWords(entry)}  seqNo ${seqNo}  ${factWords(entry)}; ${state}; ${place}`;
}

function damageWords(damage: readonly Damage[]): string[] {
  return damage.map(({ at, what }) => `  damage at 0x${at.toString(16).padStart(4, "0")} (page ${at >> 12}): ${what}`);
}

function pairWords({ page, sequence, used, records, damage }: Pair): string {
  const none = damage.length > 0 ? "no page is valid" : "none were ever kept";
  return page === undefined ? none : `page ${page}, number ${sequence}, ${counted(records, "record")}, ${used} bytes`;
}

export function settingsWords(settings: Settings): string[] {
  return ["Settings: " + pairWords(settings), ...settings.settings.map(settingWords), ...damageWords(settings.damage)];
}

function settingWords(setting: Setting): string {
  const { value, variable } = setting;
  // What nobody can read over OCPP is not for a listing either.
  const shown = variable?.mutability === "WO" ? `(${value.length} characters, write-only)` : printable(value);
  const usual = variable && variable.mutability !== "WO" ? `  (default ${printable(variable.default) || "empty"})` : "";
  return `  ${settingName(setting)} = ${shown}${usual}`;
}

/** Is it going to be sent? */
function isWaiting({ record, confirmed, queued, id }: Entry): boolean {
  return isEvent(record) && queued && !confirmed && id !== undefined;
}

const READ = {
  all: "",
  end: "; its first part is in a packed page",
  superseded: "; its content is in a packed page",
  nothing: "; done with",
};

export function journalWords({ pages, unfinished, entries, blocks, damage }: Journal): string[] {
  const events = entries.filter(({ record }) => isEvent(record));
  const queue = events.filter(isWaiting);
  const lines = [
    `Journal: ${counted(pages.length, "page")}, ${counted(events.length, "event")}, ${queue.length} of them not confirmed (the queue)`,
  ];
  for (const { number, sequence, packed, used, read } of pages)
    lines.push(`  page ${number}, number ${sequence}: ${packed ? "packed" : "raw"}, ${used} bytes${READ[read]}`);
  for (const number of unfinished) lines.push(`  page ${number}: begun, and not in use so far`);
  blocks.forEach((block, index) => {
    const each = (block.size / Math.max(1, block.events)).toFixed(2);
    lines.push(
      `  block ${index + 1}, page ${block.at >> 12}: ${counted(block.events, "event")}, ${block.bytes.length} bytes packed in ${block.size}, ` +
        `${each} an event`,
    );
  });
  for (const entry of entries)
    if (entry.record.kind === "clock" || entry.record.kind === "boot") lines.push("  " + entryWords(entry));
  lines.push(...damageWords(damage));
  for (const transaction of transactions(entries)) lines.push(...transactionWords(transaction));
  const next = queue[0];
  if (next)
    lines.push("", `Queue: ${counted(queue.length, "event")}; the next is seqNo ${next.seqNo} of ${transactionName(next)}`);
  else lines.push("", "Queue: empty");
  return lines;
}

/** Entries by transaction, in order of their first ones. */
function transactions(entries: readonly Entry[]): Entry[][] {
  const byName = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.record.kind === "clock" || entry.record.kind === "boot") continue;
    const name = `${entry.record.evse} ${entry.id ?? ""}`;
    const known = byName.get(name);
    if (known) known.push(entry);
    else byName.set(name, [entry]);
  }
  return [...byName.values()].filter((list) => list.some(({ record }) => record.kind !== "context"));
}

function transactionName({ id, record }: Entry): string {
  const evse = "evse" in record ? ` on EVSE ${record.evse + 1}` : "";
  return (id === undefined ? "a transaction whose begin is lost" : `transaction ${printable(id)}`) + evse;
}

function transactionWords(entries: readonly Entry[]): string[] {
  const token = entries.find((entry) => entry.token !== undefined)?.token;
  const name = transactionName(entries[0]);
  const head = name[0].toUpperCase() + name.slice(1) + (token === undefined ? "" : `, token ${tokenWords(token)}`);
  const told = entries.filter(({ record }) => record.kind !== "context");
  // Pages that were packed leave what they had before out of order.
  const lines = told.sort((a, b) => (a.seqNo ?? 0) - (b.seqNo ?? 0)).map((entry) => "  " + entryWords(entry));
  return ["", head, ...lines];
}

export function securityWords({ events, damage }: SecurityLog): string[] {
  return [
    `Security log: ${counted(events.length, "event")}`,
    ...events.map(({ type, time, text }) =>
      `  ${stationTimeWords(time)}  ${named(SECURITY_EVENTS, type, "type")}  ${printable(text)}`.trimEnd(),
    ),
    ...damageWords(damage),
  ];
}

export function tokensWords(tokens: Tokens): string[] {
  const { version, list, cache, damage } = tokens;
  return [
    "Tokens: " + pairWords(tokens),
    `  local authorization list: ${version ? `version ${version}, ` : ""}${counted(list.length, "token")}`,
    ...list.map(knownTokenWords),
    `  authorization cache: ${counted(cache.length, "token")}`,
    ...cache.map(knownTokenWords),
    ...damageWords(damage),
  ];
}

function knownTokenWords({ token, evses, until, used, group }: KnownToken): string {
  const places = Array.from({ length: 8 }, (_, i) => i + 1).filter((evse) => evses & (1 << (evse - 1)));
  const parts = [evses === 0 ? "not accepted" : evses === EVERY_EVSE ? "accepted" : `accepted at EVSE ${places.join(", ")}`];
  if (group) parts.push(`group ${tokenWords(group)}`);
  if (until) parts.push(`until ${stationTimeWords(until)}`);
  if (used) parts.push(`last used ${stationTimeWords(used)}`);
  return `    ${tokenWords(token)}: ${parts.join("; ")}`;
}

/** `journal` gives a TxProfile the name of its transaction. */
export function profilesWords(profiles: Profiles, { entries }: Journal): string[] {
  const names = new Map(entries.flatMap(({ id }) => (id === undefined ? [] : [[crc32(id), id] as const])));
  return [
    "Charging profiles: " + pairWords(profiles),
    ...profiles.profiles.flatMap((profile) => profileWords(profile, names)),
    ...damageWords(profiles.damage),
  ];
}

function profileWords(profile: ChargingProfile, names: ReadonlyMap<number, string>): string[] {
  const { id, purpose, kind, unit, evse, level, transaction, remoteStartId, periods } = profile;
  const purposeName = named(purposes, purpose, "purpose");
  const parts = [purposeName, kinds[kind], evse === 0 ? "the station" : `EVSE ${evse}`, `stackLevel ${level}`];
  if (remoteStartId !== undefined) parts.push(`waits for remote start ${remoteStartId}`);
  else if (purposeName === "TxProfile") {
    const name = names.get(transaction!);
    parts.push(name === undefined ? "a transaction that the journal does not have" : `transaction ${printable(name)}`);
  }
  if (profile.validFrom !== undefined) parts.push(`valid from ${dateTime(profile.validFrom)}`);
  if (profile.validTo !== undefined) parts.push(`valid to ${dateTime(profile.validTo)}`);
  const schedule = [`schedule ${profile.scheduleId}`];
  if (profile.start !== undefined) schedule.push(`begins ${dateTime(profile.start)}`);
  if (profile.duration !== undefined) schedule.push(`${profile.duration} s long`);
  if (profile.minRate !== undefined) schedule.push(`at least ${profile.minRate} ${unit}`);
  const limits = periods.map(({ start, limit, phases }) => {
    return `${start} s: ${limit} ${unit}${phases === undefined ? "" : `, ${counted(phases, "phase")}`}`;
  });
  return [`  profile ${id}: ${parts.join(", ")}`, `    ${schedule.join(", ")}: ${limits.join("; ")}`];
}
