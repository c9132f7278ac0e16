/** A board's engine file stands in for the one of the kernel, so it has to export the same things. */
import path from "node:path";
import ts from "typescript";
import { layersOf } from "./boards.ts";
import type { GateContext } from "./source-gate.ts";

export function checkEngineFiles(program: ts.Program, { root, target, findings }: GateContext): void {
  const checker = program.getTypeChecker();
  const rooms = layersOf(target).map((layer) => `boards/${layer}/engine/`);
  for (const file of program.getSourceFiles()) {
    const name = path.relative(root, file.fileName).split(path.sep).join("/");
    const own = rooms.find((room) => name.startsWith(room));
    const original = own && program.getSourceFile(path.join(root, "src/kernel/engine", name.slice(own.length)));
    if (!original) continue;
    const exports = new Map(exportsOf(checker, file).map((symbol) => [symbol.name, symbol]));
    for (const wanted of exportsOf(checker, original)) {
      const found = exports.get(wanted.name);
      const declaration = found?.declarations?.[0];
      const line = declaration ? file.getLineAndCharacterOfPosition(declaration.getStart(file)).line + 1 : 1;
      if (!found)
        findings.push({
          file: name,
          line,
          reason: `does not export ${wanted.name} as src/kernel/engine/${name.slice(own.length)} does`,
        });
      else if (!fits(checker, found, wanted))
        findings.push({
          file: name,
          line,
          reason: `${wanted.name} has not the type that it has in src/kernel/engine/${name.slice(own.length)}`,
        });
    }
  }
}

/** Functions and values; types leave no code. */
function exportsOf(checker: ts.TypeChecker, file: ts.SourceFile): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(file);
  const isValue = (symbol: ts.Symbol): boolean => (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) !== 0;
  const target = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return module ? checker.getExportsOfModule(module).map(target).filter(isValue) : [];
}

function fits(checker: ts.TypeChecker, found: ts.Symbol, wanted: ts.Symbol): boolean {
  return checker.isTypeAssignableTo(checker.getTypeOfSymbol(found), checker.getTypeOfSymbol(wanted));
}
