/** The files of an image: Storage records and the slices file. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeSlices, encodeSlices } from "../../tools/image/slices.ts";
import { decodeStorage, encodeStorage } from "../../tools/image/storage.ts";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

describe("Storage records", () => {
  it("have a head of 32 bytes and end at a multiple of four", () => {
    const image = Buffer.from(encodeStorage([{ name: ".bootcde", bytes: bytes("print(1)+") }]));
    assert.equal(image.length, 32 + 12);
    assert.equal(image.readUInt32LE(0), 9);
    assert.equal(image.toString("latin1", 4, 32), ".bootcde".padEnd(28, "\0"));
    assert.equal(image.toString("latin1", 32), "print(1)+\xff\xff\xff");
  });

  it("come back as they went in, whatever follows them", () => {
    const name = fc.stringMatching(/^[a-z.][a-z0-9.]{0,27}$/);
    const file = fc.record({ name, bytes: fc.uint8Array({ minLength: 1, maxLength: 50 }) }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 5 }), fc.nat(100), (files, rest) => {
        const image = new Uint8Array([...encodeStorage(files), ...new Array<number>(rest * 4).fill(0xff)]);
        assert.deepEqual(decodeStorage(image), files);
      }),
    );
  });

  it("that were deleted are left out", () => {
    const image = encodeStorage([
      { name: "a", bytes: bytes("1") },
      { name: "b", bytes: bytes("2") },
    ]);
    image.fill(0, 4, 8);
    assert.deepEqual(
      decodeStorage(image).map(({ name }) => name),
      ["b"],
    );
  });

  const bad: readonly [title: string, act: () => unknown, message: RegExp][] = [
    ["an empty file", () => encodeStorage([{ name: "a", bytes: bytes("") }]), /"a" has 0 bytes/],
    ["a name of 29 characters", () => encodeStorage([{ name: "a".repeat(29), bytes: bytes("1") }]), /not 1 to 28 printable/],
    ["a name with a drive prefix", () => encodeStorage([{ name: "C:x", bytes: bytes("1") }]), /drive prefix/],
    [
      "a record cut short",
      () => decodeStorage(encodeStorage([{ name: "a", bytes: bytes("12345") }]).slice(0, 34)),
      /announces 5 bytes, but only 2 follow/,
    ],
    ["a head cut short", () => decodeStorage(bytes("ab")), /ends inside a record head at byte 0/],
    [
      "text that is no Storage",
      () => decodeStorage(bytes("\x04\0\0\0\x01\x02\x03\x04" + "\0".repeat(24) + "abcd")),
      /no printable name/,
    ],
  ];
  for (const [title, act, message] of bad) it(`refuse ${title} with one sentence`, () => assert.throws(act, message));
});

describe("slices file", () => {
  it("has an index of two bytes a slice and the end, then the slices, each on an even byte", () => {
    assert.equal(
      Buffer.from(encodeSlices([bytes("abc"), bytes(""), bytes("de")])).toString("latin1"),
      "\0\x04\0\x06\0\x06\0\x07abc de",
    );
  });

  it("comes back as it went in", () => {
    const slice = fc.uint8Array({ maxLength: 40 }).filter((content) => content.at(-1) !== 32);
    fc.assert(
      fc.property(fc.array(slice, { maxLength: 8 }), (slices) => {
        assert.deepEqual(decodeSlices(encodeSlices(slices)), slices);
      }),
    );
  });

  it("refuses what its index cannot name", () => {
    assert.throws(() => encodeSlices([new Uint8Array(131_070)]), /reaches byte 131074; its index can name 131070/);
    assert.throws(() => encodeSlices([bytes("a"), bytes("b ")]), /Slice 1 ends with a space/);
  });

  it("that is damaged is refused with one sentence", () => {
    assert.throws(() => decodeSlices(bytes("x")), /ends before entry 0 of its index/);
    assert.throws(() => decodeSlices(bytes("\0\0abc")), /names no end/);
    assert.throws(() => decodeSlices(bytes("\0\x02\0\x09abc")), /Slice 0 lies outside its file/);
  });
});
