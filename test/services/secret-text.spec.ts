import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { secretText } from "../../src/services/secret-text.ts";
import { leastProcessorMs } from "../support/processor-time.ts";

const SECRETS = [
  "0123456789abcdef0123456789abcdef",
  'odd token/with+signs&"quotes"<é>',
  "back\\slash (and) [brackets] {of} ^every$ kind|.*?",
  randomBytes(48).toString("base64"),
  randomBytes(900).toString("base64"),
  `${randomBytes(60).toString("base64")} with a blank`,
];

const each = (text: string, spell: (code: number) => string): string =>
  text
    .split("")
    .map((unit) => spell(unit.charCodeAt(0)))
    .join("");
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

const SPELLINGS: ReadonlyArray<readonly [string, (secret: string) => string]> = [
  ["as it is", (secret) => secret],
  ["in a URL", encodeURIComponent],
  ["in a URL with small letters", (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  ["in a URL in a URL", (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ["in a form", (secret) => new URLSearchParams({ secret }).toString().slice("secret=".length)],
  ["in JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
  ["in JSON with escaped slashes", (secret) => JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
  ["in JSON escapes", (secret) => each(secret, (code) => `\\u${hex(code, 4)}`)],
  ["in HTML escapes", (secret) => each(secret, (code) => `&#x${hex(code, 2)};`)],
  ["in decimal HTML escapes", (secret) => each(secret, (code) => `&#${code};`)],
  [
    "in HTML",
    (secret) =>
      secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  ],
];

describe("the secrets of an account in a response of its server", () => {
  for (const [index, secret] of SECRETS.entries()) {
    const name = `secret ${index + 1} of ${secret.length} characters`;
    for (const [how, spell] of SPELLINGS) {
      it(`are removed if ${name} is ${how}`, () => {
        const { scrub, clean } = secretText(secret);
        const text = `before "${spell(secret)}" after`;
        assert.equal(scrub(text), 'before "***" after');
        assert.equal(clean(text), 'before "***" after');
      });
    }

    it(`are removed from base64 that depends on ${name} alone`, () => {
      for (const before of ["", "u:", "user:"]) {
        for (const encoding of ["base64", "base64url"] as const) {
          const left = secretText(secret).scrub(Buffer.from(`${before}${secret}`).toString(encoding));
          assert.match(left, /\*\*\*/);
          assert.ok(left.length <= before.length * 2 + 12, left);
        }
      }
    });
  }

  it("are removed from a response without changing signed URLs and similar values", () => {
    const answer = '{"image": "https://bucket/a.png?X-Amz-Signature=0123&token=abc", "name": "0123456789abcdef"}';
    assert.equal(secretText("0123456789abcdef0123456789abcdef").scrub(answer), answer);
    assert.equal(secretText("", "short").scrub("short of it"), "short of it");
  });

  it("are removed fast for any length of secrets and text", () => {
    // Its first character does not occur again: otherwise its beginning, repeated, may contain more of it.
    const secret = `_${randomBytes(4 * 2 ** 20).toString("base64")}`;
    const work = (): void => {
      const { scrub } = secretText(secret, randomBytes(30).toString("hex"));
      assert.equal(scrub(secret.slice(0, 63).repeat(100_000)).length, 6_300_000);
      assert.equal(scrub(`a ${secret} b`), "a *** b");
    };
    assert.ok(leastProcessorMs(work, 5000) < 5000);
  });
});
