/** Buttons that call the simulator: pressed once until the answer is there, and a refusal is shown. */
import { button, toast } from "../shared/elements.ts";
import { post } from "../shared/live.ts";

let after: () => void = () => undefined;

/** Hears of each call that has been answered. */
export function afterEach(listener: () => void): void {
  after = listener;
}

/** A call whose refusal is shown. */
export async function act(path: string, body: object = {}): Promise<void> {
  try {
    await post(path, body);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
  } finally {
    after();
  }
}

/** A button that makes a call; `call` gives path and body at the moment it is pressed, null for none. */
export function actButton(label: string, call: () => [path: string, body?: object] | null, title = ""): HTMLButtonElement {
  const made = button(
    label,
    () => {
      const wanted = call();
      if (wanted === null || made.getAttribute("aria-busy") === "true") return;
      made.setAttribute("aria-busy", "true");
      void act(...wanted).finally(() => made.removeAttribute("aria-busy"));
    },
    { title: title || null },
  );
  return made;
}
