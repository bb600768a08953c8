import { deepEqual, equal } from "node:assert/strict";
import { ANY_STEP, Outbox } from "../../../src/runs/steps/outbox.ts";

describe("the outbox of a step", () => {
  it("stores a message without secrets until every node has received it", () => {
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

  it("remembers each outlet, even without a receiver", () => {
    const outbox = new Outbox();
    outbox.put("error", { payload: 1 }, [], 5);
    outbox.put(1, { payload: 1 }, [], 5);
    deepEqual(
      ["error", 0, 1].map((outlet) => outbox.has(outlet as number)),
      [true, false, true],
    );
    deepEqual(outbox.pending, []);
  });

  it("ignores nodes that are not receivers", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    equal(outbox.acknowledge("stranger"), false);
    equal(outbox.pending.length, 1);
  });

  it("accepts the first receiver if the receivers behind a link are unknown", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, [ANY_STEP, "n1"], 5);
    equal(outbox.acknowledge("behind the link"), true);
    deepEqual(outbox.pending[0]?.to, ["n1"]);
  });

  it("acknowledges all outlets that lead to a node", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    outbox.put("error", {}, ["n1", "n2"], 5);
    outbox.acknowledge("n1");
    deepEqual(
      outbox.pending.map(({ outlet, to }) => [outlet, to]),
      [["error", ["n2"]]],
    );
  });

  it("drops a message that is too old", () => {
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

  it("remembers that a redelivered message may arrive twice, even after it was received", () => {
    const outbox = new Outbox();
    outbox.put(0, { payload: "TOKEN=abc123def" }, ["n1", "n2"], 5);
    equal(outbox.hasRedelivered, false);
    const [before] = outbox.pending;
    equal(outbox.redeliver(0, 9), false);
    deepEqual(outbox.pending, [{ ...before, at: 5, redelivered: true }], "its time limit was already running");
    outbox.acknowledge("n1");
    equal(outbox.hasRedelivered, true);
    outbox.acknowledge("n2");
    equal(outbox.hasRedelivered, true);
    equal(new Outbox(outbox.toJournal()).hasRedelivered, true);
    outbox.redeliver(1, 9);
    equal(outbox.has(1), false);
  });

  it("restarts the time of a message after a restart, and not after further deploys", () => {
    const outbox = new Outbox();
    outbox.put(0, {}, ["n1"], 5);
    const restored = new Outbox(outbox.toJournal());
    equal(restored.redeliver(0, 9), true);
    equal(restored.redeliver(0, 12), false);
    equal(restored.pending[0]?.at, 9);
    const nextLife = new Outbox(restored.toJournal(), undefined, { timed: restored.timed });
    equal(nextLife.redeliver(0, 15), false);
  });

  it("is unchanged after a restart", () => {
    const outbox = new Outbox();
    outbox.put(0, { payload: "TOKEN=abc123def", large: Buffer.alloc(5000) }, ["n1"], 5);
    outbox.put(1, {}, [], 6);
    const restored = new Outbox(JSON.parse(JSON.stringify(outbox.toJournal())));
    deepEqual(restored.toJournal(), outbox.toJournal());
    deepEqual(restored.pending, outbox.pending);
  });
});
