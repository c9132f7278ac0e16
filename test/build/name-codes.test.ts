/** Names of messages, members and values as parts of their CRC-32. */
import assert from "node:assert/strict";
import { codeList, codeSchemas, memberCode, nameCode } from "../../tools/build/name-codes.ts";
import { compileSchemas, officialSchemas } from "../../tools/build/schemas.ts";

describe("codes of names", () => {
  it("are 15 bits of the CRC-32 as a number, and 21 bits in bytes that no other text of a table has", () => {
    assert.equal(memberCode("evseId"), 0x7d91);
    assert.match(nameCode("evseId"), /^[\x80-\xff]{3}$/);
    const bits = [...nameCode("evseId")].reduce((sum, byte, index) => sum | ((byte.charCodeAt(0) & 127) << (7 * index)), 0);
    assert.equal(bits & 0x7fff, memberCode("evseId"));
  });

  it("take the place of the names in the schema text, whatever the types are", () => {
    const [reset, type, evse, immediate, onIdle] = ["Reset", "type", "evseId", "Immediate", "OnIdle"].map(nameCode);
    assert.equal(
      codeSchemas(compileSchemas(["Reset"]), ["Reset"]),
      `\n${reset}{1${type}0eA;${evse}-i;\n=A,${immediate}${onIdle}\n#`,
    );
    assert.equal(codeSchemas("\nC!{1;vendorId:0s255;*\n#", []), `\nC!{1${nameCode("vendorId")}0s255;*\n#`);
  });

  it("tell all names of OCPP 2.0.1 apart that stand side by side", () => {
    const messages = [...officialSchemas().keys()];
    assert.ok(codeSchemas(compileSchemas(messages), messages).length > 5000);
    assert.equal(codeList(messages).length, 3 * messages.length);
  });

  it("refuse two that are the same", () => {
    assert.throws(() => codeList(["GetLog", "Reset", "GetLog"]), /Two of GetLog, Reset, GetLog have the same code/);
  });
});
