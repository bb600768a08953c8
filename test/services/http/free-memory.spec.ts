import assert from "node:assert/strict";
import { freeMemory } from "../../../src/services/http/free-memory.ts";

describe("freeMemory", () => {
  it("frees a chunk with its own memory", () => {
    const chunk = Buffer.alloc(100_000, 1);
    freeMemory(chunk);
    assert.equal(chunk.length, 0);
  });

  it("does not free shared memory", () => {
    const whole = new Uint8Array(1000).fill(1);
    const pooled = Buffer.from("a few bytes of the pool");
    const shared = new Uint8Array(new SharedArrayBuffer(10));
    for (const chunk of [whole.subarray(0, 999), pooled, shared]) {
      const { length } = chunk;
      freeMemory(chunk);
      assert.equal(chunk.length, length);
    }
    assert.equal(whole[999], 1);
  });
});
