import { deepEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const PAGE = readFileSync("docs/architecture.md", "utf8");

/** The folders of each layer in the diagram, such as `L[src/polling, src/concurrency<br>waits, limits]`. */
const layers = new Map(
  [...PAGE.matchAll(/^ +([A-Z])\[([^<\]]+)/gm)].map(([, layer = "", folders = ""]) => [layer, folders.split(", ")]),
);
/** The solid arrows of the diagram, such as `N --> H --> R`. */
const arrows = [...PAGE.matchAll(/^ +[A-Z](?: --(?: [a-z ]+ --)?> [A-Z]+)+$/gm)].flatMap(([line]) => {
  const names = line.trim().split(/ --(?: [a-z ]+ --)?> /);
  return names.slice(1).map((to, index) => [names[index] ?? "", to] as const);
});

/** Whether arrows lead from a layer to another. */
function leads(from: string, to: string): boolean {
  return from === to || arrows.some(([start, end]) => start === from && leads(end, to));
}

/** The layer of a file: the editor half of a node belongs to the editor, its table of fields to the fields. */
function layerOf(path: string): string {
  const file = path
    .replace(/^src\/nodes\/.*\.editor\.ts$/, "src/editor/")
    .replace(/^src\/plugins\/.*\.editor\.ts$/, "src/sidebar/")
    .replace(/^src\/nodes\/[^/]+\/fields\.ts$/, "src/fields/");
  const matches = [...layers].filter(([, folders]) => folders.some((folder) => file.startsWith(`${folder}/`)));
  // The longest: `src/nodes/shared` instead of `src/nodes`.
  return matches.sort(([, [one = ""]], [, [other = ""]]) => other.length - one.length)[0]?.[0] ?? `? ${path}`;
}

/** The files that a file imports at run time. */
function importsOf(path: string): string[] {
  const code = readFileSync(path, "utf8");
  return [...code.matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm)].map(
    ([, whole, lazy]) => normalize(join(dirname(path), whole ?? lazy ?? "")),
  );
}

/** An import of a value. A list in which each name is a type would import the module nevertheless. */
const IMPORTS_SDK =
  /^(?:import|export) (?!type )[^;]*?"@(?:aws-sdk|smithy)\/|(?<!typeof )\bimport\("@(?:aws-sdk|smithy)\//m;

describe("the diagram of the architecture", () => {
  const files = globSync("src/**/*.ts").map((path) => path.replaceAll("\\", "/"));

  it("has a layer for every file", () => {
    deepEqual(
      files.map(layerOf).filter((layer) => layer.startsWith("?")),
      [],
    );
  });

  it("has no circle, and an arrow for every import between layers", () => {
    ok(arrows.length > 10);
    deepEqual(
      arrows.filter(([from, to]) => leads(to, from)),
      [],
    );
    const missing = files.flatMap((path) =>
      importsOf(path)
        .filter((other) => other.startsWith("src/") && !leads(layerOf(path), layerOf(other)))
        .map((other) => `${path} -> ${other}`),
    );
    deepEqual(missing, []);
  });

  it("has the AWS SDK below src/sdk only, apart from types", () => {
    const importing = files.filter((path) => IMPORTS_SDK.test(readFileSync(path, "utf8")));
    ok(importing.length > 5);
    deepEqual(
      importing.filter((path) => layerOf(path) !== "W"),
      [],
    );
  });
});
