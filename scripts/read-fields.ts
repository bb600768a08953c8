import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fields } from "../src/fields/field.ts";

/** The table of fields in a node's folder; undefined if it has none. */
export async function readFields(folder: string): Promise<Fields | undefined> {
  const path = join(folder, "fields.ts");
  if (!existsSync(path)) {
    return undefined;
  }
  const { fields } = (await import(pathToFileURL(path).href)) as { fields: Fields };
  return fields;
}
