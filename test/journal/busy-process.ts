/**
 * A process that runs steps with a journal in the folder of its first argument, until it is killed. It prints each saved checkpoint:
 * `run id`.
 */
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";

const [, , folder = ""] = process.argv;
const runs = new RunRegistry();
runs.attach(new RunJournal({ folder, warn: (text) => console.error(text) }));

async function work(runId: string): Promise<void> {
  const identity = { nodeId: "n", type: "lightly-run", role: "select", name: "select", alwaysRuns: false } as const;
  const step = runs.begin(runId, identity, { message: { payload: "x".repeat(20_000) } });
  for (let id = 1; ; id += 1) {
    step.progress({ loadedBytes: id });
    await step.saveCheckpoint({ id });
    console.log(`${runId} ${id}`);
  }
}

for (const runId of ["a", "b", "c"]) {
  void work(runId);
}
