import { join } from "node:path";
import { startNodeRed } from "../../scripts/local/node-red-process.ts";
import { watchRun } from "../../scripts/local/run-watcher.ts";
import { pressButton, writeStudioFlow } from "../../scripts/local/studio-flow.ts";
import type { Bench } from "../benchmark.ts";

const LIMIT_MS = 5 * 60_000;

/** Runs `examples/studio.json` in a new Node-RED. Returns the seconds that its step with LightlyStudio has taken. */
export async function stepSeconds(o: {
  readonly bench: Bench;
  readonly name: string;
  readonly python: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<number> {
  const { bench, name, python, environment } = o;
  const { signal, folder } = bench;
  const { file, button } = await writeStudioFlow({ file: join(folder, `${name}.json`), python, embedder: "grid" });
  const nodeRed = await startNodeRed({ userDir: join(folder, name), flow: file, environment, allNodes: true });
  try {
    const { url } = nodeRed;
    const runId = await pressButton(url, button, signal);
    const run = await watchRun({
      ...{ url, runId, signal, lastStepType: "lightly-ec2-stop", limitMs: LIMIT_MS },
      onStep: () => {},
    });
    const step = run.steps.find(({ role }) => role === "select");
    if (run.error || step?.endedAt === undefined) {
      throw new Error(`The run failed: ${run.error?.message}`);
    }
    return (step.endedAt - step.startedAt) / 1000;
  } finally {
    await nodeRed.close();
  }
}
