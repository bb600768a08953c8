import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncedDisk } from "../../src/journal/journal-disk.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { openFlow, resumeAll, select, upload } from "../runs/fake-flow.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const SOURCE = { ...upload, nodeId: "n0", type: "lightly-video-source", role: "source" } as const;

/** A disk that counts what is written. */
class CountingDisk {
  replaced = 0;
  appended: number[] = [];

  async replace(path: string, text: string): Promise<void> {
    this.replaced += 1;
    await syncedDisk.replace(path, text);
  }

  async append(path: string, text: string): Promise<void> {
    this.appended.push(text.length);
    await syncedDisk.append(path, text);
  }
}

describe("the file of a run", () => {
  const folder = useTemporaryFolder();
  let disk: CountingDisk;
  let runs: RunRegistry;
  const fail = (text: string): never => ok(false, text) as never;
  const open = (): RunRegistry => {
    const registry = new RunRegistry({ later: () => {} });
    registry.attach(new RunJournal({ folder: folder.path, warn: fail, disk }));
    return registry;
  };
  const path = (): string => join(folder.path, fileNameOf("r"));

  beforeEach(() => {
    disk = new CountingDisk();
    runs = open();
  });

  async function sendVideos(step: Step, count: number): Promise<void> {
    await step.sequence.save({ maxFailures: 0 }, Array(count).fill({ path: "/videos/front camera/1.mp4" }));
    for (let item = 0; item < count; item += 1) {
      const message = { _msgid: "r", payload: item, parts: { id: step.record.stepId, index: item, count } };
      step.recordSend(0, message, [upload.nodeId], { item });
      const next = runs.begin("r", upload, { message, parentStepId: step.record.stepId, parentItem: item });
      next.complete({});
      await next.ensureSaved();
    }
  }

  it("costs a change the same, however many steps the run has", async () => {
    const step = runs.begin("r", SOURCE, { message: { _msgid: "r" } });
    await sendVideos(step, 400);
    const half = disk.appended.length / 2;
    const mean = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const [early, late] = [mean(disk.appended.slice(0, half)), mean(disk.appended.slice(half))];
    ok(late < 1.2 * early, `${early} bytes at the start, ${late} bytes at the end`);
    ok(disk.replaced < 10, `${disk.replaced} replacements of the whole file`);
    await runs.flush();
    equal(open().get("r")?.steps.length, 401);
  });

  it("is at most twice as large as the run, and as small as that at its end", async () => {
    const step = runs.begin("r", upload, { message: { _msgid: "r", payload: "x".repeat(1000) } });
    for (let id = 0; id < 2000; id += 1) {
      await step.saveCheckpoint({ id });
      if (id % 100 === 0) {
        ok((await stat(path())).size < 70_000);
      }
    }
    step.complete({});
    await runs.flush();
    ok((await stat(path())).size < 3000);
  });

  it("is written as a whole again if somebody has removed it", async () => {
    const step = runs.begin("r", upload);
    await step.saveCheckpoint({ id: 1 });
    await rm(path());
    await step.saveCheckpoint({ id: 2 });
    deepEqual(open().get("r")?.steps[0]?.checkpoint, { id: 2 });
  });

  it("is written as a whole after a failure, which may have left a part of a line", async () => {
    const step = runs.begin("r", upload);
    await step.saveCheckpoint({ id: 1 });
    const { append } = disk;
    disk.append = async (file, text) => {
      await append.call(disk, file, text.slice(0, 20));
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    };
    await step.saveCheckpoint({ id: 2 });
    disk.append = append;
    await step.saveCheckpoint({ id: 3 });
    deepEqual(open().get("r")?.steps[0]?.checkpoint, { id: 3 });
    equal(disk.replaced, 2);
  });

  it("of the first version of this package is read, continues, and is replaced by one of this version", async () => {
    const old = {
      version: 1,
      runId: "r",
      startedAt: Date.now(),
      events: [{ kind: "instances-started", instanceIds: ["i-1"] }],
      steps: [
        {
          ...upload,
          stepId: "r/1",
          startedAt: 1,
          state: "completed",
          endedAt: 2,
          outbox: [],
          message: { _msgid: "r" },
        },
        { ...select, stepId: "r/2", startedAt: 3, state: "running", checkpoint: { scheduledRunId: "s" } },
      ],
    };
    await writeFile(path(), JSON.stringify(old));
    runs = open();
    deepEqual(
      runs.get("r")?.steps.map(({ state }) => state),
      ["completed", "interrupted"],
    );
    openFlow(runs);
    resumeAll(runs);
    await runs.flush();
    equal(JSON.parse((await readFile(path(), "utf8")).split("\n")[0] ?? "").version, 2);
    const again = open().get("r");
    deepEqual(again?.steps[1]?.checkpoint, { scheduledRunId: "s" });
  });
});
