/** What the EVSEs share: the card reader, the network, the power and the time. */
import { button, clockTime, element, say, toast } from "../shared/elements.ts";
import { act, actButton } from "./action.ts";
import type { CardLog } from "./card-log.ts";
import { cardName, CARDS, TOKEN_TYPES, type Card } from "./cards.ts";
import type { StationModel } from "./model.ts";

const JUMPS: [label: string, seconds: number][] = [
  ["+1 min", 60],
  ["+10 min", 600],
  ["+1 h", 3600],
  ["+1 day", 86_400],
];

export class StationPanel {
  private readonly verdict = element("p", { class: "quiet", role: "status" });
  private readonly reader = element("select", { "aria-label": "Reader" });
  private readonly network = element("span", { class: "chip" });
  private readonly power = element("span", { class: "chip" });
  private readonly time = element("span", { class: "chip" });
  private readonly plugNetwork: HTMLButtonElement;
  private readonly stall: HTMLButtonElement;
  private readonly switchPower: HTMLButtonElement;
  private readonly cutAfter = element("input", {
    type: "number",
    min: 1,
    max: 1_000_000,
    value: 3,
    "aria-label": "Flash operations until the power fails",
  });
  private readonly torn = element("input", { type: "checkbox" });

  constructor(
    root: HTMLElement,
    private readonly model: StationModel,
    private readonly cards: CardLog,
  ) {
    this.plugNetwork = actButton("", () => ["/network", { up: !this.model.view?.network.up }]);
    const drop = actButton("Reset", () => ["/network", { drop: true }], "Connections are reset; the station connects again");
    this.stall = actButton(
      "Freeze",
      () => ["/network", { stall: !this.model.view?.network.stalled }],
      "Half-open: connections stay, bytes vanish",
    );
    this.switchPower = actButton("", () => ["/power", { on: !this.model.state?.powered }]);
    const arm = actButton("Arm", () => [
      "/power",
      { cutAfterFlashOps: Math.max(1, Math.floor(Number(this.cutAfter.value))), torn: this.torn.checked },
    ]);
    root.append(
      panel("Cards", null, "cards-panel", this.cardRow(), this.ownCard(), this.verdict),
      panel("Network", this.network, "", element("div", { class: "row" }, this.plugNetwork, drop, this.stall)),
      panel(
        "Power",
        this.power,
        "",
        element("div", { class: "row" }, this.switchPower),
        element(
          "details",
          {},
          element("summary", {}, "Fail while writing flash"),
          element(
            "div",
            { class: "row" },
            element("label", { class: "field" }, "In operation", this.cutAfter),
            element("label", { class: "field", title: "Half of the bytes of that operation are written" }, this.torn, "torn"),
            arm,
          ),
        ),
      ),
      panel("Time", this.time, "", this.jumps()),
    );
  }

  render(): void {
    const { state, view, now } = this.model;
    if (!state || !view) return;
    this.listReaders(view.evses.length);
    const { up, stalled } = view.network;
    chip(
      this.network,
      !up ? "cut" : stalled ? "frozen" : state.online ? "connected" : "no CSMS",
      !up || stalled ? "bad" : state.online ? "good" : "warn",
    );
    say(this.plugNetwork, up ? "Pull the network" : "Connect the network");
    this.stall.setAttribute("aria-pressed", String(stalled));
    say(this.stall, stalled ? "Unfreeze" : "Freeze");
    this.stall.disabled = !up;
    const { cut } = view;
    chip(
      this.power,
      cut ? `fails in flash operation ${cut.afterFlashOps}` : state.powered ? "on" : "off",
      cut ? "warn" : state.powered ? "good" : "bad",
    );
    say(this.switchPower, state.powered ? "Switch the power off" : "Switch the power on");
    this.switchPower.classList.toggle("next", !state.powered);
    this.plugNetwork.classList.toggle("next", !up);
    say(this.time, `${new Date(now).toISOString().slice(5, 10)} ${clockTime(now)} UTC`);
    const { last } = this.cards;
    say(
      this.verdict,
      last
        ? `${capital(cardName(last.idToken))}: ${last.status ?? "the CSMS is asked …"}`
        : "Click a card to hold it to the reader.",
    );
  }

  private cardRow(): HTMLElement {
    const row = element("div", { class: "cards" });
    for (const card of CARDS) {
      const made = button("", () => void this.tap(card), { class: `card${card.accepted ? "" : " refused"}` });
      made.append(
        element("strong", {}, card.name),
        element("span", { class: "mono" }, card.idToken),
        element("span", { class: "verdict" }, card.verdict),
      );
      row.append(made);
    }
    return row;
  }

  private ownCard(): HTMLElement {
    const idToken = element("input", { type: "text", maxlength: 36, placeholder: "Number", "aria-label": "Number of the card" });
    const type = element("select", { "aria-label": "Kind of card" }, ...TOKEN_TYPES.map((one) => element("option", {}, one)));
    const tap = (): void => void this.tap({ idToken: idToken.value, type: type.value });
    idToken.addEventListener("keydown", (event) => {
      if (event.key === "Enter") tap();
    });
    return element(
      "details",
      {},
      element("summary", {}, "Another card, another reader"),
      element("div", { class: "row" }, idToken, type, button("Present", tap)),
      element("div", { class: "row" }, element("label", { class: "field" }, "Cards go to", this.reader)),
    );
  }

  private async tap({ idToken, type }: Pick<Card, "idToken" | "type">): Promise<void> {
    const evse = Number(this.reader.value);
    await act("/tap", evse > 0 ? { idToken, type, evse } : { idToken, type });
  }

  private listReaders(count: number): void {
    if (this.reader.options.length === count + 1) return;
    this.reader.replaceChildren(element("option", { value: "0" }, "the station’s reader"));
    for (let id = 1; id <= count; id++) this.reader.append(element("option", { value: String(id) }, `the reader of EVSE ${id}`));
  }

  private jumps(): HTMLElement {
    const row = element("div", { class: "row" });
    for (const [label, seconds] of JUMPS)
      row.append(actButton(label, () => ["/clock", { advance: seconds }], "Simulated time moves on"));
    const seconds = element("input", { type: "number", min: 1, max: 1_000_000, value: 5, "aria-label": "Seconds" });
    const go = actButton("Go on", () => {
      const advance = Math.floor(Number(seconds.value));
      if (!(advance >= 1)) toast("The time goes on by one second or more.");
      return advance >= 1 ? ["/clock", { advance }] : null;
    });
    row.append(element("span", { class: "field" }, seconds, "s", go));
    return row;
  }
}

function panel(title: string, fact: HTMLElement | null, className: string, ...parts: HTMLElement[]): HTMLElement {
  return element(
    "div",
    { class: `panel ${className}`, role: "group", "aria-label": title },
    element("div", { class: "panel-head" }, element("h2", {}, title), fact),
    ...parts,
  );
}

function chip(target: HTMLElement, text: string, kind: string): void {
  say(target, text);
  target.className = `chip ${kind}`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
