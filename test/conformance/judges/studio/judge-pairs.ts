import assert from "node:assert/strict";
import { parseSelection } from "../../../../src/services/lightly/selection/selection-config.ts";
import { SELECTION_PAIRS } from "../../../../src/services/lightly/selection/selection-pairs.ts";
import { strategyRefusal } from "../../../../src/services/studio/studio-strategies.ts";
import type { Setup } from "../../judge.ts";
import type { StudioRuns } from "./studio-runs.ts";

/** An input of each kind. */
const INPUTS: Readonly<Record<keyof typeof SELECTION_PAIRS, object>> = {
  EMBEDDINGS: { type: "EMBEDDINGS" },
  METADATA: { type: "METADATA", key: "lightly.sharpness" },
  CLASS_DISTRIBUTION: { type: "PREDICTIONS", task: "boxes", name: "CLASS_DISTRIBUTION" },
  CATEGORY_COUNT: { type: "PREDICTIONS", task: "boxes", name: "CATEGORY_COUNT" },
  SCORES: { type: "SCORES", task: "boxes", score: "x" },
  RANDOM: { type: "RANDOM", randomSeed: 4 },
};
const OPTIONS: Readonly<Record<string, object>> = {
  THRESHOLD: { threshold: 0.5, operation: "BIGGER" },
  BALANCE: { target: { car: 1 } },
};

/** Every pair of the selection format runs, or is refused by the script exactly if the form refuses it. */
export async function judgePairs({ tally, sandbox }: Setup, runs: StudioRuns): Promise<void> {
  const input = `s3://${sandbox.buckets.input}/raw`;
  const base = { dataset: "pairs", framesPerSecond: 2 };
  const pairs = Object.entries(INPUTS).flatMap(([name, source]) =>
    SELECTION_PAIRS[name as keyof typeof INPUTS].map((type) => ({ name, source, type })),
  );
  await tally.check("a first run of the dataset, whose tag a similarity asks for", async () => {
    assert.equal((await runs.run("base", { ...base, inputs: [`${input}/a/`] })).code, 0);
  });
  for (const { name, source, type } of pairs) {
    const tag = type === "SIMILARITY" ? { tagName: "run-base" } : {};
    const strategies = [{ input: { ...source, ...tag }, strategy: { type, ...OPTIONS[type] } }];
    const selection = parseSelection({ nSamples: 3, strategies });
    const [entry] = selection.strategies;
    assert.ok(entry);
    const refusal = strategyRefusal(entry);
    await tally.check(`${name} with ${type} ${refusal === undefined ? "selects 3 frames" : "is refused"}`, async () => {
      const runId = `${name}-${type}`;
      const key = `pairs-${runId}/clip.mp4`;
      await runs.upload(`raw/${key}`, await runs.read(`${input}/b/clip.mp4`));
      const options = { ...base, inputs: [`${input}/${key}`], selection };
      const end = await runs.run(runId, options);
      if (refusal === undefined) {
        assert.equal(end.code, 0, end.error);
        assert.equal((await runs.manifest(runId, options)).counts.selected, 3);
      } else {
        assert.equal(end.code, 2);
        assert.match(end.error, /^STUDIO_SPEC_INVALID: LightlyStudio can't select by/);
      }
    });
  }
}
