/**
 * Reads sampled meter values of both protocol versions into numbers of the base units.
 * OCPP 2.0.1 Part 2, J. Meter Values; OCPP 1.6, 7.42–7.46. In 1.6 the value is text and its unit a field beside it.
 */
import { asObject } from "./schema.ts";

export interface Sampled {
  /** Energy.Active.Import.Register in Wh, the last one of the list. */
  registerWh: number | null;
  /** The first one of the list. */
  firstRegisterWh: number | null;
  /** Power.Active.Import in W. */
  powerW: number | null;
  /** Current.Import in A by phase; one entry without phase when the value is a total. */
  currentA: number[];
  /** State of charge in percent. */
  soc: number | null;
  /** Contexts in order of appearance. */
  contexts: string[];
}

const KILO = /^k/;

/** `meterValue` is the list as it stands in the message; anything unreadable in it is passed over. */
export function readMeterValues(meterValue: unknown): Sampled {
  const result: Sampled = {
    registerWh: null,
    firstRegisterWh: null,
    powerW: null,
    currentA: [],
    soc: null,
    contexts: [],
  };
  if (!Array.isArray(meterValue)) return result;
  for (const entry of meterValue) {
    const samples = asObject(entry)?.sampledValue;
    if (!Array.isArray(samples)) continue;
    const currents: number[] = [];
    for (const sample of samples) readSample(result, currents, asObject(sample) ?? {});
    if (currents.length) result.currentA = currents;
  }
  return result;
}

function readSample(result: Sampled, currents: number[], sample: Record<string, unknown>): void {
  const unit = asObject(sample.unitOfMeasure);
  const name = String(unit?.unit ?? sample.unit ?? "");
  const factor = (KILO.test(name) ? 1000 : 1) * 10 ** Number(unit?.multiplier ?? 0);
  const value = Number(sample.value) * factor;
  if (!Number.isFinite(value)) return;
  const context = String(sample.context ?? "Sample.Periodic");
  if (!result.contexts.includes(context)) result.contexts.push(context);
  switch (sample.measurand ?? "Energy.Active.Import.Register") {
    case "Energy.Active.Import.Register":
      if (sample.phase !== undefined) return;
      result.firstRegisterWh ??= value;
      result.registerWh = value;
      return;
    case "Power.Active.Import":
      if (sample.phase === undefined) result.powerW = value;
      return;
    case "Current.Import":
      currents.push(value);
      return;
    case "SoC":
      result.soc = value;
  }
}
