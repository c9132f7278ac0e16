/** Scenarios of OCPP 1.6: configuration keys read and changed by the CSMS. */
import assert from "node:assert/strict";
import type { Bench } from "./harness.ts";
import { call } from "./steps.ts";

interface KeyValue {
  key: string;
  readonly: boolean;
  value?: string;
}

/** GetConfiguration: what is known, as `key` `=` or `:` (read-only) value; what is unknown. */
export async function configuration(bench: Bench, ...key: string[]): Promise<{ known: string[]; unknown: string[] | undefined }> {
  const answer = await call(bench, "GetConfiguration", key.length > 0 ? { key } : {});
  return {
    known: (answer.configurationKey as KeyValue[]).map(
      ({ key: name, readonly, value }) => `${name}${readonly ? ":" : "="}${value ?? "(none)"}`,
    ),
    unknown: answer.unknownKey as string[] | undefined,
  };
}

/** The value of a key. */
export async function valueOf(bench: Bench, key: string): Promise<string> {
  const { known } = await configuration(bench, key);
  assert.equal(known.length, 1, `${key} is known`);
  return known[0].slice(key.length + 1);
}

/** ChangeConfiguration: the status. */
export async function change(bench: Bench, key: string, value: string): Promise<string> {
  return String((await call(bench, "ChangeConfiguration", { key, value })).status);
}
