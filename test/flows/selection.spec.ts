import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { createLightlyClient } from "../../src/services/lightly/client/lightly-client.ts";
import { selectedFilenames } from "../../src/services/lightly/tags/selected-filenames.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";

const FRAMES = 4;
const FROM_FRAME = 20;
/** Frames that differ from each other, but none from the start of a video. */
const STRATEGIES = [
  { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY", strength: 1 } },
  {
    input: { type: "METADATA", key: "lightly.frameIndex" },
    strategy: { type: "THRESHOLD", threshold: FROM_FRAME, operation: "BIGGER_EQUAL" },
  },
];

interface LightlyResult {
  readonly datasetId: string;
  readonly configId: string;
  readonly state: string;
  readonly tag: { readonly tagId: string; readonly selectedCount: number };
}

describe("a selection by two strategies", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "stand-in" });

  it("reaches the worker as saved by the form, and selects frames by both strategies", async () => {
    await deployWith({ amount: "number", count: String(FRAMES), strategies: STRATEGIES });
    const run = await pipeline.end(await triggered());
    equal(run.error, undefined);
    const result = stepOf(run, "lightly-run")?.result?.lightly as LightlyResult;
    equal(result.state, "COMPLETED");
    equal(result.tag.selectedCount, FRAMES);

    const { endpoints, token } = pipeline.stack.sandbox;
    const client = createLightlyClient({ token, server: endpoints.lightly });
    const signal = AbortSignal.timeout(HANG_MS);
    const path = `/v1/docker/worker/config/vX/${result.configId}`;
    const { text } = await client.request({ method: "GET", path, signal });
    deepEqual(JSON.parse(text).config.selection, { nSamples: FRAMES, strategies: STRATEGIES, autoTasks: [] });

    const { datasetId, tag } = result;
    const names = await selectedFilenames({ client, datasetId, tagId: tag.tagId, signal });
    equal(names.length, FRAMES);
    for (const name of names) {
      ok(Number(/-(\d+)-mp4\.png$/.exec(name)?.[1]) >= FROM_FRAME, name);
    }
  });

  async function deployWith(changes: Record<string, unknown>): Promise<void> {
    const { url } = pipeline.stack.nodeRed;
    const flows = (await (await fetch(`${url}/flows`)).json()) as Array<{ type: string }>;
    const changed = flows.map((node) => (node.type === "lightly-run" ? { ...node, ...changes } : node));
    const answer = await fetch(`${url}/flows`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(changed),
    });
    equal(answer.status, 204);
  }

  /** The address of the trigger exists some moments after the deploy. */
  async function triggered(): Promise<string> {
    for (;;) {
      const answer = await fetch(`${pipeline.stack.nodeRed.url}/lightly-pipeline`, { method: "POST" });
      if (answer.status === 202) {
        return ((await answer.json()) as { runId: string }).runId;
      }
      await pause(50);
    }
  }
});
