/** The schema text of the device against the official schemas that it was made from. */
import assert from "node:assert/strict";
import { compileSchemas, officialSchemas } from "../../tools/build/schemas.ts";
import { readActions } from "../../tools/build/tables.ts";
import { TableError } from "../../tools/image/variables.ts";

type Schema = NonNullable<ReturnType<ReturnType<typeof officialSchemas>["get"]>>;

/** Walks schema and text together. */
class Comparison {
  constructor(
    private readonly text: string,
    private readonly definitions: Record<string, Schema>,
  ) {}

  private line(head: string): string {
    const at = this.text.indexOf("\n" + head);
    assert.ok(at >= 0, `no line ${head}`);
    assert.equal(this.text.indexOf("\n" + head, at + 1), -1, `two lines ${head}`);
    return this.text.slice(at + 1 + head.length, this.text.indexOf("\n", at + 1));
  }

  object(name: string, schema: Schema): void {
    const fields = this.line(name + "{").split(";");
    const required = (schema.required ?? []).filter((field) => field !== "customData");
    const names = Object.keys(schema.properties ?? {}).filter((field) => field !== "customData");
    assert.equal(parseInt(fields[0], 36), required.length);
    assert.equal(fields.pop(), "");
    assert.deepEqual(
      fields.slice(1).map((field) => field.split(":")[0]),
      names,
    );
    for (const field of fields.slice(1)) {
      const [fieldName, rest] = field.split(":");
      const index = required.indexOf(fieldName);
      assert.equal(rest[0], index < 0 ? "-" : index.toString(36), fieldName);
      this.type(rest.slice(1), schema.properties![fieldName]);
    }
  }

  type(type: string, written: Schema): void {
    const schema = written.$ref ? this.definitions[written.$ref.replace("#/definitions/", "")] : written;
    if (schema.enum) assert.equal(this.line(`=${type.slice(1)}`), `,${schema.enum.join(",")},`);
    else if (schema.type === "object") this.object(type.slice(1), schema);
    else if (schema.type === "array") {
      const [, min, max, element] = /^a(\d+),(\d*),(.*)$/.exec(type)!;
      assert.deepEqual([Number(min), max], [schema.minItems ?? 0, String(schema.maxItems ?? "")]);
      this.type(element, schema.items!);
    } else if (schema.type === "integer") {
      const limits =
        schema.minimum === undefined && schema.maximum === undefined ? "" : `${schema.minimum ?? ""},${schema.maximum ?? ""}`;
      assert.equal(type, "i" + limits);
    } else if (schema.format === "date-time") assert.equal(type, "d");
    else if (schema.multipleOf) assert.deepEqual([type, schema.multipleOf], ["n1", 0.1]);
    else assert.equal(type, { string: `s${schema.maxLength ?? ""}`, number: "n", boolean: "b", "": "*" }[schema.type ?? ""]);
  }
}

describe("schema text", () => {
  const official = officialSchemas();

  it("starts from the 64 requests and 64 responses of OCPP 2.0.1", () => {
    assert.equal(official.size, 128);
    for (const name of [...official.keys()].filter((name) => !name.endsWith("Response")))
      assert.ok(official.has(name + "Response"), name);
    // The validator knows customData by itself: everywhere the same.
    const custom = [...official.values()].map((schema) =>
      JSON.stringify(schema.definitions?.["CustomDataType"], ["type", "properties", "vendorId", "maxLength", "required"]),
    );
    assert.deepEqual(
      new Set(custom),
      new Set(['{"type":"object","properties":{"vendorId":{"type":"string","maxLength":255}},"required":["vendorId"]}']),
    );
  });

  it("says for every message what its schema says", () => {
    const text = compileSchemas([...official.keys()]);
    for (const [name, schema] of official) new Comparison(text, schema.definitions ?? {}).object(name, schema);
  });

  it("holds only what the messages asked for need", () => {
    assert.equal(compileSchemas(["Reset"]), "\nReset{1;type:0eA;evseId:-i;\n=A,Immediate,OnIdle,\n#");
    assert.equal(compileSchemas(["DataTransfer"]), "\nDataTransfer{1;messageId:-s50;data:-*;vendorId:0s255;\n#");
  });

  it("shares equal types of different messages", () => {
    const text = compileSchemas(["GetVariables", "SetVariables"]);
    assert.equal(text.match(/Actual,Target,MinSet,MaxSet/g)?.length, 1);
  });

  it("says for every message of OCPP 1.6 what its schema says", () => {
    const messages = officialSchemas("1.6");
    const text = compileSchemas([...messages.keys()], messages);
    for (const [name, schema] of messages) new Comparison(text, schema.definitions ?? {}).object(name, schema);
  });

  it("refuses a message that is none", () => {
    assert.throws(() => compileSchemas(["Restart"]), /Restart is no message of OCPP/);
  });
});

describe("list of actions", () => {
  it("tells what is offered from what is known", () => {
    assert.deepEqual(readActions("# c\nReset offered\nClearCache known\nBootNotificationResponse\n"), {
      offered: ["Reset", "BootNotificationResponse"],
      known: ["ClearCache"],
      errors: [],
    });
  });
  const refused: readonly [text: string, reason: RegExp][] = [
    ["Restart offered", /Restart is no message/],
    ["Reset", /an action is offered or known/],
    ["Reset maybe", /followed by "maybe"/],
    ["Reset offered\nReset known", /Reset is there twice/],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${text.replace("\n", ", ")}`, () =>
      assert.throws(
        () => readActions(text),
        (error: unknown) => error instanceof TableError && error.line === text.split("\n").length && reason.test(error.reason),
      ));
  }
});
