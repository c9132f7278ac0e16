/** One EVSE: its drawing, what to do next, and the hands of the person and the car at it. */
import { button, element, say } from "../shared/elements.ts";
import { act, actButton } from "./action.ts";
import type { CardLog } from "./card-log.ts";
import { CARDS } from "./cards.ts";
import { ChargerDrawing } from "./charger.ts";
import { adviceFor, type Step } from "./guide.ts";
import type { EvseState, StationModel } from "./model.ts";

const CHIPS: Record<string, string | undefined> = { Available: "good", Occupied: "warn", Reserved: "warn", Faulted: "bad" };

export class EvsePanel {
  readonly root: HTMLElement;
  private readonly drawing: ChargerDrawing;
  private readonly status = element("span", { class: "chip" });
  private readonly advice = element("p", { class: "advice", role: "status" });
  private readonly next: HTMLButtonElement;
  private step: Step | null = null;
  private readonly amps: HTMLInputElement;
  private readonly fault: HTMLSelectElement;
  private readonly faultWord = element("span", { class: "quiet" });
  private readonly plug: HTMLButtonElement;
  private readonly unplug: HTMLButtonElement;
  private readonly tear: HTMLButtonElement;
  private readonly unplugCar: HTMLButtonElement;
  private readonly draw: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly repair: HTMLButtonElement;
  private readonly stick: HTMLButtonElement;
  private evse: EvseState | null = null;
  private stuck = false;

  constructor(
    readonly id: number,
    private readonly model: StationModel,
    private readonly cards: CardLog,
  ) {
    const path = (call: string): string => `/evse/${id}/${call}`;
    this.drawing = new ChargerDrawing(id);
    this.next = button("", () => void this.doNext(), { class: "primary big" });
    this.amps = element("input", {
      type: "number",
      min: 0,
      max: 80,
      step: 1,
      value: 16,
      "aria-label": `Amperes that the car at EVSE ${id} takes`,
    });
    this.amps.addEventListener("change", () => {
      if (this.evse?.pilot === "C") void act(path("ev"), { draw: true, amps: this.ampsWanted });
    });
    this.fault = element("select", { "aria-label": `Fault of EVSE ${id}` });
    this.plug = actButton("Plug in", () => [path("plug")], "The cable goes into socket and car");
    this.unplug = actButton("Unplug", () => [path("unplug")], "The cable leaves car and socket");
    this.tear = actButton("Tear out", () => [path("unplug"), { force: true }], "Out of the closed lock, by force");
    this.unplugCar = actButton("Unplug at the car", () => [path("unplug-ev")], "The cable stays in the socket");
    this.draw = actButton(
      "Car charges",
      () => [path("ev"), { draw: true, amps: this.ampsWanted }],
      "The car asks for energy (pilot C)",
    );
    this.pause = actButton("Car pauses", () => [path("ev"), { draw: false }], "The car asks for nothing (pilot B)");
    const breaks = actButton("Break", () => [path("fault"), { code: this.fault.value }], "The hardware reports this fault");
    this.repair = actButton("Repair", () => [path("fault"), { code: null }]);
    this.stick = actButton("Lock sticks", () => [path("lock"), { fail: !this.stuck }], "The lock’s motor does not move");
    const title = `evse-${id}-title`;
    this.root = element(
      "article",
      { class: "panel evse", "aria-labelledby": title },
      element("div", { class: "panel-head" }, element("h2", { id: title }, `Charging point ${id}`), this.status),
      this.drawing.root,
      element("div", { class: "next-step" }, this.advice, this.next),
      group("Cable", this.plug, this.unplug, this.tear, this.unplugCar),
      group("Car", this.draw, this.pause, element("label", { class: "field" }, this.amps, "A")),
      element(
        "details",
        {},
        element("summary", {}, "Faults"),
        element("div", { class: "row" }, this.fault, breaks, this.repair, this.stick, this.faultWord),
      ),
    );
  }

  render(evse: EvseState): void {
    const { model } = this;
    this.evse = evse;
    this.drawing.render(evse, model);
    const own = model.view?.evses.find(({ id }) => id === this.id);
    this.listFaults(model.view?.faultCodes ?? []);
    const powered = model.state?.powered ?? false;
    say(this.status, powered ? `EVSE ${this.id}: ${evse.status ?? "…"}` : "off");
    this.status.className = `chip ${powered ? (CHIPS[evse.status ?? ""] ?? "") : ""}`;
    const { text, step, label } = adviceFor(evse, model);
    this.step = step;
    say(this.advice, text);
    say(this.next, label);
    this.next.hidden = step === null;
    this.stuck = own?.lockFails ?? false;
    this.stick.setAttribute("aria-pressed", String(this.stuck));
    say(this.faultWord, own?.fault ? `now: ${own.fault}` : "");
    this.repair.disabled = !own?.fault;
    const inCar = evse.plugged && evse.pilot !== "A";
    this.plug.disabled = inCar;
    this.unplug.disabled = !evse.plugged;
    say(this.unplug, evse.locked ? "Unplug (locked)" : "Unplug");
    this.tear.disabled = !evse.locked;
    this.unplugCar.disabled = !inCar;
    this.draw.disabled = evse.pilot === "C";
    this.pause.disabled = evse.pilot !== "C";
    this.stick.disabled = model.view?.fixedCable ?? false;
    if (document.activeElement !== this.amps && evse.pilot === "C" && own) this.amps.value = String(own.wantedAmps);
  }

  private get ampsWanted(): number {
    return Math.min(80, Math.max(0, Number(this.amps.value) || 0));
  }

  private listFaults(codes: readonly string[]): void {
    if (this.fault.options.length === codes.length) return;
    this.fault.replaceChildren(...codes.map((code) => element("option", { value: code }, code)));
    this.fault.value = "GroundFailure";
  }

  /** The step that the button promises. */
  private async doNext(): Promise<void> {
    const { step, next, id } = this;
    if (step === null || next.getAttribute("aria-busy") === "true") return;
    next.setAttribute("aria-busy", "true");
    if (step === "power") await act("/power", { on: true });
    else if (step === "network") await this.mendNetwork();
    else if (step === "repair") await act(`/evse/${id}/fault`, { code: null });
    else if (step === "draw") await act(`/evse/${id}/ev`, { draw: true, amps: this.ampsWanted });
    else if (step === "card") await act("/tap", this.card());
    else await act(`/evse/${id}/${step}`);
    next.removeAttribute("aria-busy");
  }

  private async mendNetwork(): Promise<void> {
    const { network } = this.model.view ?? {};
    if (network?.stalled) await act("/network", { stall: false });
    if (!network?.up) await act("/network", { up: true });
  }

  /** The card of the running transaction, else the one that lies at this EVSE. */
  private card(): object {
    const running = this.evse?.transactionId;
    const begun = running ? this.cards.cardOf(running) : null;
    const known = CARDS.find(({ idToken }) => idToken === begun);
    const accepted = CARDS.filter((one) => one.accepted);
    const own = accepted[(this.id - 1) % accepted.length];
    const { idToken, type } = known ?? own;
    return { idToken: begun ?? idToken, type, evse: this.id };
  }
}

function group(label: string, ...parts: HTMLElement[]): HTMLElement {
  return element(
    "div",
    { class: "group", role: "group", "aria-label": label },
    element("h3", {}, label),
    element("div", { class: "row" }, ...parts),
  );
}
