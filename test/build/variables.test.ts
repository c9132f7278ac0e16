/** The variable table: readable source, device text, patched defaults. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "../../tools/build/build-board.ts";
import {
  compileVariables,
  findVariable,
  parseTable,
  patchDefaults,
  readVariables,
  TableError,
  type VariableEntry,
  variableKey,
  variableName,
  withVariables,
  writeTable,
} from "../../tools/image/variables.ts";
import { FIXTURE } from "./project.ts";

const SOURCE = readFileSync(path.join(FIXTURE, "src/store/variables.txt"), "utf8");
const TABLE = compileVariables(SOURCE);

/** Most bytes of a value. */
function longest({ type, limits }: VariableEntry): number {
  switch (type) {
    case "boolean":
      return 5;
    case "MemberList":
    case "SequenceList":
      return limits.length;
    case "OptionList":
      return Math.max(...limits.split(",").map((value) => value.length));
    case "string":
      return limits ? Number(limits.split("..")[1]) : 20;
    default:
      return limits ? Math.max(...limits.split("..").map((value) => value.length)) : 10;
  }
}

describe("variable table", () => {
  it("takes a driver's variables: in the place of one of the same name, else behind its component, else at the end", () => {
    const base = readVariables(SOURCE);
    const text =
      "EVSE.Power | evse | integer | 1 | | | RO | |\nEVSE.New | evse | integer | 2 | | | RO | |\nNew.One | station | integer | 3 | | | RO | |";
    const all = withVariables(base, readVariables(text));
    assert.equal(all.length, base.length + 2);
    assert.equal(findVariable(all, "EVSE.Power")?.default, "1");
    const last = base.map(({ component }) => component).lastIndexOf("EVSE");
    assert.equal(variableName(all[last + 1]), "EVSE.New");
    assert.equal(variableName(all[all.length - 1]), "New.One");
    assert.deepEqual(parseTable(writeTable(all)).map(variableName), all.map(variableName));
  });

  it("has a key of four characters from the CRC-32 of the lower-case name", () => {
    assert.equal(variableKey("TxCtrlr.TxStartPoint"), variableKey("txctrlr.txstartpoint"));
    assert.match(variableKey("OCPPCommCtrlr.MessageTimeout[Default]"), /^[0-9A-Za-z+/]{4}$/);
    assert.equal(variableKey("EVSE.Power"), "13qi");
  });

  it("ends with a byte that begins no search", () => {
    assert.ok(TABLE.endsWith("\n#"));
  });

  it("has a variable behind each key, and a key nowhere else", () => {
    for (const { key } of readVariables(SOURCE)) {
      assert.equal(TABLE.split(`\n${key}`).length, 2, key);
      assert.ok(TABLE.includes(`\n${key};`), key);
    }
  });

  it("has a line of eight columns a variable, without empty ones at its end, below the name of its component", () => {
    assert.ok(TABLE.includes("\n:eEVSE\n13qi;Power;eir;0;0..22080;W;1\n"));
    assert.ok(TABLE.includes(`\n${variableKey("NetworkConfiguration.OcppCsmsUrl[1]")};OcppCsmsUrl;ss-;;0..512;;;1\n`));
  });

  it("has the key of OCPP 1.6 behind a tab and the letter of its form, and a semicolon behind it in any case", () => {
    const table = compileVariables(
      ["A.B | station | integer | 7 | 0..9 | | RW | | Number RW |", "A.C | station | string | | | | WO | | Secret WO hex |"].join(
        "\n",
      ),
    );
    assert.ok(table.includes(`\n${variableKey("A.B")};B;siw\twNumber;7;0..9\n`), table);
    assert.ok(table.endsWith(`\n${variableKey("A.C")};C;sso\toSecret;\n#`), table);
    assert.equal(writeTable(parseTable(table)), table);
  });

  it("has long limits once", () => {
    const limits = "Available,Occupied,Reserved";
    const table = compileVariables(
      [
        `A.B | station | OptionList | Reserved | ${limits} | | RW | | |`,
        `C.D | evse | MemberList | | ${limits} | | RW | | |`,
      ].join("\n"),
    );
    assert.ok(table.includes(`;Reserved;${limits}\n`));
    assert.ok(table.includes(`\n:eC\n${variableKey("C.D")};D;emw;;=${variableKey("A.B")}\n`), table);
    assert.equal(parseTable(table)[1].limits, limits);
    assert.equal(writeTable(parseTable(table)), table);
  });

  it("can be read back", () => {
    assert.deepEqual(parseTable(TABLE), readVariables(SOURCE));
    assert.equal(writeTable(parseTable(TABLE)), TABLE);
  });

  it("of the project, if it is there, can be read back", function () {
    const file = path.join(PROJECT_ROOT, "src/store/variables.txt");
    if (!existsSync(file)) this.skip();
    const source = readFileSync(file, "utf8");
    assert.deepEqual(parseTable(compileVariables(source)), readVariables(source));
  });

  it("of the project fits a settings page with every value at its longest", function () {
    const file = path.join(PROJECT_ROOT, "src/store/variables.txt");
    if (!existsSync(file)) this.skip();
    const records = readVariables(readFileSync(file, "utf8"))
      // A certificate comes with the image, as the default, and is never written.
      .filter((entry) => entry.mutability !== "RO" && variableName(entry) !== "Board.CaCertificate")
      .map((entry) => 8 + longest(entry));
    const sum = records.reduce((all, bytes) => all + bytes, 0);
    assert.ok(sum <= 4088, `${sum} bytes`);
  });

  const refused: readonly [line: string, reason: RegExp][] = [
    ["EVSE.Power | evse | integer", /3 columns/],
    ["Power | evse | integer | 0 | | | RO | | |", /"Power" is not Component.Variable/],
    ["EVSE.Power | all | integer | 0 | | | RO | | |", /scope "all"/],
    ["EVSE.Power | evse | number | 0 | | | RO | | |", /type "number"/],
    ["EVSE.Power | evse | integer | 0 | | | R | | |", /mutability "R"/],
    ["EVSE.Power | evse | integer | 0 | | | RO | x | |", /live "x"/],
    ["EVSE.Power | evse | integer | 5 | 0..4 | | RO | | |", /default "5" of EVSE.Power is outside 0..4/],
    ["EVSE.Power | evse | string | a;b | | | RO | | |", /semicolon/],
    ["A.B | station | OptionList | x | y,z | | RO | | |", /is not one of y,z/],
    ["A.B | station | integer | 1 | | | RO | | |\nA.C | evse | integer | 1 | | | RO | | |", /A has another scope/],
    ["A.B | station | integer | 1 | | | RO | | Key |", /"Key" is not a 1.6 key/],
    ["A.B | station | integer | 1 | | | RO | | Key RO hex |", /"Key RO hex" is not a 1.6 key/],
    [
      "A.B | station | integer | 1 | | | RO | | Key RW |\nA.C | station | integer | 1 | | | RO | | key RO |",
      /the 1.6 key key is there twice/,
    ],
    ["A.B | station | integer | 1 | | | RO | | |\na.b | station | integer | 1 | | | RO | | |", /a.b is there twice/],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${text.replace("\n", " // ")}`, () => {
      const lines = text.split("\n").length;
      assert.throws(
        () => readVariables("# head\n" + text),
        (error: unknown) => error instanceof TableError && error.line === lines + 1 && reason.test(error.reason),
      );
    });
  }

  it("refuses two names with the same key", () => {
    // The upper eight bits of the CRC are not in the key, so equal keys are not hard to find.
    const names = new Map<string, string>();
    for (let index = 0; ; index++) {
      const name = `A.V${index}`;
      const other = names.get(variableKey(name));
      names.set(variableKey(name), name);
      if (other === undefined) continue;
      const line = (variable: string): string => `${variable} | station | integer | 1 | | | RO | | |`;
      assert.throws(() => readVariables(`${line(other)}\n${line(name)}`), /have the same key/);
      return;
    }
  });
});

describe("patched defaults", () => {
  it("are found by readable name in any case and change nothing else", () => {
    const patched = patchDefaults(TABLE, {
      "securityctrlr.identity": "CP7",
      "NetworkConfiguration.OcppCsmsUrl[1]": "ws://127.0.0.1:1/ä",
    });
    assert.equal(findVariable(parseTable(patched), "SecurityCtrlr.Identity")?.default, "CP7");
    assert.ok(patched.includes(";ws://127.0.0.1:1/\xc3\xa4;"), "UTF-8 bytes, one a character");
    assert.equal(patchDefaults(patched, { "SecurityCtrlr.Identity": "CS001", "NetworkConfiguration.OcppCsmsUrl[1]": "" }), TABLE);
  });

  const keyed = compileVariables(
    [
      "L.N | station | integer | 5 | 0..9 | | RW | | Number RW |",
      "L.Entries | station | integer | 0 | 0..40 | | RO | 1 | ListLength RO most |",
      "L.Password | station | string | | 16..40 | | WO | | AuthKey WO hex |",
      "L.Unit | station | MemberList | A,W | A,W | | RO | | Unit RO unit |",
      "L.List | station | MemberList | | A,B,C | | RW | | List RW |",
      "L.Phases | station | string | | | | - | | Phases RW rotation |",
    ].join("\n"),
  );

  const forms: readonly [key: string, value: string, default_: string, limits: string][] = [
    ["number", "7", "7", "0..9"],
    ["ListLength", "12", "0", "0..12"],
    ["AuthKey", "4F43415F4f4354545F61646D696E5F74657374", "OCA_OCTT_admin_test", "16..40"],
    ["Unit", "Power,Current", "W,A", "A,W"],
    ["List", "C, A", "C,A", "A,B,C"],
    ["List", "", "", "A,B,C"],
    ["Phases", "0.RST,1.Unknown", "0.RST,1.Unknown", ""],
  ];
  for (const [key, value, default_, limits] of forms) {
    it(`are found by the key of OCPP 1.6 and given in its form: ${key}=${value}`, () => {
      const entry = parseTable(patchDefaults(keyed, { [key]: value })).find(
        ({ configuration }) => configuration?.key.toLowerCase() === key.toLowerCase(),
      );
      assert.deepEqual([entry?.default, entry?.limits], [default_, limits]);
    });
  }

  const unfit: readonly [key: string, value: string, reason: RegExp][] = [
    ["Number", "10", /The value "10" of Number is outside 0..9\./],
    ["ListLength", "x", /is not an integer\./],
    ["AuthKey", "4F43415F4f4354545F61646D696E5F7465737", /is not 32 to 40 hexadecimal digits/],
    ["AuthKey", "00112233445566778899AABBCCDDEEFF", /control character/],
    ["Unit", "Volt", /holds "Volt"/],
    ["Phases", "1.XYZ", /is not a list of connectors/],
  ];
  for (const [key, value, reason] of unfit)
    it(`refuse ${key}=${value} with one sentence`, () => assert.throws(() => patchDefaults(keyed, { [key]: value }), reason));

  const refused: readonly [name: string, value: string, reason: RegExp][] = [
    ["TxCtrlr.None", "1", /There is no variable TxCtrlr.None\./],
    ["Board.Evses", "9", /The value "9" of Board.Evses is outside 1..8\./],
    ["Board.Evses", "x", /is not an integer\./],
    ["Board.Evses", "", /is not an integer\./],
    ["SecurityCtrlr.Identity", "", /has 0 bytes; the limits are 1..48\./],
    ["SecurityCtrlr.Identity", "a;b", /semicolon/],
    ["TxCtrlr.TxStartPoint", "Authorized,Nothing", /holds "Nothing"/],
    ["TxCtrlr.TxStartPoint", "Authorized,Authorized", /twice/],
  ];
  for (const [name, value, reason] of refused) {
    it(`refuse ${name}=${value} with one sentence`, () => assert.throws(() => patchDefaults(TABLE, { [name]: value }), reason));
  }
});
