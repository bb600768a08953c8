import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../src/errors/error-codes.ts";

const SOURCES = [...globSync("src/sidebar/**/*.ts"), join("src", "plugins", "runs", "lightly-aws-runs.editor.ts")];
const CATALOGUE = join("src", "plugins", "runs", "locales", "en-US", "lightly-aws-runs.json");

describe("the texts of the Runs panel", () => {
  const catalogue = JSON.parse(readFileSync(CATALOGUE, "utf8"));
  const known = keysOf(catalogue);
  const source = SOURCES.map((path) => readFileSync(path, "utf8")).join("\n");
  /** Whole keys in quotes; `state.${state}` asks for all keys with that beginning. */
  const asked = [...source.matchAll(/"([a-zA-Z]+(?:\.[a-zA-Z]+)?)"/g)].map(([, key]) => key ?? "");
  const beginnings = [...source.matchAll(/`([a-z]+\.)\$\{/g)].map(([, beginning]) => beginning ?? "");

  it("are all in the catalogue", () => {
    const literal = [...source.matchAll(/\btext\(\s*"([^"]+)"/g)].map(([, key]) => key ?? "");
    deepEqual(
      literal.filter((key) => !known.includes(key)),
      [],
    );
    deepEqual(
      beginnings.filter((beginning) => !known.some((key) => key.startsWith(beginning))),
      [],
    );
  });

  it("say what each error code means, word for word as the code's own list does", () => {
    deepEqual(catalogue.errors, { ...ERROR_CODES });
  });

  it("are all used", () => {
    deepEqual(
      known.filter((key) => !asked.includes(key) && !beginnings.some((beginning) => key.startsWith(beginning))),
      [],
    );
  });
});

function keysOf(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? [path + key] : keysOf(inner as object, `${path}${key}.`),
  );
}
