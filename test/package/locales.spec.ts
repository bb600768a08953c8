import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { REASON_TEXTS } from "../../src/fields/reason-texts.ts";

const REFERENCE = "en-US";
const LANGUAGES = ["de", "ja", "zh-CN"];
const STATUS_LIMIT = 30;

/** Names, formats and units that are not translated. */
const NAMES = [
  ..."4K API ARN AWS Batch COCO CSV Docker GPU GPUs HD JSON LightlyStudio MobileCLIP KMS Lightly MiB Pexels S3 SSE SSM URL".split(
    " ",
  ),
  ..."Cache Control Content Disposition".split(" "),
  ..."Full HD Label Studio Parameter Store Secrets Manager Lightly Worker Buffer h min px s".split(" "),
];

/** Examples of values: Pexels searches in English, and labels are names. */
const VALUES = ["gpu, fast", "street crossing"];

/** Words that are the same in a language as in English. */
const SAME_WORDS: Readonly<Record<string, readonly string[]>> = {
  de: ["Bucket", "Checkpoint", "Flow", "Format", "Frames", "Image", "Region", "Score", "Server", "Tags", "Video"],
  ja: [],
  "zh-CN": ["ID", "Worker"],
};

const catalogs = globSync(`src/**/locales/${REFERENCE}/*.json`).sort();

describe("the catalogs", () => {
  it("of all languages have an English counterpart and a known language", () => {
    const others = globSync("src/**/locales/*/*.json").filter((path) => !catalogs.includes(path));
    const expected = LANGUAGES.flatMap((language) => catalogs.map((path) => inLanguage(path, language)));
    assert.ok(catalogs.length > 0);
    assert.deepEqual(
      others.filter((path) => !expected.includes(path)),
      [],
    );
  });

  for (const path of catalogs) {
    const english = textsOf(path);

    it(`${basename(path)} has statuses that fit below a node`, () => {
      assert.deepEqual(tooLong(english), []);
    });

    for (const language of LANGUAGES) {
      describe(`${basename(path)} in ${language}`, () => {
        let texts: ReadonlyMap<string, string>;
        const differing = (partsOf: (text: string) => readonly string[]): string[] =>
          [...english].flatMap(([key, text]) => {
            const [wanted, found] = [partsOf(text), partsOf(texts.get(key) ?? "")].map((parts) => parts.join(" "));
            return wanted === found ? [] : [`${key}: ${found} instead of ${wanted}`];
          });
        before(() => {
          texts = textsOf(inLanguage(path, language));
        });

        it("has the same keys", () => {
          assert.deepEqual([...texts.keys()].sort(), [...english.keys()].sort());
        });

        it("has no empty text, and none with surrounding spaces", () => {
          assert.deepEqual(
            [...texts].filter(([, text]) => text === "" || text !== text.trim()),
            [],
          );
        });

        it("has the same placeholders in each text", () => {
          assert.deepEqual(differing(placeholdersOf), []);
        });

        it("has the same tags in each text", () => {
          assert.deepEqual(differing(tagsOf), []);
        });

        it("has statuses that fit below a node", () => {
          assert.deepEqual(tooLong(texts), []);
        });

        it("contains no English except names", () => {
          const same = new Set([...NAMES, ...(SAME_WORDS[language] ?? [])]);
          const left = [...english].filter(
            ([key, text]) =>
              texts.get(key) === text && !VALUES.includes(text) && wordsOf(text).some((word) => !same.has(word)),
          );
          assert.deepEqual(left, []);
        });
      });
    }
  }
});

/** The path of the same catalog in another language. */
function inLanguage(path: string, language: string): string {
  return join(dirname(dirname(path)), language, basename(path));
}

/** All texts of a catalog by their keys, as `lightly-s3-upload.label.bucket`. */
function textsOf(path: string): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (value: unknown, key: string): void => {
    if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        collect(inner, key === "" ? name : `${key}.${name}`);
      }
    } else {
      assert.equal(typeof value, "string", key);
      texts.set(key, String(value));
    }
  };
  collect(JSON.parse(readFileSync(path, "utf8")), "");
  // The English reasons are also those of the runtime's errors.
  if (path.endsWith(join("editor", "locales", REFERENCE, "shared.json"))) {
    collect(REASON_TEXTS, "reason");
  }
  return texts;
}

/** Placeholders of a program, `__name__`, and of a field, `{date}`, `${NAME}`. */
function placeholdersOf(text: string): string[] {
  return (text.match(/__\w+?__|\$?\{\w+\}/g) ?? []).sort();
}

function tagsOf(text: string): string[] {
  return (text.match(/<[^>]+>/g) ?? []).sort();
}

/** Statuses that are longer than the space below a node, with two-digit numbers. */
function tooLong(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([key, text]) =>
    key.includes(".status.") && [...text.replaceAll(/__\w+?__/g, "99")].length > STATUS_LIMIT
      ? [`${key}: ${text}`]
      : [],
  );
}

/** The translatable part of a text: no placeholder, address, number, file name, code, message property or variable name. */
function wordsOf(text: string): string[] {
  const prose = text
    .replaceAll(/__\w+?__|\$?\{\w+\}|<code>.*?<\/code>|<[^>]+>/g, " ")
    .replaceAll(/\b\w+:\/\/\S+|\bmsg(\.\w+)+|\b[A-Z]+(_[A-Z0-9]+)+\b/g, " ");
  return prose.match(/[\p{L}][\p{L}\d]*|\d\p{L}+/gu) ?? [];
}
