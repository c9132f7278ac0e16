/** Elements of a page. What was received becomes text, never markup: children are nodes and texts alone, and no attribute is a script. */

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;
type Child = Node | string | null | false;

const SVG = "http://www.w3.org/2000/svg";

function fill<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") || name === "style") throw new Error(`attribute ${name}`);
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== false) made.append(child);
  return made;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag) as SVGElementTagNameMap[K], attributes, children);
}

/** A button that does `act` when it is pressed. */
export function button(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** The element of that id, which the page is known to have. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
}

/** Sets the text of an element when it is another one. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** UTC time of day of ms since 1970. */
export function clockTime(t: number): string {
  return new Date(t).toISOString().slice(11, 19);
}

/** A message that stays until it is closed, or 12 s. */
export function toast(text: string): void {
  let box = document.querySelector(".toasts");
  if (!box) {
    box = element("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(box);
  }
  const message = element("div", { class: "toast" }, element("span", {}, text));
  message.append(button("Close", () => message.remove()));
  box.append(message);
  while (box.children.length > 4) box.firstElementChild?.remove();
  window.setTimeout(() => message.remove(), 12_000);
}
