import { deepEqual } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = [
  ...readdirSync(join("src", "sidebar")).map((name) => join("src", "sidebar", name)),
  join("src", "plugins", "runs", "lightly-aws-runs.editor.ts"),
];
const CATALOGUE = join("src", "plugins", "runs", "locales", "en-US", "lightly-aws-runs.json");

describe("the texts of the Runs panel", () => {
  const known = keysOf(JSON.parse(readFileSync(CATALOGUE, "utf8")));
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
