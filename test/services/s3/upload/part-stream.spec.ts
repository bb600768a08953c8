import assert from "node:assert/strict";
import { readChunks } from "../../../../src/services/s3/source/byte-reader.ts";
import { partsOf } from "../../../../src/services/s3/upload/part-stream.ts";

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    yield new TextEncoder().encode(text);
  }
}

async function cut(chunks: AsyncIterable<Uint8Array>, partSize: number, totalBytes?: number) {
  const parts: Array<[number, string, boolean]> = [];
  for await (const { number, bytes, isLast, release } of partsOf(readChunks(chunks), partSize, totalBytes)) {
    parts.push([number, bytes.toString(), isLast]);
    release();
  }
  return parts;
}

describe("the parts of a source", () => {
  it("have the requested size for any chunks, except the last one", async () => {
    const parts = [
      [1, "abcd", false],
      [2, "efgh", false],
      [3, "ij", true],
    ];
    for (const chunks of [["abcdefghij"], ["a", "bcde", "", "fghij"], ["abcd", "efgh", "ij"], [..."abcdefghij"]]) {
      assert.deepEqual(await cut(chunksOf(...chunks), 4), parts, chunks.join("|"));
    }
  });

  it("end with a full one if the source does", async () => {
    assert.deepEqual(await cut(chunksOf("abcd", "efgh"), 4), [
      [1, "abcd", false],
      [2, "efgh", true],
    ]);
  });

  it("are one if the source is not longer", async () => {
    assert.deepEqual(await cut(chunksOf("ab", "c"), 4), [[1, "abc", true]]);
    assert.deepEqual(await cut(chunksOf("ab", "cd"), 4, 4), [[1, "abcd", true]]);
    assert.deepEqual(await cut(chunksOf("ab"), 1024 ** 4, 2), [[1, "ab", true]]);
  });

  it("keep their bytes until they are released, and use that memory again", async () => {
    const parts = partsOf(readChunks(chunksOf("aaaa", "bbbb", "cccc", "dddd", "e")), 4);
    const next = async () => (await parts.next()).value;
    const [first, second] = [await next(), await next()];
    assert.deepEqual([String(first?.bytes), String(second?.bytes)], ["aaaa", "bbbb"]);
    first?.release();
    const third = await next();
    assert.equal(third?.bytes.buffer, first?.bytes.buffer);
    assert.deepEqual([String(third?.bytes), String(second?.bytes)], ["cccc", "bbbb"]);
  });

  it("free the memory of each chunk after it is copied, but not shared memory", async () => {
    const whole = new TextEncoder().encode("abc");
    const shared = new TextEncoder().encode("xyz");
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield whole;
      yield shared.subarray(1);
    }
    assert.deepEqual(await cut(chunks(), 10), [[1, "abcyz", true]]);
    assert.equal(whole.byteLength, 0);
    assert.equal(String(Buffer.from(shared)), "xyz");
  });

  it("end with the source's error", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunksOf("abcdef");
      throw new Error("cut off");
    }
    await assert.rejects(cut(broken(), 4), /cut off/);
  });
});
