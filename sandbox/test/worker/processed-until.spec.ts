import assert from "node:assert/strict";
import type { LightlyApi } from "../../src/worker/lightly-api.ts";
import { writeProcessedUntil } from "../../src/worker/processed-until.ts";

describe("The processed-until timestamp", () => {
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

  it("is the second of the listing if it contains all files", async () => {
    assert.deepEqual(await noted([]), { processedUntilTimestamp: until });
    assert.deepEqual(await noted(["a.mp4"]), { processedUntilTimestamp: until });
  });

  it("is the second before if a later file may have the same second, so that the next run finds it", async () => {
    assert.deepEqual(await noted(["a.mp4", "late.mp4"]), { processedUntilTimestamp: until - 1 });
  });
});
