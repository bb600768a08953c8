import { deepEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";

/** Words in italics that name no part of a form. */
const OTHER_WORDS = new Set([
  ...["the profile", "worker run", "broadcast", "active", "released", "token", "file", "stop", "terminate"],
  ...["delegated access", "running on-demand g and vt instances", "explicit deny", "run the pipeline"],
]);

/** The texts of all catalogs and palette labels, without units and explanations in parentheses. */
const known = new Set(
  [
    ...globSync("src/**/locales/en-US/*.json").flatMap((path) => textsOf(JSON.parse(readFileSync(path, "utf8")))),
    ...globSync("src/nodes/*/*.editor.ts").map(
      (path) => /paletteLabel: "([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1],
    ),
  ].flatMap((text = "") => [text.toLowerCase(), text.toLowerCase().replace(/ \([^()]+\)$/, "")]),
);

function textsOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(textsOf);
}

describe("the words of forms", () => {
  it("are the same in the documentation, in italics", () => {
    const pages = ["README.md", "CHANGELOG.md", ...globSync("docs/*.md")];
    const named = pages.flatMap((page) => {
      const prose = readFileSync(page, "utf8").replaceAll(/```[\s\S]*?```|`[^`\n]*`|\*\*[^*]+\*\*/g, "");
      const italics = [...prose.matchAll(/(?<![*\w])\*(\w[^*\n]*(?:\n[^*\n]+)?)\*(?![*\w])/g)];
      return italics.map(([, words = ""]) => [page, words.replaceAll(/\s+/g, " ").toLowerCase()] as const);
    });
    ok(named.length > 20);
    deepEqual(
      named.filter(([, words]) => !known.has(words) && !OTHER_WORDS.has(words)),
      [],
    );
  });

  it("are the same in the advice of errors, in quotes", () => {
    const quoted = /(?:[Cc]lear|[Cc]heck|[Ss]et|[Cc]hoose|for|under|field|the) "([A-Z][a-z][A-Za-z -]*)"/g;
    const named = globSync("src/{instances,journal,nodes,runs,services}/**/*.ts").flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(quoted)].map(([, words = ""]) => [path, words] as const),
    );
    ok(named.length > 5);
    deepEqual(
      named.filter(([, words]) => !known.has(words.toLowerCase())),
      [],
    );
  });
});
