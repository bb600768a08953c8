import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type HTMLElement, parse } from "node-html-parser";

const REFERENCE = "en-US";
/** Each language, and a pattern of its sentences. */
const LANGUAGES: Readonly<Record<string, RegExp>> = {
  de: /[äöüß]|\b(der|die|das|den|dem|ein|eine|eines|einen|dieser|dieses|sie|und|oder|ist|mit|im|von|zum|nicht)\b/i,
  ja: /[\u3040-\u30ff]/,
  "zh-CN": /[\u4e00-\u9fff]/,
};

const MAX_WORDS = 400;

const helpTexts = globSync(`dist/nodes/*/locales/${REFERENCE}/*.html`).sort();

describe("the help texts", () => {
  it("exist for each node", () => {
    const nodes = globSync("src/nodes/*/fields.ts").map((path) => `${basename(dirname(path))}.html`);
    assert.deepEqual(helpTexts.map((path) => basename(path)).sort(), nodes.sort());
  });

  it("are short: the form has the details of its fields, and docs/ those of the node", () => {
    const words = (path: string): number => parsed(path).textContent.split(/\s+/).filter(Boolean).length;
    const sources = globSync(`src/nodes/*/locales/${REFERENCE}/*.html`);
    assert.deepEqual(
      sources.filter((path) => words(path) > MAX_WORDS).map((path) => `${path}: ${words(path)} words`),
      [],
    );
  });

  it("are compared in all languages of the package", () => {
    assert.deepEqual([...Object.keys(LANGUAGES), REFERENCE].sort(), readdirSync("src/editor/locales").sort());
  });

  for (const path of helpTexts) {
    for (const [language, ownWords] of Object.entries(LANGUAGES)) {
      describe(`of ${basename(path, ".html")} in ${language}`, () => {
        const [english, other] = [REFERENCE, language].map((name) =>
          join(dirname(dirname(path)), name, basename(path)),
        );
        const both = (read: (help: HTMLElement) => readonly string[]): [string[], string[]] => [
          [...read(parsed(other))],
          [...read(parsed(english))],
        ];

        it("is for the same node", () => {
          assert.equal(nameOf(other), nameOf(english));
        });

        it("has the same elements in the same order, and the same links as the English one", () => {
          assert.deepEqual(...both((help) => help.querySelectorAll("*").map(opening)));
        });

        it("names the same properties and errors", () => {
          const [theirs, ours] = both((help) => help.querySelectorAll("dt").map(nameIn));
          assert.deepEqual(
            theirs.map((name, index) => (isMember(ours[index]) ? name : "")),
            ours.map((name) => (isMember(name) ? name : "")),
          );
        });

        it("shows the same code", () => {
          assert.deepEqual(...both((help) => help.querySelectorAll("code").map((code) => code.textContent)));
        });

        it("is written in that language, sentence by sentence", () => {
          const [theirs, ours] = both((help) =>
            help.querySelectorAll("p, dd, li").map(({ textContent }) => textContent),
          );
          for (const [index, prose] of theirs.entries()) {
            if (isSentence(ours[index] ?? "")) {
              assert.match(prose, ownWords);
            }
          }
        });

        it("names fields and choices like the form", () => {
          const [theirs, ours] = both((help) => help.querySelectorAll("i, dt").map(nameIn));
          const texts = textsOf(path, language);
          for (const [index, name] of [...ours.entries()].filter(([, one]) => !isMember(one))) {
            const keys = [...textsOf(path, REFERENCE)].filter(([, text]) => sameName(text, name)).map(([key]) => key);
            const allowed = keys.map((key) => texts.get(key) ?? "");
            const isNamed = keys.length === 0 || allowed.some((text) => sameName(text, theirs[index] ?? ""));
            assert.ok(isNamed, `${name}: "${theirs[index]}" instead of "${allowed.join('" or "')}"`);
          }
        });
      });
    }
  }
});

function parsed(path = ""): HTMLElement {
  assert.ok(existsSync(path), `${path} is missing`);
  return parse(/<script type="text\/html"[^>]*>([\s\S]*?)<\/script>/.exec(readFileSync(path, "utf8"))?.[1] ?? "");
}

function nameOf(path = ""): string | undefined {
  return /data-help-name="([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1];
}

function opening({ tagName, rawAttrs }: HTMLElement): string {
  return `<${tagName} ${rawAttrs}>`;
}

/** The name in a `dt` or an `i`, without its type. */
function nameIn({ childNodes }: HTMLElement): string {
  return childNodes[0]?.textContent.trim() ?? "";
}

/** Whether a name is that of a property or an error, which is not translated, and not that of a field of the form. */
function isMember(name = ""): boolean {
  return /^[a-z]\w*$|^[A-Z0-9]+(_[A-Z0-9]+)*$/.test(name);
}

function isSentence(text: string): boolean {
  return text.split(/\s+/).length > 6;
}

/** The texts of a node's form by their keys. */
function textsOf(help: string, language: string): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (value: unknown, key: string): void => {
    for (const [name, inner] of Object.entries(value as Record<string, unknown>)) {
      if (typeof inner === "string") {
        texts.set(`${key}.${name}`, inner);
      } else {
        collect(inner, `${key}.${name}`);
      }
    }
  };
  const path = join(dirname(dirname(help)), language, basename(help).replace(/html$/, "json"));
  collect(JSON.parse(readFileSync(path, "utf8")), "");
  return texts;
}

/** The first letter of a field's name may be upper or lower case in a sentence. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
