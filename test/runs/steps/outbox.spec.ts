import { deepEqual, equal } from "node:assert/strict";
import { ANY_STEP, Outbox } from "../../../src/runs/steps/outbox.ts";

describe("what a step has handed on", () => {
  it("is kept with its message, without secrets, until every node has taken it up", () => {
    const outbox = new Outbox();
    outbox.put(0, { payload: 1, token: "hidden" }, ["n1", "n2"], 5);
    const message = { payload: 1, token: "***" };
    const omitted = [{ path: ["token"], why: "secret" }];
    deepEqual(outbox.pending, [{ outlet: 0, at: 5, to: ["n1", "n2"], message, omitted }]);
    equal(outbox.acknowledge("n1"), true);
    deepEqual(outbox.pending, [{ outlet: 0, at: 5, to: ["n2"], message, omitted }]);
    equal(outbox.acknowledge("n2"), true);
    deepEqual(outbox.pending, []);
    deepEqual(outbox.toJournal(), [{ outlet: 0, at: 5, to: [] }]);
  });

  it("is known for ever by its outlet, also without anybody behind it", () => {
    const outbox = new Outbox();
    outbox.put("error", { payload: 1 }, [], 5);
    outbox.put(1, { payload: 1 }, [], 5);
    deepEqual(
      ["error", 0, 1].map((outlet) => outbox.has(outlet as number)),
      [true, false, true],
    );
    deepEqual(outbox.pending, []);
  });

  it("changes by nobody who was not to take it up", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    equal(outbox.acknowledge("stranger"), false);
    equal(outbox.pending.length, 1);
  });

  it("is taken up by whoever comes first where nobody knows what is behind a link", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, [ANY_STEP, "n1"], 5);
    equal(outbox.acknowledge("behind the link"), true);
    deepEqual(outbox.pending[0]?.to, ["n1"]);
  });

  it("is taken up from all outlets that lead to a node", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    outbox.put("error", {}, ["n1", "n2"], 5);
    outbox.acknowledge("n1");
    deepEqual(
      outbox.pending.map(({ outlet, to }) => [outlet, to]),
      [["error", ["n2"]]],
    );
  });

  it("has been swallowed by the flow when it is too old", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    outbox.put(1, {}, ["n1"], 6);
    equal(outbox.expire(5), false);
    equal(outbox.expire(6), true);
    deepEqual(
      outbox.pending.map(({ outlet }) => outlet),
      [1],
    );
    equal(outbox.has(0), true);
  });

  it("may come twice once it was handed on again, also when it has been taken up since", () => {
    const outbox = new Outbox();
    outbox.put(0, { payload: "TOKEN=abc123def" }, ["n1", "n2"], 5);
    equal(outbox.hasRedelivered, false);
    const [before] = outbox.pending;
    equal(outbox.redeliver(0, 9), false);
    deepEqual(outbox.pending, [{ ...before, at: 5, redelivered: true }], "its time had begun");
    outbox.acknowledge("n1");
    equal(outbox.hasRedelivered, true);
    outbox.acknowledge("n2");
    equal(outbox.hasRedelivered, true);
    equal(new Outbox(outbox.toJournal()).hasRedelivered, true);
    outbox.redeliver(1, 9);
    equal(outbox.has(1), false);
  });

  it("has its time begin again once after a restart, and not at each further deploy", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    const restored = new Outbox(outbox.toJournal());
    equal(restored.redeliver(0, 9), true);
    equal(restored.redeliver(0, 12), false);
    equal(restored.pending[0]?.at, 9);
    const nextLife = new Outbox(restored.toJournal(), undefined, restored.timed);
    equal(nextLife.redeliver(0, 15), false);
  });

  it("is the same after a restart", () => {
    const outbox = new Outbox();
    outbox.put(0, { payload: "TOKEN=abc123def", large: Buffer.alloc(5000) }, ["n1"], 5);
    outbox.put(1, {}, [], 6);
    const restored = new Outbox(JSON.parse(JSON.stringify(outbox.toJournal())));
    deepEqual(restored.toJournal(), outbox.toJournal());
    deepEqual(restored.pending, outbox.pending);
  });
});
