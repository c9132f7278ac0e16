/** Names of members in the sources, numbers in the image. */
import assert from "node:assert/strict";
import { memberCode } from "../../tools/build/name-codes.ts";
import { program, reasons, removeProjects } from "./project.ts";
import { runInNode } from "./run-image.ts";

const JSON_TS =
  "type MemberName = string & { readonly __member?: never };\ndeclare function memberCode(name: string): MemberName;\n" +
  "export function member(p: number, name: MemberName): string {\n  return `${p},${name}`;\n}\n" +
  "export function code(name: string): MemberName {\n  return memberCode(name);\n}\n";
const MAIN = 'import { code, member } from "./kernel/json";\nprint(code("evseId") === code("idToken"));\n';

describe("names of members", () => {
  after(removeProjects);

  it("are numbers wherever they can reach the search", async () => {
    const main =
      'import { member } from "./kernel/json";\nfunction number(p: number, name: string): string {\n  return "n" + member(p, name);\n}\n' +
      'print(member(1, "evseId"));\nprint(number(2, parseInt("1") ? "idToken" : "type"));\nprint(number(3, "evseId"));\n';
    const build = await program(main, { "src/kernel/json.ts": JSON_TS });
    assert.deepEqual(await runInNode(build.storage), [
      `1,${memberCode("evseId")}`,
      `n2,${memberCode("idToken")}`,
      `n3,${memberCode("evseId")}`,
    ]);
  });

  it("are found by their CRC", async () => {
    const build = await program(`${MAIN}print(member(1, "evseId"));\n`, { "src/kernel/json.ts": JSON_TS });
    assert.match(build.kernel, /32767&E\.CRC32/);
  });

  it("have to be those of a message, and literals", async () => {
    const main =
      'import { member } from "./kernel/json";\nprint(member(1, "evseld"));\nlet name = "evseId";\nname += "x";\nprint(member(1, name));\nconst f: unknown = member;\nprint(f === 1);\n';
    assert.deepEqual(await reasons(main, { "src/kernel/json.ts": JSON_TS }), [
      "src/main.ts:2: no message has a member evseld",
      "src/main.ts:5: a member is named by a literal",
      "src/main.ts:6: member takes the name of a member and can only be called",
    ]);
  });

  it("are not written into an answer", async () => {
    const main =
      'import { member } from "./kernel/json";\nfunction number(p: number, name: string): string {\n  return name + member(p, name);\n}\n' +
      'print(number(3, "evseId"));\nprint(number(4, "idToken"));\n';
    assert.deepEqual(await reasons(main, { "src/kernel/json.ts": JSON_TS }), [
      "src/main.ts:3: the name that number takes is a number on the device and good for nothing but member",
    ]);
  });

  it("of actions are numbers in the dispatch of a protocol", async () => {
    const dispatch = (last: string): string =>
      'import { member } from "../kernel/json";\nexport function request(action: string): string {\n' +
      `  return action === "Reset" ? member(1, "evseId") : action !== "${last}" ? "2" : "3";\n}\n`;
    const main = 'import { request } from "./ocpp201/dispatch";\nprint(request(`${parseInt("5")}`) + request("x"));\n';
    const build = await program(main, { "src/kernel/json.ts": JSON_TS, "src/ocpp201/dispatch.ts": dispatch("GetLog") });
    for (const action of ["Reset", "GetLog"]) assert.ok(build.kernel.includes(String(memberCode(action))), build.kernel);
    assert.deepEqual(await reasons(main, { "src/kernel/json.ts": JSON_TS, "src/ocpp201/dispatch.ts": dispatch("GetLogs") }), [
      "src/ocpp201/dispatch.ts:3: there is no action GetLogs",
    ]);
  });
});
