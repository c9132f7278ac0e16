/** The variables of the chosen station as its frames told them; searchable, each leads to the form that sets it. */
import { button, byId, element, say } from "../shared/elements.ts";

const MOST_ROWS = 300;
const NAME = /^([^.[\]#]+)(?:\[([^\]]+)\])?(?:#(\d+)(?:\/(\d+))?)?\.([^.[\]#]+)(?:\[([^\]]+)\])?$/;

export class Variables {
  private variables: readonly [name: string, value: string][] = [];
  private readonly before = new Map<string, string>();
  private readonly changed = new Set<string>();
  private station = "";
  private shown = "";

  constructor(
    private readonly box: HTMLElement,
    private readonly search: HTMLInputElement,
    /** Opens the form that sets a variable. */
    private readonly set: (name: string, value: string) => void,
  ) {
    search.addEventListener("input", () => this.draw());
  }

  update(station: string, variables: readonly [name: string, value: string][]): void {
    if (station !== this.station) {
      this.before.clear();
      this.changed.clear();
      this.station = station;
    }
    for (const [name, value] of variables) {
      const known = this.before.get(name);
      if (known !== undefined && known !== value) this.changed.add(name);
      this.before.set(name, value);
    }
    this.variables = variables;
    this.draw();
  }

  private draw(): void {
    const wanted = this.search.value.toLowerCase();
    const fitting = this.variables.filter(([name, value]) => `${name} ${value}`.toLowerCase().includes(wanted));
    const drawn = JSON.stringify([this.station, fitting.slice(0, MOST_ROWS), [...this.changed]]);
    if (drawn === this.shown) return;
    this.shown = drawn;
    const all = this.variables.length;
    say(
      byId("variables-count"),
      all === 0 ? "none learnt so far" : `${fitting.length === all ? all : `${fitting.length} of ${all}`} learnt`,
    );
    const rows = fitting.slice(0, MOST_ROWS).map(([name, value]) => {
      const isChanged = this.changed.has(name);
      return element(
        "tr",
        { class: isChanged ? "changed" : "" },
        element("td", { class: "mono" }, name),
        element("td", { class: "mono" }, value, isChanged ? element("span", { class: "chip warn" }, "changed") : null),
        element(
          "td",
          {},
          button("Set …", () => this.set(name, value), { "aria-label": `Set ${name}` }),
        ),
      );
    });
    if (all === 0) {
      const hint =
        "What the station tells about itself in reports and answers appears here: send “All settings” or GetVariables.";
      return this.box.replaceChildren(element("p", { class: "quiet" }, hint));
    }
    const head = ["Name", "Value", ""].map((title) => element("th", { scope: "col" }, title));
    const rest =
      fitting.length > MOST_ROWS
        ? element("p", { class: "quiet" }, `${fitting.length - MOST_ROWS} more; search for them.`)
        : null;
    this.box.replaceChildren(
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
    );
    if (rest) this.box.append(rest);
  }
}

/** Payload of the SetVariables that sets a variable of that name, or null when it is none of 2.0.1. */
export function settingOf(name: string, attributeValue: string): Record<string, unknown> | null {
  const [, component, instance, evse, connector, variable, variableInstance] = NAME.exec(name) ?? [];
  if (component === undefined || variable === undefined) return null;
  const place = evse === undefined ? {} : { evse: { id: Number(evse), ...(connector && { connectorId: Number(connector) }) } };
  return {
    setVariableData: [
      {
        attributeValue,
        component: { name: component, ...(instance && { instance }), ...place },
        variable: { name: variable, ...(variableInstance && { instance: variableInstance }) },
      },
    ],
  };
}
