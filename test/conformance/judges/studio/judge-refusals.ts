import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
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
    await refused(4, /None of the 1 videos can be used; the first is .*empty\.mp4: not decodable/, {
      inputs: [`${input}/raw/empty.mp4`],
      runId: "broken",
    });
    await refused(5, /^STUDIO_OUTPUT_REFUSED/, { runId: "denied" }, { AWS_SECRET_ACCESS_KEY: "wrong" });
  });
  await tally.check("a connection that breaks is named", async () => {
    const fault = sandbox.faults.add({ service: "s3", operation: "ListObjectsV2", kind: "reset" });
    const message = /^STUDIO_INPUT_UNREADABLE: s3:ListBucket of .*\/raw\/a\/ failed: ConnectionClosedError/;
    await refused(4, message, { runId: "reset" }).finally(() => sandbox.faults.remove(fault));
  });
  await tally.check("what is wrong with a selection is known before a video is read", async () => {
    const diverse = { type: "DIVERSITY", stopping_condition_minimum_distance: -1 };
    const wrong: Array<[object, object, RegExp]> = [
      [{ type: "EMBEDDINGS" }, diverse, /stopping_condition_minimum_distance is below 0/],
      [{ type: "METADATA", key: "weather" }, { type: "WEIGHTS" }, /'weather' is not measured: use lightly\.sharpness/],
      [{ type: "EMBEDDINGS", tagName: "run-none" }, { type: "SIMILARITY" }, /No earlier run .*'run-none'/],
      [{ type: "RANDOM" }, { type: "THRESHOLD", threshold: 1 }, /one of the operations SMALLER/],
    ];
    for (const [index, [input, strategy, message]] of wrong.entries()) {
      const selection = parseSelection({ nSamples: 2, strategies: [{ input, strategy }] });
      const end = await runs.run(`wrong-${index}`, { inputs, dataset: "refusals", selection });
      assert.match(end.error, message, end.stderr);
      assert.deepEqual([end.code, end.phases], [2, ["start", "failed"]]);
    }
  });
  await tally.check("the file of a model comes from the user's bucket, and what is missing is named", async () => {
    const [file, cache] = ["PE-Core-T16-384.pt", path.join(folder, "models")];
    const options = { embedder: "pe", weights: `${input}/models/` };
    const environment = { LIGHTLY_STUDIO_MODEL_CACHE_DIR: cache };
    const missing = /^STUDIO_MODEL_UNAVAILABLE: .*\/models\/PE-Core-T16-384\.pt failed: there is no such object/;
    await refused(7, missing, { ...options, runId: "no-weights" }, environment);
    await runs.upload(`models/${file}`, Buffer.from("weights"));
    // There is no PyTorch in the environment of the judge.
    const unloadable = /^STUDIO_MODEL_UNAVAILABLE: .*No module named 'torch'\. Install what is missing/;
    await refused(7, unloadable, { ...options, runId: "weights" }, environment);
    assert.equal(readFileSync(path.join(cache, file), "utf8"), "weights");
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
  await tally.check(
    "a model that fails, ends the program, or returns something else is named; what it prints is no result",
    async () => {
      const returns = (what: string) =>
        OWN_EMBEDDER.replace("rows = [[np", `print("x" * 30000); ${what}\n        rows = [[np`);
      const faults: Array<[string, RegExp]> = [
        ["raise ValueError('no GPU')", /failed: ValueError: no GPU/],
        ["raise SystemExit(0)", /failed: SystemExit: 0/],
        [
          "return EmbeddingResult(embeddings=np.ones((1, 2)), kept_indices=[99])",
          /kept pictures that it was not given/,
        ],
        ["return EmbeddingResult(embeddings=np.ones((1, 3)), kept_indices=[0])", /shape \(1, 3\), and not 1 rows of 2/],
      ];
      for (const [index, [line, message]] of faults.entries()) {
        const file = path.join(folder, `faulty_${index}.py`);
        writeFileSync(file, returns(line));
        await refused(7, new RegExp(`^STUDIO_MODEL_UNAVAILABLE: The embedder ${file} .*${message.source}`), {
          embedder: file,
          runId: `faulty-${index}`,
          dataset: `faulty-${index}`,
        });
      }
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
