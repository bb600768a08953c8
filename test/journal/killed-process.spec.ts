import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { FakeNode, resumeAll } from "../runs/fake-flow.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const ROUNDS = 6;

describe("a process that is killed during a write", () => {
  const folder = useTemporaryFolder();

  it("leaves complete files with every saved checkpoint, and each step continues in the next process", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const path = join(folder.path, String(round));
      const answered = await killAfter(path, 20 + 37 * round);
      const runs = new RunRegistry();
      runs.attach(new RunJournal({ folder: path, warn: (text) => ok(false, text) }));
      deepEqual([...answered.keys()].sort(), ["a", "b", "c"]);
      for (const [runId, id] of answered) {
        const run = runs.get(runId);
        equal(run?.state, "interrupted");
        ok(Number(run?.steps[0]?.checkpoint?.id) >= id, `${runId} was at ${id} at least`);
      }
      const node = new FakeNode("lightly-run");
      runs.nodes.register("n", node);
      deepEqual(resumeAll(runs), []);
      deepEqual(node.resumed.map(({ runId }) => runId).sort(), ["a", "b", "c"]);
      deepEqual(node.messages, Array(3).fill({ payload: "x".repeat(20_000) }));
      await runs.flush();
    }
  });
});

/** Starts runs in a process, kills it after a number of checkpoints, and returns the last one of each run. */
async function killAfter(folder: string, checkpoints: number): Promise<ReadonlyMap<string, number>> {
  const script = join(import.meta.dirname, "busy-process.ts");
  const child = spawn(process.execPath, [script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const answered = new Map<string, number>();
  let left = checkpoints;
  for await (const line of createInterface({ input: child.stdout })) {
    const [runId = "", id] = line.split(" ");
    answered.set(runId, Number(id));
    left -= 1;
    if (left === 0) {
      child.kill("SIGKILL");
    }
  }
  await ended;
  return answered;
}
