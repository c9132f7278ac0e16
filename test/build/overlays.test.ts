/** Overlay operations and state objects: what the linking of the modules makes of them, and what it refuses. */
import assert from "node:assert/strict";
import { loader, program, reasons, removeProjects } from "./project.ts";
import { runInNode } from "./run-image.ts";

const overlay = (text: string): string => `/**\n * @overlay\n */\n${text}`;

describe("overlays", () => {
  after(removeProjects);

  it("get their number from opNumber, tables theirs from tableNumber, variables their key", async () => {
    const build = await program(
      `${loader("load", "opNumber", "tableNumber", "variable")}import { one, two } from "./o";\n` +
        'print([opNumber(two), load(opNumber(one), 4), tableNumber("variables"), variable("evse.power")].join());\n',
      {
        "src/o.ts": overlay(
          "export function one(a: number): number {\n  return a * 2;\n}\nexport function two(): number {\n  return 2;\n}\n",
        ),
      },
    );
    assert.equal((await runInNode(build.storage))[0], "1,8,2,13qi");
  });

  it("may call themselves and hold constants, of other modules too", async () => {
    const build = await program('import { sum } from "./o";\nprint(sum(4));\n', {
      "src/c.ts": "export const BASE = 3 * 5;\n",
      "src/o.ts": overlay(
        'import { BASE } from "./c";\nconst TEXT = "n" + "=";\nconst LOW = -BASE + 5;\n' +
          "export function sum(n: number): string {\n  return n > 0 ? `${TEXT}${n + LOW};` + sum(n - 1) : TEXT;\n}\n",
      ),
    });
    assert.deepEqual(await runInNode(build.storage), ["n=-6;n=-7;n=-8;n=-9;n="]);
    assert.equal(build.slices.length, 1);
  });

  const refused: readonly [title: string, overlay: string, main: string, expected: RegExp][] = [
    [
      "a value",
      "export function f(): void {}",
      'import { f } from "./o";\nsetTimeout(f, 1);',
      /^src\/main.ts:2: operation f is used otherwise than by a direct call/,
    ],
    [
      "five parameters",
      "export function f(a: number, b: number, c: number, d: number, e: number): number {\n  return a + b + c + d + e;\n}",
      'import { f } from "./o";\nf(1, 2, 3, 4, 5);',
      /^src\/o.ts:4: operation f has 5 parameters/,
    ],
    [
      "state",
      "let n = 0;\nexport function f(): number {\n  return ++n;\n}",
      'import { f } from "./o";\nf();',
      /^src\/o.ts:4: n is a variable/,
    ],
    [
      "an object",
      "const o = { a: 1 };\nexport function f(): number {\n  return o.a;\n}",
      'import { f } from "./o";\nf();',
      /^src\/o.ts:4: o is not a literal/,
    ],
    [
      "a constant that is none",
      'import { EVSES } from "board";\nimport { n } from "./n";\nconst m = n;\nexport function f(): number {\n  return m + EVSES;\n}',
      'import { f } from "./o";\nprint(f());',
      /^src\/o.ts:6: m is not known while building/,
    ],
    [
      "a statement",
      "export function f(): void {}\nf();",
      'import { f } from "./o";\nf();',
      /^src\/o.ts:5: an overlay module holds only/,
    ],
  ];
  for (const [title, text, main, expected] of refused) {
    it(`refuse ${title}`, async () => {
      const found = await reasons(main, { "src/o.ts": overlay(text), "src/n.ts": 'export const n = parseInt("1");\n' });
      assert.match(found.join("\n"), expected);
    });
  }

  it("refuse a number of what is no operation, an unknown table and an unknown variable", async () => {
    const use =
      'function f(): void {}\nprint(opNumber(f));\nprint(table("none"));\nprint(variable("EVSE.None"));\nprint(table);\n';
    assert.deepEqual(await reasons(loader("opNumber", "table", "variable") + use), [
      "src/main.ts:3: opNumber takes the name of one operation of an overlay module",
      'src/main.ts:4: there is no table "none"',
      "src/main.ts:5: there is no variable EVSE.None in the variable table",
      "src/main.ts:6: table is for the build and can only be called, with one argument",
    ]);
  });
});

describe("state objects", () => {
  after(removeProjects);

  it("become one variable a member", async () => {
    const build = await program(
      'import { s } from "./s";\nfunction f(): void {\n  s.count += 2;\n  s.name = s.name + s.count;\n}\nf();\nf();\nprint(s.name);\nsetTimeout(f, 1);\n',
      { "src/s.ts": 'export const s = { count: -1, name: "n", list: [1] };\n' },
    );
    assert.deepEqual(await runInNode(build.storage), ["n13"]);
    assert.ok(!build.kernel.includes("{count") && !build.kernel.includes(".count"), build.kernel);
  });

  const refused: readonly [use: string, expected: RegExp][] = [
    ["print(s);", /^src\/main.ts:2: state object s is used otherwise than by s.member/],
    ['const key: "a" | "b" = parseInt("1") ? "a" : "b";\nprint(s[key]);', /^src\/main.ts:3: state object s is used otherwise/],
    ["const t = s;\nprint(t.a);", /^src\/main.ts:2: state object s is used otherwise/],
  ];
  for (const [use, expected] of refused) {
    it(`refuse ${use.replace("\n", " ")}`, async () => {
      const found = await reasons(`import { s } from "./s";\n${use}\n`, { "src/s.ts": "export const s = { a: 1, b: 2 };\n" });
      assert.match(found.join("\n"), expected);
    });
  }
});
