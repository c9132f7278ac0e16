/** The stations that have connected, one of them chosen; the connectors as StatusNotification told them. */
import { button, element } from "../shared/elements.ts";
import type { StationSummary } from "./link.ts";

/** Connector statuses by what they mean for a customer. */
const TONES: Record<string, string> = {
  Available: "good",
  Occupied: "warn",
  Reserved: "warn",
  Charging: "warn",
  Preparing: "warn",
  Finishing: "warn",
  SuspendedEV: "warn",
  SuspendedEVSE: "warn",
  Unavailable: "bad",
  Faulted: "bad",
};

export interface StationActions {
  choose(identity: string): void;
  /** Opens the form of a request; with `now` it is sent at once. */
  command(action: string, now: boolean): void;
}

export class Stations {
  private shown = "";

  constructor(
    private readonly box: HTMLElement,
    private readonly actions: StationActions,
  ) {}

  draw(stations: readonly StationSummary[], chosen: string | null): void {
    const wanted = JSON.stringify([stations, chosen]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const focused = this.box.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.focus : undefined;
    this.box.replaceChildren(...stations.map((station) => this.card(station, station.identity === chosen)));
    if (stations.length === 0) this.box.append(element("p", { class: "quiet" }, "No station has connected yet."));
    if (focused) this.box.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  private card(station: StationSummary, isChosen: boolean): HTMLElement {
    const { identity, online, protocol, registration, vendor, model, firmware, connectors, running } = station;
    const title = button(identity, () => this.actions.choose(identity), {
      class: "identity",
      "aria-pressed": String(isChosen),
      "data-focus": `choose ${identity}`,
    });
    const facts = [
      chip(online ? "online" : "offline", online ? "good" : "bad"),
      protocol ? chip(protocol, "") : null,
      registration ? chip(registration, registration === "Accepted" ? "good" : "warn") : null,
    ];
    const self = [vendor, model, firmware && `firmware ${firmware}`].filter(Boolean).join(" ");
    const places = connectors.map(({ place, status }) => chip(`${placeWords(place)}: ${status}`, TONES[status] ?? ""));
    const card = element(
      "article",
      { class: `station-card${isChosen ? " chosen" : ""}` },
      element("div", { class: "row" }, title, ...facts),
      self === "" ? null : element("p", { class: "quiet" }, self),
      element("div", { class: "row" }, ...places),
    );
    if (isChosen && online) card.append(this.quick(protocol, running.length));
    return card;
  }

  private quick(protocol: string | null, running: number): HTMLElement {
    const is16 = protocol === "ocpp1.6";
    const start = is16 ? "RemoteStartTransaction" : "RequestStartTransaction";
    const stop = is16 ? "RemoteStopTransaction" : "RequestStopTransaction";
    const command = (label: string, action: string, now: boolean, attributes = {}): HTMLElement =>
      button(label, () => this.actions.command(action, now), { "data-focus": label, ...attributes });
    return element(
      "div",
      { class: "row quick" },
      command("Start a charge", start, true, { title: `Sends ${start}`, class: running === 0 ? "primary" : "" }),
      command("Stop the charge", stop, true, {
        title: `Sends ${stop}`,
        disabled: running === 0,
        class: running > 0 ? "primary" : "",
      }),
      command("Unlock …", "UnlockConnector", false),
      command("Restart …", "Reset", false),
      command("All settings", is16 ? "GetConfiguration" : "GetBaseReport", true),
    );
  }
}

function chip(text: string, tone: string): HTMLElement {
  return element("span", { class: `chip ${tone}` }, text);
}

/** `1/2` is connector 2 of EVSE 1; in 1.6 connectors have numbers alone. */
function placeWords(place: string): string {
  const [evse, connector] = place.split("/");
  if (connector === undefined) return evse === "0" ? "station" : `connector ${evse}`;
  return connector === "1" ? `EVSE ${evse}` : `EVSE ${evse}, connector ${connector}`;
}
