import { deepEqual } from "node:assert/strict";
import { OpenValues } from "../../src/concurrency/open-values.ts";

describe("open values", () => {
  it("are those that were added and not removed", () => {
    const open = new OpenValues<string[]>();
    const [a, b, c] = [["a"], ["b"], ["c"]];
    const removeA = open.add(a ?? []);
    open.add(b ?? []);
    removeA();
    open.add(c ?? []);
    deepEqual(open.all().flat().sort(), ["b", "c"]);
  });
});
