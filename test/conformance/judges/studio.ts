import path from "node:path";
import type { Judge, Setup } from "../judge.ts";
import { runProcess } from "../run-process.ts";
import { judgeDamage } from "./studio/judge-damage.ts";
import { judgeInterruptions } from "./studio/judge-interruptions.ts";
import { judgeNode } from "./studio/judge-node.ts";
import { judgeResults } from "./studio/judge-results.ts";
import { judgeTraps } from "./studio/judge-traps.ts";
import { SCRIPT, withRuns } from "./studio/studio-runs.ts";
import { clipsFolder, uploadVideos } from "./studio/videos.ts";

/** Our script with the real LightlyStudio, against the sandbox's S3: what a run selects, even after it was interrupted. */
export const studio: Judge = {
  name: "studio",
  title: "Our script with LightlyStudio",
  requirements: "requirements-studio.txt",
  python: { least: 11, most: 13 },
  async run(setup) {
    await judgeCode(setup);
    const clips = await clipsFolder();
    await withRuns(setup, "results", async (runs) => {
      await uploadVideos(runs, clips);
      await judgeResults(setup, runs, clips);
    });
    await withRuns(setup, "traps", (runs) => judgeTraps(setup, runs));
    await withRuns(setup, "damage", (runs) => judgeDamage(setup, runs));
    await withRuns(setup, "interruptions", (runs) => judgeInterruptions(setup, runs));
    await withRuns(setup, "node", (runs) => judgeNode(setup, runs));
  },
};

async function judgeCode({ tally, python }: Setup): Promise<void> {
  const tool = (name: string, ...args: string[]) =>
    tally.check(`the script passes ${name} ${args[0]}`, async () => {
      const end = await runProcess({
        command: python,
        args: ["-m", name, ...args],
        environment: process.env,
        cwd: path.dirname(SCRIPT),
        timeoutMs: 900_000,
      });
      if (end.code !== 0) {
        throw new Error(end.stdout + end.stderr);
      }
    });
  await tool("ruff", "check", "--no-cache", "select_frames");
  await tool("ruff", "format", "--check", "--no-cache", "select_frames");
  await tool("mypy", "--strict", "--cache-dir", path.join(python, "../../mypy"), "-p", "select_frames");
}
