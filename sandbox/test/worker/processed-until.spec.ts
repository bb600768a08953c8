import assert from "node:assert/strict";
import type { LightlyApi } from "../../src/worker/lightly-api.ts";
import { writeProcessedUntil } from "../../src/worker/processed-until.ts";

describe("Noting what is processed", () => {
  const listed = [{ fileName: "a.mp4", readUrl: "" }];
  const until = 1_700_000_000;

  async function noted(inThatSecond: string[]): Promise<unknown> {
    let written: unknown;
    const api = (async (method: string, path: string, more?: { body?: unknown; query?: object }) => {
      if (method === "PUT") {
        written = more?.body;
        return undefined;
      }
      assert.deepEqual(
        { ...more?.query, cursor: undefined, dncShards: undefined },
        { from: until, to: until, cursor: undefined, dncShards: undefined },
      );
      return path.endsWith("/dnc")
        ? { cursors: ["c"] }
        : { hasMore: false, cursor: "c", data: inThatSecond.map((fileName) => ({ fileName, readUrl: "" })) };
    }) as LightlyApi;
    await writeProcessedUntil(api, { datasetId: "0".repeat(24), until, listed, signal: new AbortController().signal });
    return written;
  }

  it("takes the second of the listing when it brought nothing more", async () => {
    assert.deepEqual(await noted([]), { processedUntilTimestamp: until });
    assert.deepEqual(await noted(["a.mp4"]), { processedUntilTimestamp: until });
  });

  it("takes the second before it when a file came later within it, so that the next run finds that file", async () => {
    assert.deepEqual(await noted(["a.mp4", "late.mp4"]), { processedUntilTimestamp: until - 1 });
  });
});
