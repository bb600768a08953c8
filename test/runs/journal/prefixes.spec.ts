import { deepEqual, doesNotMatch, equal, ok } from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { parseJournalRun } from "../../../src/runs/journal/journal-run.ts";
import { RunJournal } from "../../../src/runs/journal/run-journal.ts";
import type { RunRecord, StepRecord } from "../../../src/runs/run-record.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/step.ts";
import { doSomething, randomOf } from "./operations.ts";
import { useTempFolder } from "./temp-folder.ts";

/** What a record may say of a run of which no step works. */
function checkLegal(run: RunRecord, why: string): void {
  ok(run.steps.length > 0, why);
  const isInterrupted = run.steps.some(({ state, redoneBy }) => state === "interrupted" && redoneBy === undefined);
  ok(
    run.steps.every(({ state }) => state !== "working"),
    why,
  );
  equal(run.state, isInterrupted ? "interrupted" : run.error ? "failed" : "completed", why);
  equal(run.endedAt === undefined, isInterrupted, why);
  for (const { state, endedAt, error } of run.steps) {
    ok(state === "interrupted" || endedAt !== undefined, why);
    ok(error !== undefined || (state !== "failed" && state !== "aborted"), why);
  }
  doesNotMatch(JSON.stringify(run.steps.map(({ error }) => error)), /=secret|"token":"secret"/, why);
}

/** What a restart may change of a run: its working steps are interrupted, and no more. */
function afterRestart(run: RunRecord): Array<Pick<StepRecord, "stepId" | "state" | "checkpoint">> {
  return run.steps.map(({ stepId, state, checkpoint }) => ({
    stepId,
    state: state === "working" ? ("interrupted" as const) : state,
    ...(checkpoint ? { checkpoint } : {}),
  }));
}

function essence({ steps }: RunRecord): Array<Pick<StepRecord, "stepId" | "state" | "checkpoint">> {
  return steps.map(({ stepId, state, checkpoint }) => ({ stepId, state, ...(checkpoint ? { checkpoint } : {}) }));
}

describe("after any sequence of what steps and users do", function () {
  this.timeout(60_000);
  const folder = useTempFolder();
  const restart = (path: string): RunRegistry => {
    const runs = new RunRegistry();
    const journal = new RunJournal({ folder: path, warn: (text) => ok(false, text), replace: async () => {} });
    runs.attach(journal);
    return runs;
  };

  it("a restart finds each run as it was, with its working steps interrupted", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = randomOf(seed);
      const path = join(folder.path, String(seed));
      await mkdir(path);
      // Writes as they come, so that the disk is as current as the operations: what is written is the subject, not how.
      const replace = (file: string, text: string): Promise<void> => writeFile(file, text);
      const runs = new RunRegistry();
      runs.attach(new RunJournal({ folder: path, warn: (text) => ok(false, text), replace }));
      const working: Step[] = [];
      const done: string[] = [];
      for (let count = 0; count < 25; count += 1) {
        done.push(doSomething(runs, working, random));
        await runs.flush();
        const found = restart(path);
        const why = `seed ${seed}: ${done.join(", ")}`;
        equal(found.list().length, runs.list().length, why);
        for (const before of runs.list()) {
          const after = found.get(before.runId) as RunRecord;
          checkLegal(after, why);
          deepEqual(essence(after), afterRestart(before), why);
        }
        for (const { runId, state } of found.list()) {
          if (state === "interrupted") {
            equal(
              found.begin(runId, { nodeId: "n1", type: "t", name: "again", alwaysRuns: false }).signal.aborted,
              false,
            );
          }
        }
      }
    }
  });

  it("a restart at any moment, also between an operation and its write, finds legal runs only", async () => {
    for (let seed = 1000; seed < 1040; seed += 1) {
      const random = randomOf(seed);
      const path = join(folder.path, String(seed));
      const runs = new RunRegistry();
      runs.attach(new RunJournal({ folder: path, warn: (text) => ok(false, text) }));
      const working: Step[] = [];
      const done: string[] = [];
      for (let count = 0; count < 30; count += 1) {
        done.push(doSomething(runs, working, random));
        for (let turns = random(6); turns > 0; turns -= 1) {
          await turn();
        }
        for (const name of await readdir(path).catch(() => [])) {
          if (name.endsWith(".json")) {
            const why = `seed ${seed}: ${done.join(", ")}`;
            ok("run" in parseJournalRun(await readFile(join(path, name), "utf8")), why);
          }
        }
        for (const run of restart(path).list()) {
          checkLegal(run, `seed ${seed}: ${done.join(", ")}`);
          ok(runs.get(run.runId));
        }
      }
      await runs.flush();
      for (const name of await readdir(path)) {
        doesNotMatch(await readFile(join(path, name), "utf8"), /=secret|"token":"secret"/);
      }
    }
  });

  it("a checkpoint that has been answered is on the disk", async () => {
    const runs = new RunRegistry();
    runs.attach(new RunJournal({ folder: folder.path, warn: (text) => ok(false, text) }));
    const random = randomOf(7);
    const steps = Array.from({ length: 5 }, (_, i) =>
      runs.begin(`r${i}`, { nodeId: "n", type: "t", name: "s", alwaysRuns: false }),
    );
    for (let count = 0; count < 100; count += 1) {
      const step = steps[random(steps.length)] as Step;
      for (let progress = random(4); progress > 0; progress -= 1) {
        step.progress({ loadedBytes: progress });
      }
      await step.checkpoint({ id: count });
      equal(restart(folder.path).get(step.runId)?.steps[0]?.checkpoint?.id, count);
    }
    await runs.flush();
  });
});
