/** The table of settings: what the flash holds, searchable, with what was changed marked. */
import { byId, element, say } from "../shared/elements.ts";
import { read } from "../shared/live.ts";
import type { Setting } from "../settings.ts";
import type { StationModel } from "./model.ts";

const ORIGINS = { default: "", csms: "set by the CSMS", station: "set by the station" };
const ACCESS: Record<string, string | undefined> = { RO: "read only", RW: "read, write", WO: "write only", "-": "not in OCPP" };

export class Settings {
  private known = "";
  private settings: Setting[] = [];
  private readonly search = byId<HTMLInputElement>("settings-search");
  private readonly changed = byId<HTMLInputElement>("settings-changed");
  private readonly table = byId("settings-table");
  private readonly count = byId("settings-count");

  constructor(private readonly model: StationModel) {
    for (const field of [this.search, this.changed]) field.addEventListener("input", () => this.show());
  }

  /** The value of a setting; null when there is none. */
  value(name: string): string | null {
    return this.settings.find((setting) => setting.name === name)?.value ?? null;
  }

  async refresh(): Promise<void> {
    try {
      const settings = (await read("/page/settings")) as Setting[];
      // Live values come from the state.
      const text = JSON.stringify([settings, this.model.state?.evses.map(({ status }) => status)]);
      if (text === this.known) return;
      this.known = text;
      this.settings = settings;
      this.show();
    } catch {
      // The look says what is wrong; the table stays as it was.
    }
  }

  private show(): void {
    const wanted = this.search.value.trim().toLowerCase();
    const rows = this.settings.filter((setting) => {
      if (this.changed.checked && setting.origin === "default") return false;
      return `${setting.name} ${setting.value ?? ""} ${ORIGINS[setting.origin]}`.toLowerCase().includes(wanted);
    });
    const changes = this.settings.filter(({ origin }) => origin !== "default").length;
    say(this.count, `${rows.length} of ${this.settings.length}, ${changes} changed`);
    const head = ["Name", "Value", "Changed", "Default", "Limits", "Access"].map((title) =>
      element("th", { scope: "col" }, title),
    );
    this.table.replaceChildren(
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...rows.map((setting) => this.row(setting))),
      ),
    );
  }

  private row(setting: Setting): HTMLElement {
    const { name, unit, origin, limits, type, mutability } = setting;
    const withUnit = (value: string): string => (value === "" ? "–" : unit === "" ? value : `${value} ${unit}`);
    const value = setting.value === null ? this.unseen(setting) : withUnit(setting.value);
    return element(
      "tr",
      { class: origin === "default" ? null : `changed ${origin}` },
      cell("Name", element("span", { class: "mono" }, name)),
      cell("Value", value),
      cell(
        "Changed",
        origin === "default" ? "" : element("span", { class: `chip ${origin === "csms" ? "warn" : ""}` }, ORIGINS[origin]),
      ),
      cell("Default", origin === "default" ? "" : withUnit(setting.default)),
      cell("Limits", limits === "" ? type : `${type} ${limits.replaceAll(",", ", ")}`),
      cell("Access", ACCESS[mutability] ?? mutability),
    );
  }

  private unseen({ name, reason }: Setting): string {
    if (reason === "secret") return "secret";
    const { state } = this.model;
    if (/^(EVSE|Connector)\.AvailabilityState$/.test(name) && state)
      return state.evses.map(({ status }) => status ?? "…").join(", ");
    return "live value";
  }
}

function cell(label: string, content: Node | string): HTMLElement {
  return element("td", { "data-label": label }, content);
}
