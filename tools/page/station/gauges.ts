/** Memory of the engine, wear of the flash, and the queue of transaction events. */
import { byId, element, say } from "../shared/elements.ts";
import type { StationModel } from "./model.ts";

/** Erase cycles that a page of the chip's flash takes, and pages of the raw area. */
const CYCLES = 100_000;
const PAGES = 16;
/** Bytes of the pages that hold the queue. */
const QUEUE_BYTES = 32_768;

interface Gauge {
  root: HTMLElement;
  value: HTMLElement;
  note: HTMLElement;
  meter: HTMLElement;
}

function gauge(title: string): Gauge {
  const value = element("strong");
  const note = element("span", { class: "quiet" });
  const meter = element(
    "div",
    { class: "meter" },
    element("div", { class: "meter-peak" }),
    element("div", { class: "meter-used" }),
  );
  const root = element("div", { class: "gauge" }, element("h3", {}, title), value, meter, note);
  return { root, value, note, meter };
}

export class Gauges {
  private readonly memory = gauge("Memory");
  private readonly flash = gauge("Flash");
  private readonly queue = gauge("Queue");

  constructor(private readonly model: StationModel) {
    byId("gauges-list").append(this.memory.root, this.flash.root, this.queue.root);
  }

  render(): void {
    const { state, view } = this.model;
    if (!state) return;
    const { memory, flash, queue } = state;
    if (memory) {
      const share = (part: number): number => part / memory.total;
      show(
        this.memory,
        `${memory.used} of ${memory.total} variables`,
        `at most ${memory.peak} so far`,
        share(memory.used),
        share(memory.peak),
      );
    } else
      show(this.memory, view?.engine === "node" ? "Not measured on Node" : "Not known", "--engine espruino measures it", null, 0);
    const life = flash.erases / (CYCLES * PAGES);
    show(
      this.flash,
      `${flash.ops} operations, ${flash.erases} erases`,
      `since the start; ${(life * 100).toFixed(4)} % of the flash’s life`,
      null,
      0,
    );
    const waiting = queue.events === 1 ? "1 event waits" : `${queue.events} events wait`;
    show(
      this.queue,
      queue.events === 0 ? "Empty" : waiting,
      `${queue.bytes} of ${QUEUE_BYTES} bytes`,
      queue.bytes / QUEUE_BYTES,
      0,
    );
  }
}

function show({ value, note, meter }: Gauge, text: string, more: string, used: number | null, peak: number): void {
  say(value, text);
  say(note, more);
  meter.hidden = used === null;
  const [peakBar, usedBar] = meter.children;
  (usedBar as HTMLElement).style.width = `${Math.min(100, (used ?? 0) * 100)}%`;
  (peakBar as HTMLElement).style.width = `${Math.min(100, peak * 100)}%`;
}
