import { deepEqual, equal, ok } from "node:assert/strict";
import { check, type VulnerableDiagnostics } from "recheck";
import { redact } from "../../src/errors/redact.ts";
import { maskSecrets } from "../../src/messages/mask-secrets.ts";
import { copyMessage } from "../../src/messages/safe-copy.ts";
import { secretPattern } from "../../src/services/secret-pattern.ts";
import { leastProcessorMs } from "../support/processor-time.ts";
import { patternsMadeBy, type SourcePattern, sourcePatterns } from "./source-patterns.ts";

/** Modules that create patterns from strings when they are loaded. The suffix makes Node.js load them again. */
const MAKERS: Readonly<Record<string, () => Promise<unknown>>> = {
  "src/errors/redact.ts": () => import(`../../src/errors/redact.ts?again=${Date.now()}`),
  "src/messages/mask-secrets.ts": () => import(`../../src/messages/mask-secrets.ts?again=${Date.now()}`),
};
/** Modules that create a pattern from an argument, each with its call. */
const MADE_OF_ARGUMENTS: readonly SourcePattern[] = [
  { source: "<Account>([^<]*)</Account>", flags: "", where: "src/services/aws/account/query-request.ts" },
  { source: secretPattern('Ab/"&1').source, flags: "g", where: "src/services/secret-pattern.ts" },
];

/** The parts that a hostile text repeats: pieces of every pattern that finds secrets. */
const PIECES = [
  "-eyJ",
  "eyJaaaaaaaaaa.",
  "-",
  "a-",
  "-token",
  "WTOKEN-",
  "TOKENWCP--",
  "token:\t",
  "\t",
  "Basic ",
  '"',
  '"token',
  '"token":',
  "'",
  "cookie: ",
  "'set-cookie': [",
  'password="',
  "TOKEN='",
  "http://",
  "?token",
  "secretAccessKey",
  "-----BEGIN A PRIVATE KEY-----",
  "-----END ",
  "api-key",
  "_",
  '\\"token\\":',
  '["',
  '{"a":',
];
const FULL = 64 * 1024;

/**
 * By default the checker builds automata of up to 35,000 states, which takes most of its time, and searches attacks in ten
 * generations, the first one of up to 500 texts. What a smaller automaton can't judge is judged by the search. It finds each of {@link SLOW} with
 * these limits.
 */
const CHECK = {
  timeout: 60_000,
  randomSeed: 9,
  maxNFASize: 5000,
  maxInitialGenerationSize: 100,
  maxIteration: 3,
} as const;
/** Patterns of the kinds that are in src and take quadratic or exponential time: with alternatives, ignored case, bounds and look-arounds. */
const SLOW: readonly RegExp[] = [
  /\s+$/,
  /(\w+\s?)*:/,
  /(\S+): bad interpreter|The interpreter (\S+), which/g,
  /<title[^>]*>([^<]*)<\/title>/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /((?<!x)(?=[\w-]*(?:token|secret))[\w-]+:[ \t]+)[^\s]+/gi,
  /(?<!\d\.)\d+\.\d+(?=px$)/,
];

/**
 * Whether a text that the checker has generated really takes long. The checker measures the time itself, and on a busy machine it reports
 * fast patterns with look-arounds as slow.
 */
function isSlow(pattern: RegExp, { attack, complexity }: VulnerableDiagnostics): boolean {
  const made = ({ pumps, suffix }: typeof attack, length: number): string => {
    const each = Math.ceil(
      length /
        Math.max(
          1,
          pumps.reduce((sum, { pump }) => sum + pump.length, 0),
        ),
    );
    return pumps.map(({ prefix, pump }) => prefix + pump.repeat(each)).join("") + suffix;
  };
  // Doubled each time, because a pattern that is cubic takes hours for the longest one.
  const lengths = Array.from({ length: 10 }, (_, power) => 256 * 2 ** power);
  // An exponential pattern can't be measured with any length.
  return (
    complexity.type === "exponential" ||
    lengths.some((length) => leastProcessorMs(() => made(attack, length).replace(pattern, ""), 400) >= 400)
  );
}

describe("a regular expression in src", function () {
  // A busy machine gives the checker a tenth of a processor.
  this.timeout(900_000);
  const { literals, made } = sourcePatterns();

  it("is known to this test, even if it is created from a string", async () => {
    ok(literals.length > 100, "the literals are found");
    const known = [...MADE_OF_ARGUMENTS.map(({ where }) => where)];
    for (const [file, load] of Object.entries(MAKERS)) {
      known.push(...(await patternsMadeBy(load, file)).map(({ where }) => where));
    }
    deepEqual(made, known.sort());
  });

  it("takes time in proportion to the text", async () => {
    const patterns = [...literals, ...MADE_OF_ARGUMENTS];
    for (const [file, load] of Object.entries(MAKERS)) {
      patterns.push(...(await patternsMadeBy(load, file)));
    }
    const distinct = new Map(patterns.map((pattern) => [`/${pattern.source}/${pattern.flags}`, pattern]));
    const slow: string[] = [];
    for (const [text, { source, flags, where }] of distinct) {
      const found = await check(source, flags, CHECK);
      if (found.status === "unknown") {
        slow.push(`${where} ${text}: can't be judged`);
      } else if (found.status === "vulnerable" && isSlow(new RegExp(source, flags), found)) {
        slow.push(`${where} ${text}: ${found.complexity.summary} by ${found.attack.pattern}`);
      }
    }
    deepEqual(slow, []);
  });

  it("is detected by this test if it is quadratic", async () => {
    const [source, flags] = ["\\beyJ[\\w-]{10,}\\.", "g"];
    const found = await check(source, flags, CHECK);
    ok(found.status === "vulnerable" && isSlow(new RegExp(source, flags), found));
  });

  for (const { source, flags } of SLOW) {
    it(`is found by the checker if it is as slow as /${source}/${flags}`, async () => {
      equal((await check(source, flags, CHECK)).status, "vulnerable");
    });
  }
});

describe("the search for secrets", () => {
  const filled = (unit: string, length: number): string =>
    unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const units = [
    ...PIECES,
    ...PIECES.flatMap((piece, at) => PIECES.slice(at % 4, at + 6).map((other) => other + piece)),
  ];

  for (const [name, look] of Object.entries({ maskSecrets, redact })) {
    it(`takes ${name} time in proportion to any text of 64 KiB`, () => {
      for (const unit of units) {
        const ms = leastProcessorMs(() => look(filled(unit, FULL)), 400);
        // Quadratic ones took more than 3,000 ms.
        ok(ms < 400, `${JSON.stringify(unit)} took ${Math.round(ms)} ms`);
      }
    });
  }

  const hostile: Readonly<Record<string, unknown>> = {
    "of five thousand names": Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`${filled("-eyJ", 1000)}${i}`, 1]),
    ),
    "of one endless name": { [filled("-eyJ", 4_000_000)]: 1 },
    "of a hundred thousand secrets": Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`token${i}`, i])),
    "of five thousand texts": Array.from({ length: 5000 }, () => filled("WTOKEN-", 10_000)),
    "of five thousand Buffers": Array.from({ length: 5000 }, () => Buffer.from(filled("-eyJ", 1000))),
    "of JSON in JSON in JSON": Array.from({ length: 12 }).reduce<string>(
      (inner) => JSON.stringify([filled("-eyJ", 3000), inner]),
      "[]",
    ),
    "of JSON of thirty thousand levels": "[".repeat(30_000) + "]".repeat(30_000),
  };
  for (const [what, payload] of Object.entries(hostile)) {
    it(`limits time and size of the copy of a message ${what}`, () => {
      const ms = leastProcessorMs(() => copyMessage({ payload }), 1000);
      ok(ms < 1000, `${Math.round(ms)} ms`);
      ok(JSON.stringify(copyMessage({ payload })).length < 400_000);
    });
  }

  it("omits JSON in a text that it can't search completely", () => {
    const inner = JSON.stringify({ tokens: ["t0p-secret"] });
    const wrapped = Array.from({ length: 5 }).reduce<string>((text) => JSON.stringify([text]), inner);
    const deep = `${"[".repeat(40)}${inner}${"]".repeat(40)}`;
    const wide = JSON.stringify([...Array.from({ length: 10_000 }, (_, i) => i), { tokens: ["t0p-secret"] }]);
    for (const payload of [inner, wrapped, deep, wide]) {
      const copy = copyMessage({ payload });
      ok(!JSON.stringify(copy).includes("t0p-secret"), payload.slice(0, 60));
      equal(copy.omitted.length, 1);
    }
  });
});
