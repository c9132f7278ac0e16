/**
 * ESLint rule: which room of the device code may import which. `ocpp201` and `ocpp16` never import each other, `station`
 * imports neither, `store` only the kernel, the kernel only itself, and nothing on the device imports Node or a package.
 */
import path from "node:path";

/** What each room may import besides itself. `board` is the module of the board that is built for. */
const ROOMS = {
  "src/kernel": [],
  "src/store": ["src/kernel"],
  "src/station": ["src/kernel", "src/store", "board"],
  "src/ocpp201": ["src/kernel", "src/store", "src/station", "board"],
  "src/ocpp16": ["src/kernel", "src/store", "src/station", "board"],
  "src/drivers": ["src/kernel", "src/store", "src/station"],
  // The twins of the other boards' hardware stand on the board of the simulator.
  "boards/twin": ["src/kernel", "src/store", "src/station", "src", "board", "boards/sim"],
  "src/setup": ["src/kernel", "src/store", "src/station", "src/ocpp201", "src/drivers", "board"],
};

/** @param {string} file relative to the project */
function roomOf(file) {
  const parts = file.split("/");
  if (parts[0] === "boards") return `boards/${parts[1]}`;
  return parts[0] === "src" && parts.length > 2 ? `src/${parts[1]}` : parts[0];
}

/**
 * @param {string} from importing file, relative to the project
 * @param {string} name as imported
 * @returns {string | undefined} what is wrong
 */
export function importProblem(from, name) {
  const room = roomOf(from);
  if (!name.startsWith(".") && name !== "board") return `the device has no module "${name}"`;
  const target = name === "board" ? name : roomOf(path.posix.normalize(path.posix.join(path.posix.dirname(from), name)));
  if (target === room) return undefined;
  if (target !== "board" && !target.startsWith("src") && !target.startsWith("boards/")) return `${target} is no device code`;
  if (target.startsWith("boards/") && room !== "boards/twin") return `a board is imported as "board"`;
  const allowed = ROOMS[room];
  // The files of src itself and a board join the rooms.
  if (allowed === undefined || allowed.includes(target)) return undefined;
  return `${room} imports ${allowed.length > 0 ? `only ${allowed.join(", ")}` : "no other room"}, not ${target}`;
}

/** @type {import("eslint").Rule.RuleModule} */
export const rooms = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const from = path.relative(context.cwd, context.filename).split(path.sep).join("/");
    const check = (node) => {
      const problem = node.source && importProblem(from, node.source.value);
      if (problem) context.report({ node, message: problem });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: (node) => check({ ...node, source: node.argument?.literal ?? node.source }),
    };
  },
};
