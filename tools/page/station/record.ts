/** The button that records what is done and seen as a scenario file, and hands the file over at the end. */
import { element, say, toast } from "../shared/elements.ts";
import { post } from "../shared/live.ts";

interface Recording {
  recording: boolean;
  steps: number;
  /** At the end: name and contents of the file. */
  name?: string;
  text?: string;
}

export class RecordButton {
  private recording = false;

  constructor(private readonly button: HTMLButtonElement) {
    button.addEventListener("click", () => void this.press());
  }

  /** Another page may have pressed it. Without a recorder the button is not there. */
  async refresh(isThere: boolean): Promise<void> {
    if (!isThere) {
      this.button.hidden = true;
      return;
    }
    try {
      this.show((await post("/page/record")) as Recording);
    } catch {
      this.button.hidden = true;
    }
  }

  private async press(): Promise<void> {
    try {
      const answer = (await post("/page/record", { on: !this.recording })) as Recording;
      this.show(answer);
      if (answer.text !== undefined) save(answer.name ?? "scenario.yaml", answer.text);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  }

  private show({ recording, steps }: Recording): void {
    this.recording = recording;
    this.button.hidden = false;
    this.button.setAttribute("aria-pressed", String(recording));
    say(this.button, recording ? `Stop recording (${steps} steps)` : "Record a scenario");
  }
}

/** Gives a file to the browser's downloads. */
function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/yaml" }));
  element("a", { href: address, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
