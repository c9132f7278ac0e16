/** The Huffman table of the packed journal in the image: RFC 1951, docs/ARCHITECTURE.md, "Flash map". */
import assert from "node:assert/strict";
import { huffmanTable } from "../../tools/build/huffman.ts";
import { program, removeProjects } from "./project.ts";

const main = (body: string): string =>
  `import { table, tableNumber } from "./kernel/overlay";\nimport { unpack } from "./o";\n${body}\n`;
const files = {
  "tools/build/huffman.ts": "",
  "src/o.ts":
    '/** @overlay */\nimport { table } from "./kernel/overlay";\nexport function unpack(): number {\n  return table("huffman").length;\n}\n',
};

describe("The Huffman table in the image", () => {
  after(removeProjects);
  it("is a slice of the same bytes", async () => {
    const build = await program(main('print(table("huffman").charCodeAt(2), tableNumber("huffman"), unpack());'), files);
    const slices = build.slices.filter(({ name }) => name === "huffman");
    assert.equal(slices.length, 1);
    assert.deepEqual(slices[0].bytes, huffmanTable());
  });
  it("is dropped when nothing uses it", async () => {
    const build = await program('import { unpack } from "./o";\nif (0) {\n  unpack();\n}\nprint(1);\n', files);
    assert.deepEqual(
      build.slices.map(({ name }) => name),
      [],
    );
  });
});
