/** The linter on device code: the rooms of design and the ban of any. */
import assert from "node:assert/strict";
import { ESLint } from "eslint";
import path from "node:path";
import { PROJECT_ROOT } from "../../tools/build/build-board.ts";

const eslint = new ESLint({ cwd: PROJECT_ROOT });

async function problems(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(PROJECT_ROOT, file) });
  return result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

describe("import rule", function () {
  this.timeout(10_000);

  const refused: readonly [file: string, imported: string, message: string][] = [
    ["src/ocpp201/a.ts", "../ocpp16/core", "src/ocpp201 imports only src/kernel, src/store, src/station, board, not src/ocpp16"],
    ["src/ocpp16/core.ts", "../ocpp201/a", "src/ocpp16 imports only src/kernel, src/store, src/station, board, not src/ocpp201"],
    ["src/station/evse.ts", "../ocpp201/a", "src/station imports only src/kernel, src/store, board, not src/ocpp201"],
    ["src/station/evse.ts", "../ocpp16/core", "src/station imports only src/kernel, src/store, board, not src/ocpp16"],
    ["src/store/page.ts", "../station/evse", "src/store imports only src/kernel, not src/station"],
    ["src/kernel/rpc.ts", "../store/page", "src/kernel imports no other room, not src/store"],
    ["src/kernel/engine/flash.ts", "../../store/page", "src/kernel imports no other room, not src/store"],
    ["src/kernel/rpc.ts", "board", "src/kernel imports no other room, not board"],
    ["src/station/evse.ts", "node:fs", 'the device has no module "node:fs"'],
    ["src/main.ts", "ws", 'the device has no module "ws"'],
    ["boards/sim/board.ts", "node:net", 'the device has no module "node:net"'],
    ["src/main.ts", "../tools/image/storage", "tools is no device code"],
    ["src/main.ts", "../boards/sim/board", 'a board is imported as "board"'],
  ];
  for (const [file, imported, message] of refused) {
    it(`refuses ${imported} in ${file}`, async () =>
      assert.deepEqual(await problems(file, `import "${imported}";\n`), [`device/rooms: ${message}`]));
  }

  it("refuses types and re-exports too", async () => {
    assert.equal(
      (await problems("src/store/page.ts", 'import type { A } from "../station/evse";\nexport let a: A;\n')).length,
      1,
    );
    assert.equal((await problems("src/store/page.ts", 'export { a } from "../station/evse";\n')).length, 1);
    assert.equal((await problems("src/store/page.ts", 'export let a: import("../station/evse").A;\n')).length, 1);
  });

  const allowed: readonly [file: string, imported: string][] = [
    ["src/ocpp201/a.ts", "../station/evse"],
    ["src/ocpp201/a.ts", "../store/page"],
    ["src/station/evse.ts", "../kernel/engine/flash"],
    ["src/station/evse.ts", "board"],
    ["src/kernel/engine/socket.ts", "../connection"],
    ["src/drivers/pilot.ts", "../station/evse"],
    ["src/main.ts", "./ocpp201/a"],
    ["boards/sim/board.ts", "../../src/drivers/pilot"],
    ["tools/sim/main.ts", "node:fs"],
  ];
  for (const [file, imported] of allowed) {
    it(`takes ${imported} in ${file}`, async () => assert.deepEqual(await problems(file, `import "${imported}";\n`), []));
  }
});

describe("lint of device code", () => {
  it("bans any", async () => {
    assert.match((await problems("src/main.ts", "export let a: any;\n")).join(), /no-explicit-any/);
  });
  it("takes require of the engine's modules", async () => {
    assert.deepEqual(await problems("src/main.ts", 'require("Storage");\n'), []);
  });
});
