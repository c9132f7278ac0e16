/** A board's own defaults of the variable table. */
import assert from "node:assert/strict";
import { findVariable, parseTable } from "../../tools/image/variables.ts";
import { formatFinding } from "../../tools/build/findings.ts";
import { findings, loader, program, removeProjects } from "./project.ts";

const MAIN = loader("table") + 'print(table("variables"));\n';
const VARIABLES =
  "Board.Evses | station | integer | 1 | 1..7 | | - | | |\nBoard.Fixed | station | boolean | false | | | - | | |\n";
const files = (defaults: string): Record<string, string> => ({
  "src/store/variables.txt": VARIABLES,
  "boards/sim/defaults.txt": defaults,
});

describe("defaults of a board", function () {
  this.timeout(30_000);
  after(removeProjects);

  it("are those of its image", async () => {
    const build = await program(MAIN, files("# two\n\nBoard.Evses = 2\nBoard.Fixed = true\n"));
    const table = parseTable(build.slices.find(({ name }) => name === "variables")!.text);
    assert.equal(findVariable(table, "Board.Evses")?.default, "2");
    assert.equal(findVariable(table, "Board.Fixed")?.default, "true");
  });

  it("are refused with file and line", async () => {
    for (const [text, reason] of [
      ["Board.Evses 2", /^boards\/sim\/defaults\.txt:1: a line is `Variable = value`$/],
      ["\nBoard.Evses = 9", /^boards\/sim\/defaults\.txt:2: The value "9" of Board\.Evses /],
      ["Board.Sockets = 2", /^boards\/sim\/defaults\.txt:1: There is no variable Board\.Sockets\.$/],
    ] as const) {
      const [found] = await findings(program(MAIN, files(text)));
      assert.match(formatFinding(found), reason);
    }
  });
});
