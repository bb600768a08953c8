import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";
import { COUNT_KEYS, DOING_KEYS } from "../../src/records/progress.ts";

const SOURCES = [...globSync("src/sidebar/**/*.ts"), join("src", "plugins", "lightly-aws", "lightly-aws.editor.ts")];
const CATALOGUE = join("src", "plugins", "lightly-aws", "locales", "en-US", "lightly-aws.json");

describe("the texts of the Runs panel", () => {
  const catalog = JSON.parse(readFileSync(CATALOGUE, "utf8"));
  const known = keysOf(catalog);
  const source = SOURCES.map(readSource).join("\n");
  /** Whole keys in quotes; `state.${state}` uses all keys with that prefix. */
  const used = [...source.matchAll(/"([a-zA-Z]+(?:\.[a-zA-Z]+)?)"/g)].map(([, key]) => key ?? "");
  const prefixes = [...source.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, prefix]) => prefix ?? "");

  it("are all in the catalog", () => {
    const literal = [...source.matchAll(/\btext\(\s*"([^"]+)"/g)].map(([, key]) => key ?? "");
    deepEqual(
      literal.filter((key) => !known.includes(key)),
      [],
    );
    deepEqual(
      prefixes.filter((prefix) => !known.some((key) => key.startsWith(prefix))),
      [],
    );
  });

  it("exist for all that steps do, and for all that they count", () => {
    const named = [...DOING_KEYS.map((key) => `doing.${key}`), ...COUNT_KEYS.map((key) => `counts.${key}`)];
    deepEqual(
      named.filter((key) => !known.includes(key)),
      [],
    );
  });

  it("explain each error code with the text of the list of codes", () => {
    deepEqual(catalog.errors, { ...ERROR_CODES });
  });

  it("are all used", () => {
    deepEqual(
      known.filter((key) => !used.includes(key) && !prefixes.some((prefix) => key.startsWith(prefix))),
      [],
    );
  });
});

/** The check of a flow has its texts under `check`, and looks them up without it. */
function readSource(path: string): string {
  const source = readFileSync(path, "utf8");
  return /[\\/]check[\\/]/.test(path) ? source.replaceAll(/\btext\(\s*(["`])/g, "text($1check.") : source;
}

function keysOf(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? [path + key] : keysOf(inner as object, `${path}${key}.`),
  );
}
