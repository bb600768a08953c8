import { deepEqual, doesNotMatch, equal, ok } from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { JournalRun } from "../../src/journal/journal-run.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { readRunLines } from "../../src/journal/run-lines.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { openFlow, resumeAll, select, stop } from "../runs/fake-flow.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { checkLegal, pendingOf, SECRETS } from "./legal-runs.ts";
import { RandomFlow, randomOf } from "./operations.ts";

/** The disk of one process. It writes until the process ends, and each write is atomic. */
class Disk {
  #isAlive: boolean;

  constructor({ isAlive = true } = {}) {
    this.#isAlive = isAlive;
  }

  async replace(file: string, text: string): Promise<void> {
    if (this.#isAlive) {
      writeFileSync(file, text);
    }
  }

  async append(file: string, text: string): Promise<void> {
    if (this.#isAlive) {
      appendFileSync(file, text);
    }
  }

  kill(): void {
    this.#isAlive = false;
  }
}

/** Random sequences for each test. Each is checked after all of its actions, which takes most of the time. */
const SEEDS = 16;
const DEAD = new Disk({ isAlive: false });
const fail = (text: string): never => ok(false, text) as never;

function attached(folder: string, time: FakeClock, disk: Disk): RunRegistry {
  const runs = new RunRegistry({ now: time.now, later: time.alarm });
  runs.attach(new RunJournal({ folder, warn: fail, disk, clock: new FakeClock() }));
  return runs;
}

/** All runs on disk. None of their files is damaged. */
async function onDisk(folder: string, why: string): Promise<Map<string, JournalRun>> {
  const found = new Map<string, JournalRun>();
  for (const name of await readdir(folder)) {
    if (name.endsWith(".json")) {
      const content = readRunLines(await readFile(join(folder, name), "utf8"));
      ok("run" in content, why);
      found.set(content.run.runId, content.run);
    }
  }
  return found;
}

/** The expected change of a run by a restart: its running steps are interrupted. */
function essence({ steps }: RunRecord): unknown[] {
  return steps.map(({ stepId, parentStepId, state, checkpoint, replacedBy, resumeCount, attempt, result }) => ({
    ...{ stepId, parentStepId, checkpoint, replacedBy, resumeCount, attempt, result },
    state: state === "running" ? "interrupted" : state,
  }));
}

/** Restores the runs on disk, and checks each of them. */
async function restored(folder: string, time: FakeClock, disk: Disk, why: string): Promise<RunRegistry> {
  const kept = await onDisk(folder, why);
  const runs = attached(folder, time, disk);
  equal(runs.list().length, kept.size, why);
  for (const run of runs.list()) {
    checkLegal(run, kept.get(run.runId) as JournalRun, why);
  }
  return runs;
}

/** Starts the flow, and checks that every run continues, with each step and each message once. */
async function checkTakeUp(folder: string, runs: RunRegistry, why: string): Promise<void> {
  const kept = await onDisk(folder, why);
  const left = runs.list();
  const flow = Object.values(openFlow(runs));
  deepEqual(resumeAll(runs), [], why);
  const resumed = flow.flatMap((node) => node.resumed);
  const interrupted = left.flatMap(({ steps }) => steps).filter(({ state }) => state === "interrupted");
  deepEqual(resumed.map(({ record }) => record.stepId).sort(), interrupted.map(({ stepId }) => stepId).sort(), why);
  for (const { signal, alwaysRuns, runId, abortCause } of resumed) {
    const run = left.find((one) => one.runId === runId);
    const isGivenUp = run?.error !== undefined;
    if (abortCause === "skipped") {
      const hasEnd = run?.steps.some(
        ({ type, endedAt, checkpoint, result }) =>
          (type === stop.type && (checkpoint !== undefined || result !== undefined)) ||
          (type === select.type && endedAt !== undefined),
      );
      ok(!isGivenUp && hasEnd, why);
    } else {
      equal(signal.aborted, isGivenUp && !alwaysRuns, why);
    }
  }
  const pending = [...kept.values()].reduce((sum, run) => sum + pendingOf(run), 0);
  equal(flow.flatMap((node) => node.redelivered).length, pending, why);
  ok(
    runs.list().every(({ steps }) => steps.every(({ state }) => state !== "interrupted")),
    why,
  );
  checkLeases(runs, why);
}

/** No finished run uses an instance. */
function checkLeases(runs: RunRegistry, why: string): void {
  const ended = new Set(
    runs
      .list()
      .filter(({ endedAt }) => endedAt !== undefined)
      .map(({ runId }) => runId),
  );
  const probe: Step = runs.begin("probe", stop);
  for (const instanceId of ["i-0", "i-1", "i-2"]) {
    for (const runId of probe.instances.neededByOthers(instanceId)) {
      ok(!ended.has(runId), `${instanceId} is used by ${runId}, which is over. ${why}`);
    }
  }
  probe.complete({});
}

describe("after any sequence of actions of steps and users", () => {
  const folder = useTemporaryFolder();

  it("a restart restores each run, and all of them continue", async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const path = join(folder.path, String(seed));
      await mkdir(path);
      const time = new FakeClock();
      const runs = attached(path, time, new Disk());
      const flow = new RandomFlow(runs, time, randomOf(seed));
      for (let count = 0; count < 25; count += 1) {
        flow.doSomething();
        await turn();
        await runs.flush();
        const why = `seed ${seed}: ${flow.done.join(", ")}`;
        const found = await restored(path, time, DEAD, why);
        equal(found.list().length, runs.list().length, why);
        for (const before of runs.list()) {
          deepEqual(essence(found.get(before.runId) as RunRecord), essence(before), why);
        }
        await checkTakeUp(path, found, why);
        checkLeases(runs, why);
      }
    }
  });

  it("a second restart restores what the first one has written", async () => {
    for (let seed = 500; seed < 500 + SEEDS; seed += 1) {
      const path = join(folder.path, String(seed));
      await mkdir(path);
      const time = new FakeClock();
      const random = randomOf(seed);
      let disk = new Disk();
      let runs = attached(path, time, disk);
      const done: string[] = [];
      for (let life = 0; life < 4; life += 1) {
        const flow = new RandomFlow(runs, time, random);
        for (let count = random(20); count >= 0; count -= 1) {
          flow.doSomething();
          await turn();
        }
        await runs.flush();
        done.push(...flow.done, "restart");
        const why = `seed ${seed}: ${done.join(", ")}`;
        disk.kill();
        const short = new Disk();
        const next = await restored(path, time, short, why);
        await checkTakeUp(path, next, why);
        await next.flush();
        short.kill();
        disk = new Disk();
        runs = await restored(path, time, disk, why);
        for (const run of runs.list()) {
          deepEqual(essence(run), essence(next.get(run.runId) as RunRecord), why);
        }
        await checkTakeUp(path, runs, why);
      }
      await runs.flush();
    }
  });

  it("a restart at any moment, also between an operation and its write, restores only consistent runs, which continue", async () => {
    for (let seed = 1000; seed < 1000 + SEEDS; seed += 1) {
      const random = randomOf(seed);
      const path = join(folder.path, String(seed));
      await mkdir(path);
      const time = new FakeClock();
      const runs = new RunRegistry({ now: time.now, later: time.alarm });
      runs.attach(new RunJournal({ folder: path, warn: fail }));
      const flow = new RandomFlow(runs, time, random);
      for (let count = 0; count < 30; count += 1) {
        flow.doSomething();
        for (let turns = random(6); turns > 0; turns -= 1) {
          await turn();
        }
        const why = `seed ${seed}: ${flow.done.join(", ")}`;
        const copy = join(folder.path, `${seed}-${count}`);
        await cp(path, copy, { recursive: true, filter: (name) => !name.includes(".tmp-") });
        const found = await restored(copy, time, DEAD, why);
        for (const { runId } of found.list()) {
          ok(runs.get(runId), why);
        }
        await checkTakeUp(copy, found, why);
      }
      await runs.flush();
      // A later change may be about to be written.
      for (const name of (await readdir(path)).filter((file) => file.endsWith(".json"))) {
        doesNotMatch(await readFile(join(path, name), "utf8"), SECRETS);
      }
    }
  });

  it("a saved checkpoint is on disk", async () => {
    const runs = new RunRegistry();
    runs.attach(new RunJournal({ folder: folder.path, warn: fail }));
    const random = randomOf(7);
    const steps = Array.from({ length: 5 }, (_, i) =>
      runs.begin(`r${i}`, { nodeId: "n", type: "t", role: "upload", name: "s", alwaysRuns: false }),
    );
    for (let count = 0; count < 100; count += 1) {
      const step = steps[random(steps.length)] as Step;
      for (let progress = random(4); progress > 0; progress -= 1) {
        step.progress({ loadedBytes: progress });
      }
      await step.saveCheckpoint({ id: count });
      const found = attached(folder.path, new FakeClock(), DEAD);
      equal(found.get(step.runId)?.steps[0]?.checkpoint?.id, count);
    }
    await runs.flush();
  });
});
