/** The drawing of one EVSE: wall box with display, LED, contactor, reader and lock; cable; car. */
import { say, svg } from "../shared/elements.ts";
import { kilo } from "./guide.ts";
import { VOLTS, type EvseState, type StationModel } from "./model.ts";

/** Control pilot, IEC 61851-1, annex A. */
const PILOT: Record<string, string | undefined> = {
  A: "no car",
  B: "car connected",
  C: "wants energy",
  D: "wants energy and air",
  E: "pilot error",
  F: "station not ready",
};

const CABLE_IN_CAR = "M86 162 C 86 226, 206 230, 250 152";
const CABLE_LOOSE = "M86 162 C 86 218, 140 214, 178 207";
const CABLE_HUNG = "M86 162 C 86 226, 22 226, 22 150";

interface Look {
  word: string;
  className: string;
}

/** What LED and display say. */
function lookOf(evse: EvseState, state: StationModel["state"]): Look {
  if (!state?.powered) return { word: "", className: "off" };
  if (evse.status === "Faulted") return { word: "Fault", className: "fault" };
  if (evse.amps > 0) return { word: "Charging", className: "charging" };
  if (evse.status === "Unavailable") return { word: "Out of service", className: "closed" };
  if (evse.transactionId !== null) return { word: "Paused", className: "waiting" };
  if (evse.status === "Reserved") return { word: "Reserved", className: "reserved" };
  if (evse.plugged) return { word: evse.limitAmps > 0 ? "Ready" : "Card, please", className: "waiting" };
  return { word: "Welcome", className: "free" };
}

export class ChargerDrawing {
  readonly root: SVGSVGElement;
  private readonly led = svg("rect", { x: 28, y: 24, width: 116, height: 8, rx: 4 });
  private readonly words = [58, 80, 96, 110].map((y, i) =>
    svg("text", { x: 86, y, "text-anchor": "middle", class: i === 1 ? "figure" : i === 0 ? "state" : "small" }),
  );
  private readonly lever = svg("path", { class: "lever" });
  private readonly contactorWord = svg("text", { x: 86, y: 144, "text-anchor": "middle", class: "label" });
  private readonly shackle = svg("path", { class: "shackle" });
  private readonly lock = svg("g", { class: "lock", transform: "translate(120 150)" });
  private readonly lockWord = svg("text", { x: 127, y: 181, "text-anchor": "middle", class: "label" });
  private readonly cable = svg("path", { class: "cable" });
  private readonly flow = svg("path", { class: "flow", d: CABLE_IN_CAR });
  private readonly plug = svg("circle", { class: "plug", r: 7 });
  private readonly car = svg("g", { class: "car", transform: "translate(14 2)" });
  private readonly letter = svg("text", { x: 204, y: 74, "text-anchor": "middle", class: "letter" });
  private readonly pilotWord = svg("text", { x: 204, y: 103, "text-anchor": "middle", class: "label outside" });
  private readonly pilot: SVGGElement;

  constructor(id: number) {
    this.lock.append(
      this.shackle,
      svg("rect", { x: 0, y: 8, width: 13, height: 10, rx: 2, class: "lock-body" }),
      svg("circle", { cx: 6.5, cy: 13, r: 1.6, class: "keyhole" }),
    );
    this.car.append(
      svg("path", {
        class: "body",
        d: "M214 176 v-24 q0 -12 12 -15 l16 -4 q16 -26 40 -26 h24 q16 0 27 24 l6 5 q11 3 11 16 v20 q0 4 -4 4 h-128 q-4 0 -4 -4 z",
      }),
      svg("path", { class: "window", d: "M250 133 q12 -18 32 -18 h1 v18 z M289 133 v-18 h15 q12 0 20 18 z" }),
      svg("circle", { cx: 243, cy: 178, r: 15, class: "tyre" }),
      svg("circle", { cx: 243, cy: 178, r: 6, class: "hub" }),
      svg("circle", { cx: 320, cy: 178, r: 15, class: "tyre" }),
      svg("circle", { cx: 320, cy: 178, r: 6, class: "hub" }),
      svg("circle", { cx: 236, cy: 150, r: 6, class: "inlet" }),
    );
    this.pilot = svg(
      "g",
      { class: "pilot" },
      svg("circle", { cx: 204, cy: 67, r: 18 }),
      this.letter,
      this.pilotWord,
      svg("text", { x: 204, y: 40, "text-anchor": "middle", class: "label outside" }, "pilot"),
    );
    this.root = svg(
      "svg",
      { viewBox: "0 0 372 226", class: "charger", role: "img", "aria-label": `EVSE ${id}` },
      svg("line", { x1: 6, y1: 196, x2: 366, y2: 196, class: "street" }),
      svg("rect", { x: 80, y: 184, width: 12, height: 12, class: "post" }),
      svg("rect", { x: 14, y: 10, width: 144, height: 178, rx: 16, class: "box" }),
      this.led,
      svg("rect", { x: 24, y: 40, width: 124, height: 80, rx: 6, class: "display" }),
      ...this.words,
      svg("path", { d: "M36 131 h30 M106 131 h30", class: "wire" }),
      svg("circle", { cx: 66, cy: 131, r: 2.6, class: "contact" }),
      svg("circle", { cx: 106, cy: 131, r: 2.6, class: "contact" }),
      this.lever,
      this.contactorWord,
      svg("circle", { cx: 86, cy: 164, r: 13, class: "socket" }),
      svg("path", { d: "M34 158 q7 6 0 12 M39 154 q12 10 0 20 M44 150 q17 14 0 28", class: "reader" }),
      this.car,
      this.cable,
      this.flow,
      this.plug,
      this.lock,
      this.lockWord,
      this.pilot,
    );
  }

  render(evse: EvseState, model: StationModel): void {
    const { state, view } = model;
    const { word, className } = lookOf(evse, state);
    const fixed = view?.fixedCable ?? false;
    const inCar = evse.pilot !== "A" && evse.plugged;
    const isOn = state?.powered ?? false;
    const session = model.sessionWh(evse);
    const watts = evse.amps * VOLTS;
    const energy = session === null ? `meter ${kilo(evse.meterWh, 2)} kWh` : `${kilo(session, 3)} kWh`;
    this.led.setAttribute("class", `led ${className}`);
    const lines = [
      word,
      evse.amps > 0 ? `${kilo(watts, 2)} kW` : evse.limitAmps > 0 ? "0 kW" : "–",
      energy,
      evse.limitAmps > 0 ? `${evse.amps} A, limit ${evse.limitAmps} A` : "no energy offered",
    ];
    lines.forEach((line, i) => say(this.words[i], isOn ? line : ""));
    this.lever.setAttribute("d", evse.contactor ? "M66 131 L106 131" : "M66 131 L102 121");
    this.lever.classList.toggle("closed", evse.contactor);
    say(this.contactorWord, `contactor ${evse.contactor ? "closed" : "open"}`);
    this.shackle.setAttribute("d", evse.locked ? "M2.5 8 v-3 a4 4 0 0 1 8 0 v3" : "M2.5 8 v-5 a4 4 0 0 1 8 0 v1");
    this.lock.classList.toggle("closed", evse.locked);
    for (const part of [this.lock, this.lockWord]) part.toggleAttribute("hidden", fixed);
    const stuck = view?.evses.find(({ id }) => id === evse.id)?.lockFails ?? false;
    say(this.lockWord, fixed ? "" : `${evse.locked ? "locked" : "unlocked"}${stuck ? ", stuck" : ""}`);
    const visible = evse.plugged || fixed;
    this.cable.setAttribute("d", !visible ? "" : inCar ? CABLE_IN_CAR : fixed ? CABLE_HUNG : CABLE_LOOSE);
    this.flow.classList.toggle("moving", evse.amps > 0);
    const [x, y] = inCar ? [250, 152] : fixed ? [22, 150] : [180, 206];
    this.plug.setAttribute("cx", String(x));
    this.plug.setAttribute("cy", String(y));
    this.plug.toggleAttribute("hidden", !visible);
    this.car.classList.toggle("there", inCar);
    say(this.letter, evse.pilot);
    say(this.pilotWord, PILOT[evse.pilot] ?? "");
    this.pilot.setAttribute("class", `pilot pilot-${evse.pilot}`);
    this.root.setAttribute(
      "aria-label",
      `EVSE ${evse.id}: ${isOn ? word : "power off"}; ${lines[1]}, ${lines[3]}, ${energy}; cable ${evse.plugged ? "in" : "out"}, ` +
        `${evse.locked ? "locked" : "not locked"}, contactor ${evse.contactor ? "closed" : "open"}, pilot ${evse.pilot} (${PILOT[evse.pilot] ?? ""})`,
    );
  }
}
