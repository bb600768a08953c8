import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { parseSelection } from "../../../../src/services/lightly/selection/selection-config.ts";
import type { Setup } from "../../judge.ts";
import type { RunOptions, StudioRuns } from "./studio-runs.ts";

const OWN_EMBEDDER = `
import numpy as np
from lightly_studio_serve.types import EmbeddingResult, EmbeddingSpaceSpec

class Embedder:
    def embedding_space_spec(self):
        return EmbeddingSpaceSpec(space_key="own", dimension=2)

    def embed_images_pil(self, images):
        rows = [[np.asarray(image).mean(), 1.0] for image in images[1:]]
        return EmbeddingResult(embeddings=np.array(rows, np.float32).reshape(-1, 2), kept_indices=list(range(1, len(images))))
`;

/** Each failure has its code, and leaves nothing behind. */
export async function judgeRefusals({ tally, sandbox, folder }: Setup, runs: StudioRuns): Promise<void> {
  const input = `s3://${sandbox.buckets.input}`;
  const inputs = [`${input}/raw/a/`];
  const refused = async (code: number, message: RegExp, options: RunOptions, environment?: Record<string, string>) => {
    const end = await runs.run(`refused-${code}`, { inputs, dataset: "refusals", ...options }, environment);
    assert.match(end.error, message, end.stderr);
    assert.equal(end.code, code);
  };
  await tally.check("a missing bucket is named and not created", async () => {
    await refused(5, /^STUDIO_OUTPUT_REFUSED: .*s3:\/\/no-such-bucket.*no such bucket/, {
      output: "s3://no-such-bucket/x",
    });
    await refused(4, /^STUDIO_INPUT_UNREADABLE: .*no such bucket/, { inputs: ["s3://no-such-bucket/raw/"] });
    const { Buckets = [] } = await runs.s3.send(new ListBucketsCommand());
    assert.ok(!Buckets.some(({ Name }) => Name === "no-such-bucket"));
  });
  await tally.check("an empty folder, a single broken video, wrong credentials", async () => {
    await refused(4, /neither an object nor a folder .*\/nothing\//, {
      inputs: [`${input}/nothing/`],
      runId: "nothing",
    });
    await refused(4, /None of the 1 videos can be decoded/, { inputs: [`${input}/raw/empty.mp4`], runId: "broken" });
    await refused(5, /^STUDIO_OUTPUT_REFUSED/, { runId: "denied" }, { AWS_SECRET_ACCESS_KEY: "wrong" });
  });
  await tally.check("a pair that LightlyStudio has not", async () => {
    const scores = [{ input: { type: "SCORES", task: "boxes", score: "x" }, strategy: { type: "WEIGHTS" } }];
    const selection = parseSelection({ nSamples: 2, strategies: scores });
    await refused(2, /^STUDIO_SPEC_INVALID: LightlyStudio/, { selection, runId: "pair" });
  });
  await tally.check(
    "a model that can't be loaded, and one that leaves frames out, which are no candidates",
    async () => {
      await refused(7, /^STUDIO_MODEL_UNAVAILABLE: /, { embedder: "/no/such.py", runId: "model" });
      const file = path.join(folder, "own_embedder.py");
      writeFileSync(file, OWN_EMBEDDER);
      const end = await runs.run("own", { inputs, embedder: file });
      assert.equal(end.code, 0, end.error);
      const { counts, frames } = await runs.manifest("own", { inputs });
      assert.equal(counts.frames, 240 - Math.ceil(240 / 32), "without the first one of each batch");
      assert.ok(frames.every(({ frame }) => frame % 32 !== 0));
    },
  );
  await tally.check("another model or another frame rate than the dataset's", async () => {
    const own = path.join(folder, "own_embedder.py");
    assert.equal((await runs.run("base", { inputs, dataset: "mismatch" })).code, 0);
    await refused(11, /^STUDIO_DATASET_MISMATCH: .*another model/, {
      dataset: "mismatch",
      embedder: own,
      runId: "model",
    });
    const again = { dataset: "mismatch", inputs: [`${input}/raw/b/`], framesPerSecond: 1 };
    assert.equal((await runs.run("rate", again)).code, 0, "of another video, each video may have its own");
  });
}
