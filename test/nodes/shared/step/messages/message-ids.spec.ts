import { equal, match, notEqual, ok } from "node:assert/strict";
import { fileNameOf } from "../../../../../src/journal/read-journal.ts";
import type { Message } from "../../../../../src/nodes/shared/node-red.ts";
import { runIdIn, runIdOf, senderOf } from "../../../../../src/nodes/shared/step/messages/message-ids.ts";

const message = (members: Record<string, unknown>): Message => members as Message;
const fresh = (): string => "fresh";

/** Values that are not ids. */
const NO_IDS: readonly unknown[] = [
  undefined,
  null,
  "",
  "  \t",
  true,
  false,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  ["a"],
  {},
  Object.create(null),
  { toString: () => "a" },
  Buffer.from("a"),
  new Date(0),
  Symbol("a"),
  () => "a",
];

describe("the run that a message belongs to", () => {
  it("is the one in msg.runId, otherwise that of the trigger's message", () => {
    equal(runIdOf(message({ runId: " nightly ", _msgid: "m" }), fresh), "nightly");
    equal(runIdOf(message({ _msgid: "m" }), fresh), "m");
  });

  it("may have a number as its id", () => {
    equal(runIdOf(message({ runId: 42, _msgid: "m" }), fresh), "42");
    equal(runIdIn(0), "0");
    equal(runIdIn(12345678901234567890n), "12345678901234567890");
  });

  it("is that of the trigger's message if msg.runId is not an id, and a new one if neither is", () => {
    for (const odd of NO_IDS) {
      equal(runIdIn(odd), undefined);
      equal(runIdOf(message({ runId: odd, _msgid: "m" }), fresh), "m");
      const msg = message({ runId: odd, _msgid: odd });
      equal(runIdOf(msg, fresh), "fresh");
      equal(msg._msgid, "fresh", "the steps behind belong to the run too");
    }
  });

  it("is a new one for a message that can't be changed", () => {
    equal(runIdOf(message(Object.freeze({ _msgid: true })), fresh), "fresh");
  });

  it("has an id of limited length, the same for the same text and another for another text", () => {
    const [long, other] = ["x".repeat(1_000_000), `${"x".repeat(999_999)}y`];
    const id = runIdIn(long) ?? "";
    ok(id.length <= 200);
    equal(runIdIn(long), id);
    equal(runIdIn(id), id);
    notEqual(runIdIn(other), id);
  });

  it("has an id that can be part of a line and of a URL", () => {
    for (const odd of ["a\nb\0c", "half \ud800 character", "a\u2028b", "%/../..", "__proto__", "constructor"]) {
      const id = runIdIn(odd) ?? "";
      ok(!/\p{Cc}/u.test(id));
      equal(decodeURIComponent(encodeURIComponent(id)), id);
      equal(runIdIn(id), id);
      match(fileNameOf(id), /^[\w-]{1,40}-[0-9a-f]{16}\.json$/);
    }
  });

  it("has a file name for any id", () => {
    for (const odd of [true, ["a"], 5, null]) {
      match(fileNameOf(odd as never), /^[\w-]{1,40}-[0-9a-f]{16}\.json$/);
    }
  });
});

describe("the step that has sent a message", () => {
  it("is identified only by a string of limited length", () => {
    equal(senderOf(message({ _lightly: { from: "r/1" } })), "r/1");
    for (const from of [...NO_IDS.filter((odd) => typeof odd !== "string"), "", "x".repeat(1000)]) {
      equal(senderOf(message({ _lightly: { from } })), undefined);
      equal(senderOf(message({ _lightly: from })), undefined);
    }
  });
});
