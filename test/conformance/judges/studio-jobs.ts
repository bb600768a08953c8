import type { Judge } from "../judge.ts";
import { judgeImage } from "./studio/judge-image.ts";
import { judgePairs } from "./studio/judge-pairs.ts";
import { judgeRefusals } from "./studio/judge-refusals.ts";
import { judgeShards } from "./studio/judge-shards.ts";
import { withRuns } from "./studio/studio-runs.ts";
import { clipsFolder, uploadVideos } from "./studio/videos.ts";

/** The same script: every kind of selection, what it refuses, and its work divided among the jobs of AWS Batch. */
export const studioJobs: Judge = {
  name: "studio-jobs",
  title: "Our script with LightlyStudio: selections, refusals, and jobs of Batch",
  requirements: "requirements-studio.txt",
  python: { least: 11, most: 13 },
  async run(setup) {
    const clips = await clipsFolder();
    await withRuns(setup, "pairs", async (runs) => {
      await uploadVideos(runs, clips);
      await judgePairs(setup, runs);
    });
    await withRuns(setup, "refusals", (runs) => judgeRefusals(setup, runs));
    await withRuns(setup, "shards", (runs) => judgeShards(setup, runs, clips));
    await judgeImage(setup, clips);
  },
};
