/**
 * The bundling step of the build alone, for looking at its result: `node --import=tsx node_modules/rollup/dist/bin/rollup -c`
 * writes dist/BOARD/bundle.js, where overlay operations are still ordinary functions. BOARD names the board (default sim), and TWIN set builds it for twins.
 * The whole build is `npm run build`.
 */
import { fileURLToPath } from "node:url";
import { rollupOptions } from "./tools/build/bundle.ts";
import { BuildFailure } from "./tools/build/findings.ts";

/** @type {import("./tools/build/findings.ts").Finding[]} */
const findings = [];
const options = rollupOptions(
  fileURLToPath(new URL(".", import.meta.url)),
  { board: process.env.BOARD ?? "sim", isTwin: !!process.env.TWIN },
  findings,
);

const gate = {
  name: "gate",
  buildEnd() {
    if (findings.length > 0) this.error(new BuildFailure(findings).message);
  },
};

export default { ...options, plugins: [options.plugins, gate] };
