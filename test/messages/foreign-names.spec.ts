import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { readRunLines } from "../../src/journal/run-lines.ts";
import { areOmittedParts } from "../../src/messages/omitted-parts.ts";
import { restoreMessage } from "../../src/messages/restore-message.ts";
import { copyMessage, type SafeCopy } from "../../src/messages/safe-copy.ts";
import { builtInMembers } from "./built-ins.ts";

/** The same examples each time; `numRuns` limits the test. */
const RUNS = { seed: 9, numRuns: 400 };

const NASTY = [
  "__proto__",
  "constructor",
  "prototype",
  "__proto__.polluted",
  "constructor.prototype.polluted",
  "toString",
  "hasOwnProperty",
  "length",
  "0",
  "3",
  "",
  ".",
  "a.b",
  "a",
  "b",
  "token",
  "req",
  "type",
  "data",
];
const names = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);
const leaves = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("https://x/?token=t0p", "Bearer abcdefgh", '{"token":["t0p"]}', "x".repeat(30_000), "***"),
);
/** A body from a JSON parser: `__proto__` is an own member. */
const { tree: bodies } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaves,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc
      .array(fc.tuple(names, tie("tree")), { maxLength: 6 })
      .map((members) => Object.fromEntries(members) as Record<string, unknown>),
  ),
}));
const messages = fc.record({ _msgid: fc.constant("m"), payload: bodies, topic: bodies });
const paths = fc.array(names, { maxLength: 5 });
const leftOuts = fc.array(fc.record({ path: paths, why: fc.constantFrom("secret", "too large", "and more") }), {
  maxLength: 8,
});

function throughFile(copy: SafeCopy): SafeCopy {
  return JSON.parse(JSON.stringify(copy)) as SafeCopy;
}

/**
 * Whether everything that was restored is part of the message. An omitted item of an array is null if its path can't be followed, and the
 * JSON form of a Buffer becomes a Buffer.
 */
function isOf(restored: unknown, original: unknown): boolean {
  if (typeof restored !== "object" || restored === null || Buffer.isBuffer(restored)) {
    return Buffer.isBuffer(restored) || Object.is(restored, original);
  }
  return Object.entries(restored).every(([name, member]) => {
    const isThere = Object.hasOwn(original as object, name);
    const isLeftOutItem = Array.isArray(restored) && member === null;
    return isThere && (isLeftOutItem || isOf(member, Reflect.get(original as object, name)));
  });
}

describe("the names in an untrusted message", () => {
  let before: string[];

  beforeEach(() => {
    before = builtInMembers();
  });
  afterEach(() => {
    deepEqual(builtInMembers(), before, "a built-in object has changed");
  });

  it("reach no built-in object when it is copied and restored, with the live message or without", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const copy = throughFile(copyMessage(message));
        for (const restored of [restoreMessage(copy, message), restoreMessage(copy)]) {
          deepEqual(builtInMembers(), before);
          equal(Object.getPrototypeOf(restored), Object.prototype, "the flow gets an ordinary object");
          ok(isOf(restored, message), "each member is one of the message");
        }
      }),
      RUNS,
    );
  });

  it("reach none if another program has written the journal's file", () => {
    fc.assert(
      fc.property(messages, leftOuts, bodies, (value, omitted, live) => {
        ok(areOmittedParts(omitted));
        for (const source of [live, value, undefined]) {
          restoreMessage({ value, omitted }, source);
          deepEqual(builtInMembers(), before);
        }
      }),
      RUNS,
    );
  });

  it("reach none through a parsed file with any members", () => {
    const step = { stepId: "r/1", nodeId: "n", type: "t", name: "s", startedAt: 1, state: "failed", alwaysRuns: false };
    fc.assert(
      fc.property(bodies, bodies, bodies, (message, omitted, later) => {
        const steps = [{ ...step, message, omitted }];
        const content = readRunLines(JSON.stringify({ version: 1, runId: "r", startedAt: 1, steps, later }));
        for (const kept of "run" in content ? content.run.steps : []) {
          restoreMessage({ value: kept.message, omitted: kept.omitted ?? [] });
        }
        deepEqual(builtInMembers(), before);
      }),
      RUNS,
    );
  });

  it("are restored unchanged if the whole message was stored", () => {
    const plain = fc.object({ key: fc.constantFrom("a", "a.b", "constructor", "toString", "x"), maxDepth: 4 });
    fc.assert(
      fc.property(plain, (payload) => {
        const message = JSON.parse(JSON.stringify({ _msgid: "m", payload })) as Record<string, unknown>;
        const copy = throughFile(copyMessage(message));
        fc.pre(copy.omitted.length === 0);
        deepEqual(restoreMessage(copy), message);
      }),
      RUNS,
    );
  });

  it("are restored from the live message, even if a secret or a large text was omitted between dotted names", () => {
    const message = {
      payload: { "a.b": { token: "t0p", kept: 1 }, a: { b: { token: "other" }, "b.token": "x".repeat(70_000) } },
    };
    const copy = throughFile(copyMessage(message));
    deepEqual(restoreMessage(copy, message), message);
    deepEqual(restoreMessage(copy), { payload: { "a.b": { kept: 1 }, a: { b: {} } } });
  });

  it("are not followed if they are reserved: a masked value is absent, or the live one", () => {
    const message = { payload: { constructor: { prototype: { token: "t0p", kept: 1 } } } };
    const copy = throughFile(copyMessage(message));
    deepEqual(copy.omitted, [{ path: ["payload", "constructor", "prototype", "token"], why: "secret", inexact: true }]);
    deepEqual(restoreMessage(copy), { payload: { constructor: { prototype: { kept: 1 } } } });
    deepEqual(restoreMessage(copy, message), message);
  });

  it("do not make a small body large: only existing items of an array are replaced", () => {
    const value = { list: [1, 2] };
    const live = { list: Object.assign([1, 2, 3], { length: 3 }) };
    for (const name of ["length", "7", "-1", "push"]) {
      const restored = restoreMessage({ value, omitted: [{ path: ["list", name], why: "secret" }] }, live);
      deepEqual(restored, value, name);
    }
  });
});
