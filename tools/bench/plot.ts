/** RAM over a charging session as an SVG picture that reads on light and on dark ground. */
import type { SessionRam } from "./session-ram.ts";

export interface Line {
  bytes: number;
  text: string;
}

const WIDTH = 860;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 20;
const TOP = 44;
const BOTTOM = 52;
const STEP_BYTES = 4000;
const STEP_SECONDS = 30;

const STYLE = `
svg { font: 13px system-ui, sans-serif; color-scheme: light dark; }
.ground { fill: #ffffff; } text { fill: #24292f; } .faint { fill: #57606a; font-size: 12px; }
.grid { stroke: #d8dee4; } .mark { stroke: #8c959f; stroke-dasharray: 2 3; }
.area { fill: #0969da; fill-opacity: .18; } .curve { fill: none; stroke: #0969da; stroke-width: 1.6; }
.peer { stroke: #bc4c00; stroke-dasharray: 7 4; stroke-width: 1.4; } .peers { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; }
.grid { stroke: #2a313c; } .mark { stroke: #6e7681; }
.area { fill: #4493f8; } .curve { stroke: #4493f8; }
.peer { stroke: #f0883e; } .peers { fill: #f0883e; }
}`;

/** `empty`: variables of the empty engine, which are taken off; `peers`: figures of others to be drawn in. */
export function plot({ seconds, moments }: SessionRam, empty: number, bytesEach: number, peers: readonly Line[]): string {
  const bytes = seconds.map((used) => (used - empty) * bytesEach);
  const highest = Math.max(...bytes, ...peers.map((peer) => peer.bytes));
  const top = Math.ceil((highest * 1.04) / STEP_BYTES) * STEP_BYTES;
  const x = (second: number): number => round(LEFT + ((WIDTH - LEFT - RIGHT) * second) / seconds.length);
  const y = (value: number): number => round(HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top);
  const out: string[] = [];
  for (let value = 0; value <= top; value += STEP_BYTES) {
    out.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>`);
    out.push(`<text class="faint" x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${value / 1000} kB</text>`);
  }
  for (let second = 0; second <= seconds.length; second += STEP_SECONDS)
    out.push(`<text class="faint" x="${x(second)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${second} s</text>`);
  const curve = bytes.map((value, second) => `${x(second)},${y(value)} ${x(second + 1)},${y(value)}`).join(" ");
  out.push(`<polygon class="area" points="${x(0)},${y(0)} ${curve} ${x(seconds.length)},${y(0)}"/>`);
  out.push(`<polyline class="curve" points="${curve}"/>`);
  for (const peer of peers) {
    out.push(`<line class="peer" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(peer.bytes)}" y2="${y(peer.bytes)}"/>`);
    out.push(`<text class="peers" x="${WIDTH - RIGHT}" y="${y(peer.bytes) - 6}" text-anchor="end">${escaped(peer.text)}</text>`);
  }
  moments.forEach(({ second, text }, index) => {
    const crowded = moments.some((other, before) => before < index && Math.abs(other.second - second) < STEP_SECONDS);
    const rows = crowded ? rowOf(moments, index) : 0;
    const at = y(0) - 10 - 16 * rows;
    out.push(`<line class="mark" x1="${x(second)}" x2="${x(second)}" y1="${y(0)}" y2="${at - 10}"/>`);
    out.push(`<text class="faint" x="${x(second) + 4}" y="${at}">${escaped(text)}</text>`);
  });
  const title = "RAM of the firmware in use over one charging session";
  const note =
    "most in use in each second, sampled by the firmware; two EVSEs, ws, a sample a minute, the simulator's link included";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>
<text x="${LEFT}" y="24" font-weight="600">${title}</text>
${out.join("\n")}
<text class="faint" x="${LEFT}" y="${HEIGHT - 10}">${note}</text>
</svg>
`;
}

/** Labels of moments that lie close together stand above each other. */
function rowOf(moments: SessionRam["moments"], index: number): number {
  let row = 0;
  for (let at = index; at > 0 && moments[at].second - moments[at - 1].second < STEP_SECONDS; at--) row++;
  return row;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
