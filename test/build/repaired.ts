/** Programs that the engine cannot run as they stand and that a whole build makes right: what they print, what may be left. */
export const REPAIRED: readonly [title: string, main: string, expected: string, refused: RegExp][] = [
  ["names that the engine reserves", "const of = [1, 2].length;\nprint(of + parseInt('1'));\nprint(of);", "3", /\bof\b/],
  ["line continuations and long escapes", 'print("a\\\nb" + "\\u00e9".length);', "ab1", /\\\n/],
  ["numeric separators, binary and octal numbers", "print(1_000 + 0b11 + 0o17);", "1018", /_|0b|0o/],
  [
    "functions declared behind a return",
    "print(f());\nfunction f(): number {\n  return g() + g();\n}\nfunction g(): number {\n  return parseInt('2');\n}",
    "4",
    /`/,
  ],
  [
    "syntax newer than ES5",
    "function f(a = 2, { b, c: [d] } = { b: 1, c: [3] }): string {\n  const o: { x?: { y: number } } = { x: { y: a } };\n  let t = '';\n" +
      "  for (const e of [a, b, d]) t += `${e};`;\n  return t + (o.x?.y ?? 9) + b ** 2;\n}\nprint(f());",
    "2;1;3;21",
    /`|\?\.|\?\?|\*\*|=>|\blet\b|\bconst\b/,
  ],
  [
    "logical assignment",
    "let a = 0;\nlet b: number | undefined;\na ||= parseInt('3');\nb ??= a;\na &&= b + 1;\nprint(a);",
    "4",
    /\|\|=|&&=|\?\?=/,
  ],
  ["a line that begins with ++", "let a = parseInt('1')\nlet b = 1\na = b\n++b\nprint(a * 10 + b)", "12", /\n/],
  [
    "a var that one path alone declares",
    "function f(a: number): number {\n  if (a) {\n    var b = a;\n  }\n  b = b! || 7;\n  return b;\n}\nprint(f(parseInt('0')) + f(1));",
    "8",
    /let/,
  ],
];
