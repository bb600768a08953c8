import { tmpdir } from "node:os";
import path from "node:path";
import { makeClips } from "lightly-aws-sandbox/clips";
import type { Judge } from "../judge.ts";
import { runProcess } from "../run-process.ts";
import { judgeDamage } from "./studio/judge-damage.ts";
import { judgeImage } from "./studio/judge-image.ts";
import { judgeInterruptions } from "./studio/judge-interruptions.ts";
import { judgeNode } from "./studio/judge-node.ts";
import { judgePairs } from "./studio/judge-pairs.ts";
import { judgeRefusals } from "./studio/judge-refusals.ts";
import { judgeResults } from "./studio/judge-results.ts";
import { judgeShards } from "./studio/judge-shards.ts";
import { judgeTraps } from "./studio/judge-traps.ts";
import { SCRIPT, StudioRuns } from "./studio/studio-runs.ts";

/** Our script with the real LightlyStudio, against the sandbox's S3. */
export const studio: Judge = {
  name: "studio",
  title: "Our script with LightlyStudio",
  requirements: "requirements-studio.txt",
  python: { least: 11, most: 13 },
  async run(setup) {
    const { tally, python } = setup;
    const tool = (name: string, ...args: string[]) =>
      tally.check(`the script passes ${name} ${args[0]}`, async () => {
        const folder = path.dirname(SCRIPT);
        const end = await runProcess({
          command: python,
          args: ["-m", name, ...args],
          environment: process.env,
          cwd: folder,
          timeoutMs: 900_000,
        });
        if (end.code !== 0) {
          throw new Error(end.stdout + end.stderr);
        }
      });
    await tool("ruff", "check", "--no-cache", "select_frames");
    await tool("ruff", "format", "--check", "--no-cache", "select_frames");
    await tool("mypy", "--strict", "--cache-dir", path.join(python, "../../mypy"), "-p", "select_frames");
    const clips = path.join(tmpdir(), `lightly-aws-clips-${process.getuid?.() ?? 0}`);
    await makeClips(clips);
    const runs = new StudioRuns(setup);
    try {
      await judgeResults(setup, runs, clips);
      await judgeTraps(setup, runs);
      await judgeDamage(setup, runs);
      await judgeInterruptions(setup, runs);
      await judgeNode(setup, runs);
      await judgePairs(setup, runs);
      await judgeRefusals(setup, runs);
      await judgeShards(setup, runs);
      await judgeImage(setup, clips);
    } finally {
      runs.s3.destroy();
    }
  },
};
