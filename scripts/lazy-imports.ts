/** A module of this package that a compiled module requires. */
const REQUIRE = /^(?:const|var) (\w+_ts_\d+) = require\("(\.[^"]+)"\);$/gm;

/**
 * Makes a compiled module load each of its imports of this package where it uses it for the first time, and not at its own start: Node-RED
 * loads all nodes at its start, including those that no flow contains. Modules of the package have no effects when they are loaded, so that only
 * the time changes.
 *
 * @param code - as TypeScript emits it: an import is a variable of its own, and each use of it names that variable
 */
export function lazyImports(code: string): string {
  const names: string[] = [];
  const declared = code.replaceAll(REQUIRE, (_line, name: string, path: string) => {
    names.push(name);
    return `let ${name}_; const ${name}$ = () => (${name}_ ??= require("${path}"));`;
  });
  // In parentheses because of `new`, which would take the call for its own.
  return names.reduce(
    (text, name) => text.replaceAll(new RegExp(`\\b${name}\\b(?!\\$)`, "g"), `(${name}$())`),
    declared,
  );
}
