/** Linter: recommended rules, and for device code the import rule between its rooms. */
import tseslint from "typescript-eslint";
import { rooms } from "./tools/build/rooms-rule.js";

export default tseslint.config(
  // The last one is a program for the engine, in its own JavaScript.
  { ignores: ["dist/", "coverage/", "test/build/fixture/", "test/sim/firmware.js"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-control-regex": "off",
    },
  },
  {
    files: ["src/**/*.ts", "boards/**/*.ts"],
    plugins: { device: { rules: { rooms } } },
    rules: {
      "device/rooms": "error",
      // `require` reaches the modules of the engine.
      "@typescript-eslint/no-require-imports": "off",
    },
  },
);
