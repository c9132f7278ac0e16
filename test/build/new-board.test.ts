/** docs/new-board.md, followed by the letter in a copy of the project: every block of code and every command of it. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "../../tools/build/build-board.ts";
import { removeProjects, temporaryDirectory } from "./project.ts";

const PAGE = path.join(PROJECT_ROOT, "docs/new-board.md");
const COPIED = ["boards", "src", "tools", "types", "test", "package.json", "tsconfig.json", ".mocharc.json"];

interface Block {
  language: string;
  /** What is to be done with it, and the file. */
  verb: string;
  file: string;
  text: string;
}

function blocks(): Block[] {
  const fences = readFileSync(PAGE, "utf8").matchAll(/^```(\w+)(?: (\S+))?(?: (.*))?\n([^]*?)^```$/gm);
  return [...fences].map(([, language, verb = "", file = "", text]) => ({ language, verb, file, text }));
}

/** A project of its own, in which the page is followed. */
class Copy {
  readonly root = temporaryDirectory();

  constructor() {
    for (const name of COPIED) cpSync(path.join(PROJECT_ROOT, name), path.join(this.root, name), { recursive: true });
    symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(this.root, "node_modules"));
  }

  edit(file: string, change: (text: string) => string): void {
    const before = readFileSync(path.join(this.root, file), "utf8");
    const after = change(before);
    assert.notEqual(after, before, `${file} has changed`);
    writeFileSync(path.join(this.root, file), after);
  }

  run(command: string, env: NodeJS.ProcessEnv = {}): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    return { status, output: stdout + stderr };
  }

  /** Puts a block where the page says. */
  put({ verb, file, text }: Block): void {
    if (verb === "file") writeFileSync(path.join(this.root, file), text);
    else if (verb === "constants")
      for (const line of text.trimEnd().split("\n")) this.edit(file, (old) => withConstant(old, line));
    else if (verb === "start") this.edit(file, (old) => old.replace(/^import /m, `${text}import `));
    else if (verb === "end") this.edit(file, (old) => old + text);
    else if (verb === "twins") this.edit(file, (old) => old.replace(/(TWINS.*=> *|TWINS[^=]*= )\{\n/, `$&${text}`));
    else this.edit(file, (old) => old.replace(new RegExp(`^function ${verb}\\(\\): void \\{\\n[^]*?(?=^\\})`, "m"), `$&${text}`));
  }
}

function withConstant(text: string, line: string): string {
  const name = /^export const (\w+) = /.exec(line)![1];
  const there = new RegExp(`^export const ${name} = .*$`, "m");
  assert.match(text, there, `the board has no ${name}`);
  return text.replace(there, line);
}

describe("docs/new-board.md", function () {
  this.timeout(600_000);
  let copy: Copy;
  const page = blocks();
  const ofVerb = (verb: string): Block => page.find((block) => block.verb === verb)!;
  let simulator: ChildProcess | undefined;

  before(() => {
    copy = new Copy();
  });
  after(() => {
    simulator?.kill("SIGTERM");
    removeProjects();
  });

  it("leads to a board that builds within its budget, and whose scenarios pass on its twin", () => {
    for (const block of page) {
      if (block.language === "sh" && block.verb === "") {
        for (const command of block.text.trimEnd().split("\n")) {
          // RAM is measured where the budget is tested.
          const { status, output } = copy.run(command, command.includes("budget") ? { ESPRUINO: "", PATH: onlyNode() } : {});
          assert.equal(status, 0, `${command}\n${output}`);
        }
      } else if (block.verb !== "" && block.verb !== "refused" && block.language !== "sh") {
        copy.put(block);
      }
    }
  });

  it("names the reason why a pin is refused", () => {
    const refused = page.filter(({ verb }) => verb === "refused");
    assert.ok(refused.length >= 2);
    const file = "boards/garage/board.ts";
    for (const { file: constant, text } of refused) {
      const before = readFileSync(path.join(copy.root, file), "utf8");
      copy.edit(file, (old) => withConstant(old, `export const ${constant};`));
      const { status, output } = copy.run("npm run -s build -- --board garage");
      writeFileSync(path.join(copy.root, file), before);
      assert.equal(status, 1);
      assert.match(output, new RegExp(`^boards/garage/board\\.ts:\\d+: ${text.trim().replace(/[.()]/g, "\\$&")}`, "m"));
    }
  });

  it("lets a car charge in the simulator", async () => {
    const url = await new Promise<string>((resolve, reject) => {
      const command = ofVerb("simulator").text.trim().replace("npm run sim -- ", "").replace("--port 8080", "--port 0");
      const args = ["--import=tsx", "tools/sim/main.ts", ...command.split(" ")];
      simulator = spawn(process.execPath, args, { cwd: copy.root, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [simulator.stdout!, simulator.stderr!])
        stream.on("data", (text: Buffer) => {
          output += text.toString();
          const [, found] = /control (http:\S+)/.exec(output) ?? [];
          if (found) resolve(found);
        });
      simulator.once("exit", () => reject(new Error(output)));
    });
    const registered = async (): Promise<boolean> =>
      ((await (await fetch(`${url}/state`)).json()) as { registration: string }).registration === "Accepted";
    while (!(await registered())) await new Promise((resolve) => setTimeout(resolve, 100));
    let last = "";
    for (const line of ofVerb("calls").text.trimEnd().split("\n")) {
      const [, method = "GET", call, , body] = /^curl (?:-X (\w+) )?localhost:8080(\S+)( -d '(.*)')?$/.exec(line)!;
      for (let end = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
        const answer = await fetch(url + call, { method, body: method === "POST" ? (body ?? "{}") : undefined });
        assert.equal(answer.status, 200, line);
        last = await answer.text();
        // Somebody types this: the contactor closes within the seconds until the last call.
        if (method === "POST" || last.includes('"contactor":true') || Date.now() > end) break;
      }
    }
    assert.match(last, /"contactor":true/);
  });
});

/** A PATH without an engine. */
function onlyNode(): string {
  return [path.dirname(process.execPath), "/usr/bin", "/bin"].join(path.delimiter);
}
