/** A quantity over time as an array of times and one of values, and its way across a plot. */

export interface Trace {
  /** Name of a colour of the style sheet, e.g. `--series-1`. */
  colour: string;
  t: readonly number[];
  v: readonly number[];
  /** The value stays until the next point, or goes to it evenly. */
  kind: "step" | "line";
  dashed?: boolean;
  filled?: boolean;
}

type Scale = (value: number) => number;

/** The line of a trace (with at least one point) from `from` to `to`: at most a few points a pixel. */
export function tracePath(trace: Trace, from: number, to: number, x: Scale, y: Scale): Path2D {
  const { t, v } = trace;
  const path = new Path2D();
  const first = Math.max(0, after(t, from) - 1);
  const start = x(Math.max(t[first], from));
  path.moveTo(start, y(valueAt(trace, Math.max(t[first], from))));
  let lastX = start;
  let last = v[first];
  let low = Infinity;
  let high = -Infinity;
  // Of the points within a pixel the extremes and the last one count.
  const pixelDone = (): void => {
    if (low > high) return;
    for (const value of [low, high, last]) path.lineTo(lastX, y(value));
    low = Infinity;
    high = -Infinity;
  };
  for (let i = first + 1; i < t.length && t[i] <= to; i++) {
    const at = x(t[i]);
    if (at - lastX < 1) {
      low = Math.min(low, v[i]);
      high = Math.max(high, v[i]);
    } else {
      pixelDone();
      if (trace.kind === "step") path.lineTo(at, y(last));
      path.lineTo(at, y(v[i]));
      lastX = at;
    }
    last = v[i];
  }
  pixelDone();
  const end = x(to);
  path.lineTo(end, y(valueAt(trace, to)));
  return path;
}

/** The largest value between two times. */
export function largest({ t, v }: Trace, from: number, to: number): number {
  let most = 0;
  for (let i = Math.max(0, after(t, from) - 1); i < t.length && t[i] <= to; i++) if (v[i] > most) most = v[i];
  return most;
}

/** Index of the first time above `time`. */
function after(t: readonly number[], time: number): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value of a trace at a time; 0 before its first point. */
export function valueAt({ t, v, kind }: Pick<Trace, "t" | "v" | "kind">, time: number): number {
  const next = after(t, time);
  if (next === 0) return 0;
  if (kind === "step" || next === t.length) return v[next - 1];
  return v[next - 1] + ((v[next] - v[next - 1]) * (time - t[next - 1])) / (t[next] - t[next - 1]);
}

/** The next 1, 2, 4, 5, 8 or 10 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 5, 8, 10].find((one) => one * power >= value * 0.999) ?? 10);
}
