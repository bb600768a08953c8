import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Fields } from "../src/fields/field.ts";
import { REASON_TEXTS } from "../src/fields/reason-texts.ts";
import { withFields } from "./help-fields.ts";
import { readFields } from "./read-fields.ts";
import { withRows } from "./shared-rows.ts";

type Texts = Record<string, Record<string, Record<string, string>>>;

/**
 * Returns a catalog or a help text of the package, with the parts that several nodes share. The help gets the texts about fields from the
 * catalog.
 *
 * @param source - the folder `src`
 * @param path - relative to it
 */
export async function localizedFile(source: string, path: string): Promise<string> {
  const language = basename(dirname(path));
  const shared = join(source, "editor", "locales", language);
  const fields = await readFields(join(source, dirname(dirname(dirname(path)))));
  const catalog = await catalogOf(join(source, path.replace(/html$/, "json")), { shared, language, fields });
  const type = basename(path).replace(/\.(json|html)$/, "");
  if (path.endsWith(".json")) {
    const { help: _help, ...rest } = catalog[type] ?? {};
    const { help: _shared, ...common } = catalog["lightly-aws"] ?? {};
    return `${JSON.stringify({ ...catalog, ...(catalog[type] && { [type]: rest }), ...(catalog["lightly-aws"] && { "lightly-aws": common }) }, null, 2)}\n`;
  }
  const html = await withRows(await readFile(join(source, path), "utf8"), shared);
  return fields ? withFields(html, { type, fields, text: (key) => textIn(catalog, key) }) : html;
}

interface CatalogOptions {
  readonly shared: string;
  readonly language: string;
  readonly fields: Fields | undefined;
}

/** Adds the texts that every form needs, if they exist in that language, those of a selection, and the statuses of every step. */
async function catalogOf(path: string, { shared, language, fields }: CatalogOptions): Promise<Texts> {
  const own: Texts = JSON.parse(await readFile(path, "utf8"));
  const texts = await readFile(join(shared, "shared.json"), "utf8").catch(() => undefined);
  if (texts === undefined) {
    return own;
  }
  const { status, ...common } = JSON.parse(texts);
  const type = basename(path, ".json");
  const node = own[type] ?? {};
  return {
    ...own,
    ...(fields?.retries && { [type]: { ...node, status: { ...status, ...node.status } } }),
    "lightly-aws": {
      ...common,
      ...(fields?.strategies && { selection: JSON.parse(await readFile(join(shared, "selection.json"), "utf8")) }),
      ...(language === "en-US" && { reason: REASON_TEXTS }),
    },
  };
}

function textIn(catalog: Texts, key: string): string | undefined {
  const found = key.split(".").reduce<unknown>((at, part) => (Object(at) as Record<string, unknown>)[part], catalog);
  return typeof found === "string" ? found : undefined;
}
