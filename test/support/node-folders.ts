import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { NodeAPI } from "node-red";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { Fields } from "../../src/fields/field.ts";

const NODES = join(PACKAGE_ROOT, "src", "nodes");
const load = createRequire(import.meta.url);

/** The folder of each node, which is also its type. A folder with a table of fields is a node. */
export function nodeFolders(): string[] {
  return globSync("*/fields.ts", { cwd: NODES })
    .map((path) => basename(dirname(path)))
    .sort();
}

/** Returns the function that registers a node, as Node-RED loads it. */
export function nodeIn(folder: string): (red: NodeAPI) => void {
  return load(join(NODES, folder, `${folder}.ts`)).default;
}

/** Returns the table of a node's fields. */
export function fieldsIn(folder: string): Fields {
  return load(join(NODES, folder, "fields.ts")).fields;
}
