/** A process that starts a small run and a large one in the folder of its first argument, and prints the result of each save. */
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";

// Then the system returns EFBIG instead of ending the process.
process.on("SIGXFSZ", () => {});
const [, , folder = ""] = process.argv;
const runs = new RunRegistry();
runs.attach(new RunJournal({ folder, warn: () => {} }));

for (const [runId, bytes] of [
  ["small", 10],
  ["large", 60_000],
] as const) {
  const identity = { nodeId: "n", type: "lightly-run", role: "select", name: "select", alwaysRuns: false } as const;
  const step = runs.begin(runId, identity, { message: { payload: "x".repeat(bytes) } });
  const answer = await step.ensureSaved().then(
    () => "kept",
    ({ code }: { code: string }) => code,
  );
  console.log(`${runId}: ${answer}`);
}
process.exit();
