import { join } from "node:path";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { watchRun } from "../../scripts/local/run-watcher.ts";
import { pressButton, writeStudioFlow } from "../../scripts/local/studio-flow.ts";
import type { Bench } from "../benchmark.ts";

const LIMIT_MS = 5 * 60_000;
const ROUNDS = 3;

/** Runs `examples/studio.json` in new Node-REDs. Returns the seconds that its step with LightlyStudio has taken. */
export async function stepSeconds(o: {
  readonly bench: Bench;
  readonly python: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<number[]> {
  const { bench, python, environment } = o;
  const { file, button } = await writeStudioFlow({ file: join(bench.folder, "studio.json"), python, embedder: "grid" });
  const durations: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    bench.say(`the step, ${round} of ${ROUNDS}`);
    const nodeRed = await startNodeRed({ userDir: join(bench.folder, `node-red-${round}`), flow: file, environment });
    try {
      const { url } = nodeRed;
      const { signal } = bench;
      const runId = await pressButton(url, button, signal);
      const run = await watchRun({
        ...{ url, runId, signal, lastStepType: "lightly-ec2-stop", limitMs: LIMIT_MS },
        onStep: () => {},
      });
      const step = run.steps.find(({ role }) => role === "select");
      if (run.error || step?.endedAt === undefined) {
        throw new Error(`The run failed: ${run.error?.message}`);
      }
      durations.push((step.endedAt - step.startedAt) / 1000);
    } finally {
      await nodeRed.close();
    }
  }
  return durations;
}
