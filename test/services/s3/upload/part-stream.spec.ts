import assert from "node:assert/strict";
import type { ByteReader } from "../../../../src/services/http/byte-reader.ts";
import { partsOf } from "../../../../src/services/s3/upload/part-stream.ts";

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    yield new TextEncoder().encode(text);
  }
}

/** A source whose bytes arrive in chunks. */
function readChunks(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array | undefined = new Uint8Array(0);
  const isAtEnd = async (): Promise<boolean> => {
    while (rest?.byteLength === 0) {
      const { value, done } = await iterator.next();
      rest = done ? undefined : value;
    }
    return rest === undefined;
  };
  return {
    isAtEnd,
    read: async (target) => {
      await isAtEnd();
      const bytes = rest?.subarray(0, target.byteLength) ?? new Uint8Array(0);
      target.set(bytes);
      rest = rest?.subarray(bytes.byteLength);
      return bytes.byteLength;
    },
  };
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
  it("use as many buffers as are not released, and give up those beyond a lowered number", async () => {
    let atMost = 4;
    const released: Array<() => void> = [];
    const inUse: ArrayBufferLike[] = [];
    const parts = partsOf(readChunks(chunksOf("abcdefghijklmnop")), 1, 1, () => atMost);
    const next = async (): Promise<void> => {
      const { value } = await parts.next();
      assert.ok(value);
      inUse.push(value.bytes.buffer);
      released.push(value.release);
    };
    const releaseAll = (): void => {
      for (const release of released.splice(0)) {
        release();
      }
    };
    for (const expected of [4, 4]) {
      await Promise.all([next(), next(), next(), next()]);
      releaseAll();
      assert.equal(new Set(inUse).size, expected);
    }
    atMost = 2;
    await Promise.all([next(), next(), next(), next()]);
    releaseAll();
    inUse.length = 0;
    await Promise.all([next(), next()]);
    releaseAll();
    const kept = new Set(inUse);
    await Promise.all([next(), next()]);
    assert.deepEqual(new Set(inUse), kept);
  });

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

  it("end with the source's error", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunksOf("abcdef");
      throw new Error("cut off");
    }
    await assert.rejects(cut(broken(), 4), /cut off/);
  });

  it("have the CRC32 of their bytes", async () => {
    const checksums: string[] = [];
    for await (const { checksum } of partsOf(readChunks(chunksOf("1234", "567", "89")), 9)) {
      checksums.push(Buffer.from(checksum, "base64").toString("hex"));
    }
    // The check value of the algorithm.
    assert.deepEqual(checksums, ["cbf43926"]);
  });
});
