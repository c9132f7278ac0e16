/**
 * @overlay
 * A fact as the bytes of a record: head and content, relative to the contexts of a side.
 */
import { Cause, Extra, fact, Has } from "./fact";
import { Context, Head, journal, Side } from "./journal";

/** `numbers` as zigzag varints, up to 2^52 each. */
export function varints(numbers: number[]): string {
  let text = "";
  for (let i = 0; i < numbers.length; i++) {
    let n = numbers[i];
    n = n < 0 ? -2 * n - 1 : 2 * n;
    while (n > 127) {
      text += String.fromCharCode((n & 127) | 128);
      n = Math.floor(n / 128);
    }
    text += String.fromCharCode(n);
  }
  return text;
}

/** The fact as a record (head, content) behind what `side` has seen. Nothing is taken over. */
export function encode(side: Side): string {
  const c = side < Side.Source ? journal.context : journal.packing!;
  const w = fact.evse * Context.Size + (side & Side.Place);
  const has = fact.has;
  const start = has & Has.Start;
  const interval = fact.time - (start ? 0 : c[w + Context.Time]);
  const step = fact.wattHours - (start ? 0 : c[w + Context.WattHours]);
  const values = [
    step - (start ? 0 : c[w + Context.Step]),
    fact.watts - (start ? 0 : c[w + Context.Watts]),
    fact.centiamps - (start ? 0 : c[w + Context.Centiamps]),
  ];
  if (fact.cause === Cause.MeterValuePeriodic && !fact.extra) {
    const steady = interval === c[w + Context.Interval];
    return steady
      ? String.fromCharCode(fact.evse) + varints(values)
      : String.fromCharCode(fact.evse | Head.Step) + varints([interval].concat(values));
  }
  let numbers = [interval];
  if (has & Has.Values) {
    numbers = numbers.concat(values);
  }
  if (has & Has.RemoteStart) {
    numbers.push(fact.remoteStartId);
  }
  if (fact.extra & Extra.Reservation) {
    numbers.push(fact.reservationId);
  }
  if (fact.extra & Extra.Supply) {
    numbers.push(fact.decivolts, fact.deciamps);
  }
  let text = String.fromCharCode(Head.Event, fact.evse | has, fact.cause | (fact.charging << 5), fact.reason | fact.extra);
  if (start) {
    text += String.fromCharCode(fact.id.length) + fact.id;
  }
  if (has & Has.Token) {
    text += String.fromCharCode(fact.token.length) + fact.token;
  }
  if (has & Has.End) {
    text += String.fromCharCode(fact.history.length) + fact.history;
  }
  return text + varints(numbers);
}

/** `side` has seen the fact. */
export function follow(side: Side): void {
  const c = side < Side.Source ? journal.context : journal.packing!;
  const w = fact.evse * Context.Size + (side & Side.Place);
  const has = fact.has;
  const start = has & Has.Start;
  const sample = fact.cause === Cause.MeterValuePeriodic;
  if (sample) {
    c[w + Context.Interval] = fact.time - c[w + Context.Time];
  } else if (start) {
    c[w + Context.Interval] = 0;
  }
  c[w + Context.Time] = fact.time;
  if (has & Has.Values) {
    c[w + Context.Step] = start ? 0 : fact.wattHours - c[w + Context.WattHours];
    c[w + Context.WattHours] = fact.wattHours;
    c[w + Context.Watts] = fact.watts;
    c[w + Context.Centiamps] = fact.centiamps;
  }
  c[w + Context.SeqNo] = fact.seqNo + 1;
  if (start || fact.extra & Extra.Evse) {
    c[w + Context.BeginTime] = fact.time;
    c[w + Context.BeginWattHours] = fact.wattHours;
  }
  if (start) {
    c[w + Context.Begin] = 1;
  } else if (has & Has.End) {
    c[w + Context.Begin] = 0;
  }
}

/** The contexts of side `to` become those of side `from`. */
export function copySide(from: Side, to: Side): void {
  const source = from < Side.Source ? journal.context : journal.packing!;
  const target = to < Side.Source ? journal.context : journal.packing!;
  for (let i = 0; i < source.length; i += Context.Size) {
    for (let k = 0; k < Context.Fields; k++) {
      target[i + (to & Side.Place) + k] = source[i + (from & Side.Place) + k];
    }
  }
}

/** A context record for the transaction of EVSE `evse` as `side` sees it; `identity` is its transactionId and token with their lengths. */
export function encodeContext(evse: number, side: Side, identity: string): string {
  const c = side < Side.Source ? journal.context : journal.packing!;
  const w = evse * Context.Size + (side & Side.Place);
  const token = identity.length > identity.charCodeAt(0) + 1 ? Has.Token : 0;
  return (
    String.fromCharCode(Head.Context, evse | Has.Start | token, 0, 0) +
    identity +
    varints([c[w], c[w + 1], c[w + 2], c[w + 3], c[w + 4], c[w + 5], c[w + 6], c[w + 8], c[w + 9]])
  );
}
