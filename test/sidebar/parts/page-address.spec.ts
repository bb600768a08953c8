import { deepEqual, equal } from "node:assert/strict";
import { hashOf, targetOf } from "../../../src/sidebar/parts/page-address.ts";

describe("the address of the full page", () => {
  it("leads to a run and one of its tabs, whatever the id contains", () => {
    for (const target of [
      { runId: "4f1c", tab: "log" as const },
      { runId: "a b&tab=cost#/ä", tab: undefined },
    ]) {
      deepEqual(targetOf(hashOf(target)), target);
    }
    equal(hashOf({ runId: "4f1c" }), "#run=4f1c");
  });

  it("leads to the list with its filters, whatever is searched", () => {
    const filter = { state: "failed" as const, search: "a b&state=all", flow: "", from: "2026-11-03", to: "" };
    const { filter: read } = targetOf(hashOf({ filter }));
    deepEqual(read, { state: "failed", search: "a b&state=all", from: "2026-11-03" });
    equal(hashOf({ filter: { state: "all", search: "" } }), "#");
  });

  it("leads to the list without a run, and ignores unknown parts", () => {
    deepEqual(targetOf(""), { runId: undefined, tab: undefined });
    deepEqual(targetOf("#run=&tab=nothing&x=1"), { runId: undefined, tab: undefined });
  });
});
