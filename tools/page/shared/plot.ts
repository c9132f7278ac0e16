/**
 * Values over time on a canvas: lanes for what lasts (transactions, outages), below them one track a quantity. Draws at most a few points a pixel,
 * so a day costs as much as a minute. A cursor (pointer or arrow keys) reads values; the caller says them in words.
 */
import { clockTime, element, say } from "./elements.ts";
import { largest, roundUp, tracePath, type Trace } from "./traces.ts";

export interface Track {
  title: string;
  traces: readonly Trace[];
  /** The scale reaches at least to here. */
  least: number;
  /** Digits behind the point at the scale. */
  digits: number;
}

export interface Span {
  from: number;
  to: number;
  colour: string;
  label: string;
  /** Shades the tracks as well. */
  shades: boolean;
}

export interface Lane {
  title: string;
  spans: readonly Span[];
}

const GUTTER = 64;
const LANE = 20;
const TRACK = 86;
const GAP = 14;
const AXIS = 22;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
/** Least pixels between two times of the axis. */
const LABEL = 72;

export class TimePlot {
  readonly root = element("div");
  private readonly canvas = element("canvas", { class: "plot", tabindex: 0, role: "img" });
  private readonly reading = element("p", { class: "plot-reading quiet" });
  private lanes: readonly Lane[] = [];
  private tracks: readonly Track[] = [];
  private from = 0;
  private to = 1;
  private cursor: number | null = null;
  private frame = 0;

  constructor(
    label: string,
    private readonly words: (t: number) => string,
  ) {
    this.canvas.setAttribute("aria-label", `${label}. Arrow keys read values.`);
    this.root.append(this.canvas, this.reading);
    new ResizeObserver(() => this.later()).observe(this.root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.later());
    this.canvas.addEventListener("pointermove", (event) => this.point(this.timeAt(event.offsetX)));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => this.point(null));
  }

  set(lanes: readonly Lane[], tracks: readonly Track[], from: number, to: number): void {
    this.lanes = lanes;
    this.tracks = tracks;
    this.from = from;
    this.to = Math.max(to, from + 1000);
    this.later();
  }

  private later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private point(t: number | null): void {
    this.cursor = t;
    this.later();
  }

  private key(event: KeyboardEvent): void {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = (this.cursor ?? this.to) + (step * (this.to - this.from)) / 100;
    this.point(Math.min(this.to, Math.max(this.from, next)));
  }

  private timeAt(x: number): number {
    const width = this.canvas.clientWidth - GUTTER;
    return this.from + (Math.min(width, Math.max(0, x - GUTTER)) / width) * (this.to - this.from);
  }

  private draw(): void {
    const { canvas, lanes, tracks, from, to } = this;
    const width = this.root.clientWidth;
    const top = lanes.length * LANE;
    const height = top + tracks.length * (TRACK + GAP) + AXIS;
    if (width < GUTTER + 20) return;
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const style = getComputedStyle(canvas);
    const colour = (name: string): string => style.getPropertyValue(name);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `12px ${style.fontFamily}`;
    pen.textBaseline = "middle";
    const x = (t: number): number => GUTTER + ((t - from) / (to - from)) * (width - GUTTER);
    const inside = (t: number): number => Math.min(width, Math.max(GUTTER, x(t)));

    for (const span of lanes.flatMap((lane) => lane.spans)) {
      if (!span.shades || span.to < from || span.from > to) continue;
      pen.globalAlpha = 0.1;
      pen.fillStyle = colour(span.colour);
      pen.fillRect(inside(span.from), top, Math.max(1, inside(span.to) - inside(span.from)), height - top - AXIS);
      pen.globalAlpha = 1;
    }
    lanes.forEach((lane, i) => this.drawLane(pen, lane, i * LANE, inside, colour));
    this.drawAxis(pen, x, top, height, width, colour);
    tracks.forEach((track, i) => this.drawTrack(pen, track, top + GAP + i * (TRACK + GAP), x, width, colour));
    if (this.cursor !== null) {
      pen.strokeStyle = colour("--text");
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(Math.round(x(this.cursor)) + 0.5, 0);
      pen.lineTo(Math.round(x(this.cursor)) + 0.5, height - AXIS);
      pen.stroke();
    }
    const read = this.cursor ?? to;
    say(this.reading, `${this.cursor === null ? "Now" : `${clockTime(read)} UTC`}: ${this.words(read)}`);
  }

  private drawLane(
    pen: CanvasRenderingContext2D,
    lane: Lane,
    y: number,
    inside: (t: number) => number,
    colour: (name: string) => string,
  ): void {
    pen.fillStyle = colour("--quiet");
    pen.textAlign = "left";
    pen.fillText(lane.title, 0, y + LANE / 2, GUTTER - 6);
    for (const span of lane.spans) {
      if (span.to < this.from || span.from > this.to) continue;
      const left = inside(span.from);
      const size = Math.max(2, inside(span.to) - left);
      pen.fillStyle = colour(span.colour);
      pen.globalAlpha = 0.28;
      pen.fillRect(left, y + 2, size, LANE - 4);
      pen.globalAlpha = 1;
      if (size < 40) continue;
      pen.save();
      pen.beginPath();
      pen.rect(left, y, size - 4, LANE);
      pen.clip();
      pen.fillStyle = colour("--text");
      pen.fillText(span.label, left + 6, y + LANE / 2);
      pen.restore();
    }
  }

  private drawAxis(
    pen: CanvasRenderingContext2D,
    x: (t: number) => number,
    top: number,
    height: number,
    width: number,
    colour: (name: string) => string,
  ): void {
    const { from, to } = this;
    const seconds = (to - from) / 1000;
    const step = 1000 * (STEPS.find((one) => (one / seconds) * (width - GUTTER) >= LABEL) ?? 86_400);
    pen.textAlign = "center";
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
      pen.strokeStyle = colour("--line");
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(Math.round(x(t)) + 0.5, top);
      pen.lineTo(Math.round(x(t)) + 0.5, height - AXIS);
      pen.stroke();
      pen.fillStyle = colour("--quiet");
      const text = step < 60_000 ? clockTime(t) : clockTime(t).slice(0, 5);
      if (x(t) > GUTTER + 20 && x(t) < width - 24) pen.fillText(text, x(t), height - AXIS / 2);
    }
  }

  private drawTrack(
    pen: CanvasRenderingContext2D,
    track: Track,
    top: number,
    x: (t: number) => number,
    width: number,
    colour: (name: string) => string,
  ): void {
    const most = roundUp(Math.max(track.least, ...track.traces.map((trace) => largest(trace, this.from, this.to))));
    const y = (v: number): number => top + TRACK - (v / most) * TRACK;
    pen.fillStyle = colour("--quiet");
    pen.strokeStyle = colour("--line");
    pen.lineWidth = 1;
    for (const v of [0, most / 2, most]) {
      pen.textAlign = "right";
      pen.fillText(v.toFixed(track.digits), GUTTER - 8, y(v), GUTTER - 10);
      pen.beginPath();
      pen.moveTo(GUTTER, Math.round(y(v)) + 0.5);
      pen.lineTo(width, Math.round(y(v)) + 0.5);
      pen.stroke();
    }
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER, top - 3, width - GUTTER, TRACK + 6);
    pen.clip();
    for (const trace of track.traces) this.drawTrace(pen, trace, x, y, colour(trace.colour));
    pen.restore();
    pen.font = `600 12px ${getComputedStyle(this.canvas).fontFamily}`;
    pen.textAlign = "left";
    const size = pen.measureText(track.title).width;
    pen.fillStyle = colour("--panel");
    pen.globalAlpha = 0.8;
    pen.fillRect(GUTTER + 4, top + 2, size + 8, 16);
    pen.globalAlpha = 1;
    pen.fillStyle = colour("--text");
    pen.fillText(track.title, GUTTER + 8, top + 10);
    pen.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
  }

  private drawTrace(
    pen: CanvasRenderingContext2D,
    trace: Trace,
    x: (t: number) => number,
    y: (v: number) => number,
    colour: string,
  ): void {
    const { t } = trace;
    if (t.length === 0) return;
    const path = tracePath(trace, this.from, this.to, x, y);
    pen.strokeStyle = colour;
    pen.lineWidth = trace.dashed ? 1.5 : 2;
    pen.setLineDash(trace.dashed ? [6, 4] : []);
    pen.stroke(path);
    pen.setLineDash([]);
    if (!trace.filled) return;
    path.lineTo(x(this.to), y(0));
    path.lineTo(x(Math.max(t[0], this.from)), y(0));
    pen.globalAlpha = 0.15;
    pen.fillStyle = colour;
    pen.fill(path);
    pen.globalAlpha = 1;
  }
}
