import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join, relative } from "node:path";
import { type Node, parse } from "acorn";
import { full } from "acorn-walk";

/** A regular expression in src/. */
export interface SourcePattern {
  readonly source: string;
  readonly flags: string;
  /** File and line. */
  readonly where: string;
}

/** The regular expressions in the source. */
export interface SourcePatterns {
  readonly literals: readonly SourcePattern[];
  /** Files that create a pattern from a string, once per pattern. */
  readonly made: readonly string[];
}

const ROOT = join(import.meta.dirname, "..", "..");

/** Calls back for each node of the syntax trees of all files in src/, including editor and panel. */
export function walkSources(visit: (node: Node, file: string, line: number) => void): void {
  for (const path of globSync(join(ROOT, "src", "**", "*.ts")).filter((name) => !name.endsWith(".d.ts"))) {
    const file = relative(ROOT, path).replaceAll("\\", "/");
    // Types become spaces, so that line numbers don't change.
    const script = stripTypeScriptTypes(readFileSync(path, "utf8"));
    const tree = parse(script, { ecmaVersion: "latest", sourceType: "module", locations: true });
    full(tree, (node) => visit(node, file, node.loc?.start.line ?? 0));
  }
}

/** All regular expressions of src/. */
export function sourcePatterns(): SourcePatterns {
  const literals: SourcePattern[] = [];
  const made: string[] = [];
  walkSources((node, file, line) => {
    const { type, regex, callee } = node as Node & {
      regex?: { pattern: string; flags: string };
      callee?: { name?: string };
    };
    if (type === "Literal" && regex) {
      literals.push({ source: regex.pattern, flags: regex.flags, where: `${file}:${line}` });
    } else if ((type === "NewExpression" || type === "CallExpression") && callee?.name === "RegExp") {
      made.push(file);
    }
  });
  return { literals, made: made.sort() };
}

/** The regular expressions that a module creates from strings when it is loaded. */
export async function patternsMadeBy(load: () => Promise<unknown>, where: string): Promise<SourcePattern[]> {
  const made: SourcePattern[] = [];
  const Original = globalThis.RegExp;
  globalThis.RegExp = new Proxy(Original, {
    construct(target, [source, flags = ""]: [string, string?]) {
      made.push({ source, flags, where });
      return new target(source, flags);
    },
  });
  try {
    await load();
  } finally {
    globalThis.RegExp = Original;
  }
  return made;
}
