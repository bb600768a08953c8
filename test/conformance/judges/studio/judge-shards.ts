import assert from "node:assert/strict";
import path from "node:path";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import type { StudioManifest } from "../../../../src/services/studio/studio-manifest.ts";
import type { Setup } from "../../judge.ts";
import type { RunOptions, StudioEnd, StudioRuns } from "./studio-runs.ts";

/** An embedder that counts on being called, or on not being called. */
const embedder = (mean: string): string => `
import numpy as np
from lightly_studio_serve.embedder import ImagePILEmbedder
from lightly_studio_serve.types import EmbeddingResult, EmbeddingSpaceSpec

class Embedder(ImagePILEmbedder):
    def embedding_space_spec(self):
        return EmbeddingSpaceSpec(space_key="mean-color", dimension=3)

    def embed_images_pil(self, images):
        rows = np.array([${mean} for image in images], np.float32)
        return EmbeddingResult(embeddings=rows, kept_indices=list(range(len(images))))
`;

/** The work of one run, divided among the containers of AWS Batch. */
export async function judgeShards(setup: Setup, runs: StudioRuns, clips: string): Promise<void> {
  const { tally, sandbox } = setup;
  const input = `s3://${sandbox.buckets.input}`;
  const items = [`${input}/raw/a/clip.mp4`, `${input}/raw/b/clip.mp4`, `${input}/raw/empty.mp4`];
  const variables = { LIGHTLY_ITEMS: items.join("\n") };
  const shards = { dataset: "shards", inputs: [] as string[] };
  const child = (index: number, options: RunOptions = {}, more: Record<string, string> = {}): Promise<StudioEnd> =>
    runs.run(
      "over-all",
      { ...shards, instance: `child-${index}`, ...options },
      { ...variables, LIGHTLY_PART: "item", AWS_BATCH_JOB_ARRAY_INDEX: String(index), ...more },
    );
  const final = (options: RunOptions = {}, more: Record<string, string> = {}): Promise<StudioEnd> =>
    runs.run("over-all", { ...shards, instance: "final", ...options }, { ...variables, LIGHTLY_PART: "all", ...more });
  /** What was selected, without the folder of the run. */
  const picks = ({ frames }: StudioManifest) =>
    frames.map(({ uri, ...rest }) => ({ ...rest, name: uri.slice(uri.indexOf("/frames/")) }));

  await tally.check("children leave an index of each video, and neither database, lease nor selection", async () => {
    const ends = await Promise.all(items.map((_, index) => child(index)));
    assert.deepEqual(
      ends.map(({ code, error, phases }) => [code, error, phases.at(-1)]),
      items.map(() => [0, "", "done"]),
      ends.map(({ stderr }) => stderr).join(),
    );
    const made = [...(await runs.list("shards/")).keys()];
    assert.equal(made.length, items.length);
    assert.ok(
      made.every((key) => /\/shards\/state\/index\/[0-9a-f]{32}\.npz$/.test(key)),
      made.join(),
    );
  });
  await tally.check("a child that is attempted again, also at the same time, writes nothing", async () => {
    const before = await runs.list("shards/");
    const ends = await Promise.all([child(0), child(0, { instance: "other" })]);
    assert.deepEqual(
      ends.map(({ code }) => code),
      [0, 0],
    );
    assert.deepEqual(await runs.list("shards/"), before);
  });
  await tally.check("two children that read the same video at once leave one index", async () => {
    const options = { dataset: "twice" };
    const ends = await Promise.all([child(0, options), child(0, { ...options, instance: "other" })]);
    assert.deepEqual(
      ends.map(({ code, error }) => [code, error]),
      [
        [0, ""],
        [0, ""],
      ],
    );
    assert.equal((await runs.list("twice/")).size, 1);
  });
  await tally.check("the final job selects over all what one process selects from the same videos", async () => {
    const end = await final();
    assert.equal(end.code, 0, end.error + end.stderr);
    const alone = { dataset: "alone", inputs: items };
    assert.equal((await runs.run("over-all", alone)).code, 0);
    const [manifest, expected] = [await runs.manifest("over-all", shards), await runs.manifest("over-all", alone)];
    assert.deepEqual(manifest.counts, expected.counts);
    assert.deepEqual(picks(manifest), picks(expected));
    assert.deepEqual(manifest.broken, expected.broken);
    assert.ok(new Set(manifest.frames.map(({ video }) => video)).size > 1, "the selection is over more than one video");
  });
  await tally.check("the final job again is answered from its manifest, and refused with other items", async () => {
    const before = await runs.list("shards/");
    assert.equal((await final({ instance: "again" })).code, 0);
    assert.deepEqual(await runs.list("shards/"), before);
    const other = await final({}, { LIGHTLY_ITEMS: items.slice(0, 2).join("\n") });
    assert.match(other.error, /^STUDIO_SPEC_INVALID: The run over-all was done with another request/);
  });
  await tally.check("the final job embeds nothing that children have embedded", async () => {
    const uri = runs.uri("embedders/mean.py");
    const options = { dataset: "own", embedder: uri };
    await runs.write(uri, embedder("np.asarray(image).mean(axis=(0, 1)) + 1"));
    for (const index of [0, 1, 2]) {
      const end = await child(index, options);
      assert.equal(end.code, 0, end.error + end.stderr);
    }
    await runs.write(uri, embedder("1 / 0"));
    const end = await final({ ...options, instance: "own" });
    assert.equal(end.code, 0, end.error + end.stderr);
    assert.equal((await runs.manifest("over-all", options)).counts.frames, 432);
  });
  await tally.check("a damaged or missing index is made again: by its child, or by the final job", async () => {
    for (const repair of [true, false]) {
      const dataset = `damaged-${repair}`;
      assert.equal((await child(0, { dataset })).code, 0);
      const [index = ""] = (await runs.list(`${dataset}/`)).keys();
      await runs.write(index, "no archive");
      if (repair) {
        assert.equal((await child(0, { dataset })).code, 0);
        assert.ok((await runs.read(index)).length > 10_000);
      }
      const end = await final({ dataset, instance: dataset });
      assert.equal(end.code, 0, end.error + end.stderr);
      assert.deepEqual(
        picks(await runs.manifest("over-all", { dataset })),
        picks(await runs.manifest("over-all", shards)),
      );
    }
  });
  await tally.check(
    "a later job counts what earlier ones selected, and its children read new videos only",
    async () => {
      await runs.upload("raw/c/clip.mp4", path.join(clips, "fish-tank-480x480.mp4"));
      const more = [...items, `${input}/raw/c/clip.mp4`];
      const environment = { LIGHTLY_ITEMS_URI: runs.uri("lists/items.txt") };
      await runs.write(environment.LIGHTLY_ITEMS_URI, `${more.join("\n")}\n`);
      const before = await runs.list("shards/state/index/");
      for (const index of more.keys()) {
        const own = { ...environment, LIGHTLY_PART: "item", AWS_BATCH_JOB_ARRAY_INDEX: String(index) };
        const end = await runs.run("later", { ...shards, instance: `child-${index}` }, own);
        assert.equal(end.code, 0, end.error + end.stderr);
      }
      assert.equal((await runs.list("shards/state/index/")).size, before.size + 1);
      const end = await runs.run("later", { ...shards, instance: "later" }, { ...environment, LIGHTLY_PART: "all" });
      assert.equal(end.code, 0, end.error + end.stderr);
      const { counts, frames } = await runs.manifest("later", shards);
      assert.deepEqual([counts.videos, counts.selectedBefore], [4, 12]);
      assert.ok(frames.every(({ video }) => video.endsWith("/c/clip.mp4")));
      // For Batch, an exit code other than 0 is a failure.
      const known = { ...variables, LIGHTLY_PART: "all", AWS_BATCH_JOB_ID: "0-0" };
      const nothing = await runs.run("nothing", { ...shards, instance: "later" }, known);
      assert.equal(nothing.code, 0, nothing.error);
      assert.equal((await runs.manifest("nothing", shards)).counts.selected, 0);
    },
  );
  await tally.check("without a final job each child selects for itself, in a dataset of its own", async () => {
    const ends = await Promise.all(
      [0, 1].map((index) =>
        runs.run(
          "each",
          { dataset: "each", inputs: [], instance: "each" },
          { ...variables, AWS_BATCH_JOB_ARRAY_INDEX: String(index) },
        ),
      ),
    );
    assert.deepEqual(
      ends.map(({ code, error }) => [code, error]),
      [
        [0, ""],
        [0, ""],
      ],
    );
    for (const index of [0, 1]) {
      const uri = runs.uri(`each/out/each-${index}/manifest.json`);
      const { frames } = JSON.parse((await runs.read(uri)).toString("utf8")) as StudioManifest;
      assert.deepEqual(new Set(frames.map(({ video }) => video)), new Set([items[index]]));
    }
  });
  await tally.check("a child refuses what the final job would refuse, before it reads a video", async () => {
    const selection = selectionConfig({ nSamples: 1 });
    const [strategy] = selection.strategies;
    const similar = {
      ...strategy,
      input: { type: "EMBEDDINGS", tagName: "run-none" },
      strategy: { type: "SIMILARITY" },
    };
    const options = { dataset: "refused", selection: { ...selection, strategies: [similar] } as typeof selection };
    assert.match((await child(0, options)).error, /^STUDIO_SPEC_INVALID: No earlier run .* 'run-none'/);
    assert.match((await child(9)).error, /^STUDIO_SPEC_INVALID: The job has 3 items, and this is child 9/);
    assert.match((await child(0, { inputs: items })).error, /^STUDIO_SPEC_INVALID: .*must not have inputs/);
    assert.equal((await runs.list("refused/")).size, 0);
  });
}
