/**
 * A form made from the official schema of a request: objects as groups, lists whose items come and go, enums as selects,
 * optional members to be added. Nothing is refused here: the CSMS judges the payload as a whole.
 */
import { button, element } from "../shared/elements.ts";
import { fromSchema, isoTime, resolved, type Known, type Schema } from "./sample.ts";

/** An input for one value of the payload. */
interface Field {
  root: HTMLElement;
  /** undefined: the member is left out. */
  get(): unknown;
  set(value: unknown): void;
}

const HOUR = 3_600_000;
const LONGEST_HINT = 140;
/** Members of the customData extension would be offered in every object; they are left to the payload as JSON. */
const LEFT_OUT = ["customData"];
/** Members with suggestions, by the id of their datalist. */
const SUGGESTIONS: Record<string, string> = {
  idToken: "known-tokens",
  idTag: "known-tokens",
  transactionId: "known-transactions",
};

let ids = 0;

export class SchemaForm {
  readonly root: HTMLElement;
  private readonly field: Field;

  constructor(
    private readonly schema: Schema,
    private readonly known: () => Known,
    private readonly changed: () => void,
  ) {
    this.field = this.object(schema);
    this.root = element("div", { class: "schema-form" }, this.field.root);
    this.root.addEventListener("input", () => changed());
  }

  get(): unknown {
    return this.field.get();
  }

  set(payload: unknown): void {
    this.field.set(payload);
  }

  private build(schema: Schema, name: string): Field {
    const plain = resolved(schema, this.schema);
    if (plain.enum) return this.choice(plain.enum);
    switch (plain.type) {
      case "object":
        return this.object(plain);
      case "array":
        return this.list(plain, name);
      case "boolean":
        return this.flag();
      case "integer":
      case "number":
        return this.number(plain);
      case "string":
        return plain.format === "date-time" ? this.time() : this.text(plain, name);
      default:
        return this.json();
    }
  }

  private object({ properties = {}, required = [] }: Schema): Field {
    const root = element("div", { class: "members" });
    const names = Object.keys(properties).filter((name) => !LEFT_OUT.includes(name));
    names.sort((one, other) => Number(required.includes(other)) - Number(required.includes(one)));
    const members = names.map((name) => ({ name, ...this.member(name, properties[name], required.includes(name)) }));
    const absent = element("div", { class: "absent row" });
    for (const { root: made } of members) root.append(made);
    if (members.some(({ add }) => add)) absent.append(element("span", { class: "quiet" }, "Add:"));
    for (const { add } of members) if (add) absent.append(add);
    const tidy = (): void => {
      absent.hidden = members.every(({ add }) => !add || add.hidden);
    };
    root.append(absent);
    root.addEventListener("member", tidy);
    if (names.length === 0) root.append(element("p", { class: "quiet" }, "This request has no members."));
    return {
      root,
      get: () => {
        const values = members.map(({ name, get }) => [name, get()] as const);
        return Object.fromEntries(values.filter(([, value]) => value !== undefined));
      },
      set: (value) => {
        const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
        for (const { name, set } of members) set(Object.hasOwn(given, name) ? given[name] : undefined);
        tidy();
      },
    };
  }

  /** A member with its label; an optional one has a button that adds it and one that takes it away. */
  private member(name: string, schema: Schema, needed: boolean): Field & { add: HTMLButtonElement | null } {
    const plain = resolved(schema, this.schema);
    const id = `field-${++ids}`;
    const isGroup = plain.type === "object" || plain.type === "array";
    const root = element(isGroup ? "fieldset" : "div", { class: isGroup ? "group" : "member" });
    const add = needed ? null : button(`+ ${name}`, () => show(fromSchema(schema, this.schema, name, this.known()), true));
    const remove = needed
      ? null
      : button("Remove", () => show(undefined, true), { class: "remove", "aria-label": `Remove ${name}` });
    const hint = hintOf(plain);
    const said = hint === "" ? null : element("span", { class: "hint quiet", id: `${id}-hint` }, hint);
    const mark = needed ? element("span", { class: "needed", title: "required" }, " *") : null;
    let field: Field | null = null;

    const show = (value: unknown, byHand = false): void => {
      if (value === undefined && !needed) {
        field = null;
        root.replaceChildren();
        root.hidden = true;
      } else {
        if (!field) {
          field = this.build(schema, name);
          const input = field.root.matches("input, select, textarea")
            ? field.root
            : field.root.querySelector("input, select, textarea");
          if (!isGroup && input) {
            input.id = id;
            if (said) input.setAttribute("aria-describedby", said.id);
          }
          const label = isGroup ? element("legend", {}, name, mark) : element("label", { for: id }, ...breakable(name), mark);
          root.replaceChildren(...[label, said, field.root, remove].filter((part) => part !== null));
          root.hidden = false;
        }
        field.set(value);
      }
      if (add) add.hidden = field !== null;
      root.dispatchEvent(new CustomEvent("member", { bubbles: true }));
      if (!byHand) return;
      this.changed();
      (field ? root.querySelector<HTMLElement>("input, select, textarea") : add)?.focus();
    };
    if (needed) show(undefined);
    else root.hidden = true;
    return { root, add, get: () => field?.get(), set: (value) => show(value) };
  }

  private list({ items = {}, maxItems = Infinity }: Schema, name: string): Field {
    const box = element("div", { class: "items" });
    const fields: Field[] = [];
    const more = button(`+ item of ${name}`, () => {
      append(fromSchema(items, this.schema, name.replace(/s$/, ""), this.known()));
      this.changed();
      box.lastElementChild?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    });
    const tidy = (): void => {
      more.disabled = fields.length >= maxItems;
    };
    const append = (value: unknown): void => {
      const field = this.build(items, name.replace(/s$/, ""));
      field.set(value);
      fields.push(field);
      const remove = button("Remove", () => {
        fields.splice(fields.indexOf(field), 1);
        item.remove();
        tidy();
        this.changed();
        more.focus();
      });
      remove.className = "remove";
      remove.setAttribute("aria-label", `Remove this item of ${name}`);
      if (field.root.matches("input, select")) field.root.setAttribute("aria-label", name);
      const item = element("div", { class: "item" }, field.root, remove);
      box.append(item);
      tidy();
    };
    return {
      root: element("div", {}, box, more),
      get: () => fields.map((field) => field.get()).filter((value) => value !== undefined),
      set: (value) => {
        fields.length = 0;
        box.replaceChildren();
        if (Array.isArray(value)) for (const part of value) append(part);
        tidy();
      },
    };
  }

  private choice(values: string[]): Field {
    const root = element("select", {}, ...values.map((value) => element("option", { value }, value)));
    return {
      root,
      get: () => root.value,
      set: (value) => {
        if (value === undefined) return;
        const wanted = String(value);
        // A value that the schema does not know, from the payload as JSON.
        if (!values.includes(wanted)) root.append(element("option", { value: wanted }, wanted));
        root.value = wanted;
      },
    };
  }

  private flag(): Field {
    const root = element("input", { type: "checkbox" });
    return { root, get: () => root.checked, set: (value) => (root.checked = value === true) };
  }

  private number({ type, minimum, maximum }: Schema): Field {
    const step = type === "integer" ? 1 : "any";
    const root = element("input", { type: "number", step, min: minimum, max: maximum });
    return {
      root,
      get: () => (root.value === "" ? undefined : Number(root.value)),
      set: (value) => (root.value = typeof value === "number" ? String(value) : ""),
    };
  }

  private text({ maxLength = 0 }: Schema, name: string): Field {
    const isLong = maxLength > 500;
    const list = Object.hasOwn(SUGGESTIONS, name) ? SUGGESTIONS[name] : undefined;
    const root = isLong
      ? element("textarea", { rows: 3, spellcheck: "false" })
      : element("input", { type: "text", list, spellcheck: "false", autocomplete: "off" });
    return {
      root,
      get: () => root.value,
      set: (value) => (root.value = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)),
    };
  }

  private time(): Field {
    const input = element("input", { type: "text", spellcheck: "false", autocomplete: "off" });
    const fill = (ahead: number): void => {
      input.value = isoTime(this.known().now + ahead);
      this.changed();
    };
    const root = element("span", { class: "row time" }, input);
    root.append(
      button("Now", () => fill(0)),
      button("+1 h", () => fill(HOUR)),
    );
    return { root, get: () => input.value, set: (value) => (input.value = value === undefined ? "" : String(value)) };
  }

  /** Anything, for members without a type. What is no JSON is a text. */
  private json(): Field {
    const root = element("textarea", { rows: 2, spellcheck: "false" });
    return {
      root,
      get: () => {
        try {
          return JSON.parse(root.value) as unknown;
        } catch {
          return root.value;
        }
      },
      set: (value) => (root.value = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value)),
    };
  }
}

/** A name that may be broken before its capitals. */
function breakable(name: string): (string | HTMLElement)[] {
  return name.split(/(?=[A-Z])/).flatMap((part, index) => (index === 0 ? [part] : [element("wbr"), part]));
}

/** The description without the identifiers of the model that it was generated from. */
function hintOf({ description = "", maxLength }: Schema): string {
  const text = description
    .replace(/^[^\r\n]*\r?\nurn:\S+/, "")
    .replace(/urn:\S+/g, "")
    .replace(/\s+/g, " ")
    .trim();
  const end = text.search(/\.( |$)/);
  const sentence = end > 0 ? text.slice(0, end + 1) : text;
  const hint = sentence.length > LONGEST_HINT ? `${sentence.slice(0, LONGEST_HINT - 1)}…` : sentence;
  return maxLength === undefined ? hint : `${hint} At most ${maxLength} characters.`.trim();
}
