/** How the CSMS behaves from now on, and the recording of a scenario: the controls in the head of the page. */
import { button, element, say, toast } from "../shared/elements.ts";
import { post, type CsmsState } from "./link.ts";

const MEANINGS: Record<string, string> = {
  accept: "accept: everything",
  reject: "reject: cards Invalid, boots Rejected",
  slow: "slow: answers late",
  silent: "silent: no answers",
  hostile: "hostile: wrong ids, twice, late, crossing calls",
};

interface Recording {
  recording: boolean;
  steps: number;
  name?: string;
  text?: string;
}

export class Behaviour {
  private readonly profile = element("select", { id: "profile" });
  private readonly seconds = element("input", {
    type: "number",
    id: "profile-seconds",
    min: 0,
    max: 600,
    step: "any",
    "aria-label": "Seconds until an answer",
  });
  private readonly record: HTMLButtonElement;
  private recording = false;

  constructor(root: HTMLElement) {
    for (const [value, words] of Object.entries(MEANINGS)) this.profile.append(element("option", { value }, words));
    this.record = button("● Record", () => void this.toggle(), { id: "record", hidden: true, "aria-pressed": "false" });
    this.record.title = "Records what is done to the station as a scenario file";
    const label = element("label", { for: "profile" }, "The CSMS is");
    root.append(label, this.profile, element("span", { class: "field", id: "profile-delay" }, this.seconds, "s"), this.record);
    for (const field of [this.profile, this.seconds]) field.addEventListener("change", () => void this.choose());
  }

  draw({ profile, recorder }: CsmsState): void {
    if (document.activeElement !== this.profile) this.profile.value = profile.name;
    if (document.activeElement !== this.seconds) this.seconds.value = String(profile.seconds);
    this.delayShown();
    if (recorder && this.record.hidden) void this.look();
    this.record.hidden = !recorder;
  }

  private delayShown(): void {
    this.seconds.parentElement!.hidden = this.profile.value !== "slow";
  }

  private async choose(): Promise<void> {
    this.delayShown();
    const seconds = this.seconds.value === "" ? undefined : Number(this.seconds.value);
    await said(post("/api/profile", { name: this.profile.value, seconds }));
  }

  private async look(): Promise<void> {
    const state = await said(post<Recording>("/api/record", {}));
    if (state) this.show(state);
  }

  private async toggle(): Promise<void> {
    const answer = await said(post<Recording>("/api/record", { on: !this.recording }));
    if (!answer) return;
    this.show(answer);
    if (answer.text === undefined) return;
    const url = URL.createObjectURL(new Blob([answer.text], { type: "application/yaml" }));
    const link = element("a", { href: url, download: answer.name ?? "recorded.yaml" });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
    toast(`${answer.name}: ${answer.steps} steps; npm run scenario -- FILE replays them.`);
  }

  private show({ recording }: Recording): void {
    this.recording = recording;
    this.record.setAttribute("aria-pressed", String(recording));
    say(this.record, recording ? "■ Stop and save" : "● Record");
  }
}

/** The result, or null after the trouble was said. */
async function said<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    toast((error as Error).message);
    return null;
  }
}
