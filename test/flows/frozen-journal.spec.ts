import { deepEqual, equal, match } from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { instanceState } from "../../scripts/local/instance-state.ts";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { until } from "../nodes/support/until.ts";
import { isCleanedUp, isOver, useRestarts } from "./support/restarts.ts";
import { untilLogged } from "./support/until-logged.ts";

describe("a run whose journal freezes", () => {
  const restarts = useRestarts();

  const runsFolder = (): string => join(restarts.userDir, "lightly-aws", "runs");
  const mark = (): string => `${restarts.userDir}.frozen`;
  const freeze = (code: "ENOSPC" | "EROFS"): Promise<void> => writeFile(mark(), code);
  const thaw = (): Promise<void> => rm(mark(), { force: true });
  const start = (): Promise<NodeRedProcess> =>
    restarts.start(undefined, {
      NODE_OPTIONS: `--require ${join(import.meta.dirname, "support", "frozen-disk.cjs")}`,
      FROZEN_FOLDER: runsFolder(),
      FROZEN_MARK: mark(),
    });
  /** The remote work that was started, from the sandbox's record: worker commands, starts of the instance, Lightly runs. */
  const started = (): number[] => [
    restarts.sandbox.events.list({ kind: "command" }).filter(({ commands }) => !String(commands).startsWith("shutdown"))
      .length,
    restarts.sandbox.events.list({ kind: "instance" }).filter(({ state }) => state === "pending").length,
    restarts.sandbox.record.scheduledRuns().length,
  ];
  const plus = (counts: readonly number[], more: readonly number[]): number[] =>
    counts.map((count, index) => count + (more[index] ?? 0));

  it("while Node-RED is down is not resumed: its remote work is canceled, and its instance is stopped", async () => {
    const first = await start();
    const before = started();
    restarts.sandbox.faults.runNeverEnds = true;
    const { runId } = await restarts.untilSelecting();
    await first.kill();
    await freeze("EROFS");
    await start();
    const run = await restarts.untilRun(runId, (one) => isOver(one) && isCleanedUp(one));
    equal(run.error?.code, "JOURNAL_WRITE_FAILED");
    await untilLogged(restarts.log, /A worker already has the Lightly run .* only stopping its instance ends it/);
    deepEqual(started(), plus(before, [1, 1, 1]));
    equal(await instanceState(restarts.sandbox), "stopped");
    await thaw();
  });

  for (const code of ["ENOSPC", "EROFS"] as const) {
    it(`before its first step starts no remote work, and reports ${code}`, async () => {
      await start();
      const before = started();
      await freeze(code);
      const runId = await restarts.trigger();
      const run = await restarts.untilRun(runId, (one) => isOver(one) && isCleanedUp(one));
      equal(run.error?.code, "JOURNAL_WRITE_FAILED");
      match(run.error?.message ?? "", new RegExp(`${code}: .*Free disk space`));
      match(run.unsavedReason ?? "", new RegExp(`^${code}`));
      deepEqual(started(), before);
      equal(restarts.log.filter((line) => line.includes("can't be written")).length, 1);
      await thaw();
      await restarts.untilRun(runId, ({ unsavedReason }) => unsavedReason === undefined);
      await until(() => restarts.log.some((line) => line.includes("can be written again")));
    });

    it(`while its worker is running (${code}) ends in memory, its instance is stopped, and a restart starts nothing again`, async () => {
      const first = await start();
      const before = started();
      restarts.sandbox.faults.runNeverEnds = true;
      const { runId } = await restarts.untilSelecting();
      await freeze(code);
      const { url } = first;
      await fetch(`${url}/lightly-pipeline/runs/${runId}/abort`, { method: "POST" });
      const run = await restarts.untilRun(runId, isCleanedUp);
      match(run.unsavedReason ?? "", new RegExp(code));
      equal(await instanceState(restarts.sandbox), "stopped");
      const isThere = async (): Promise<boolean> => (await readdir(runsFolder())).includes(fileNameOf(runId));
      // On a full disk the file can be removed, at the latest with the next write; on a read-only disk it can't.
      if (code === "ENOSPC") {
        await until(async () => !(await isThere()));
      }
      equal(await isThere(), code === "EROFS");

      await first.kill();
      restarts.sandbox.faults.clear();
      await start();
      if (code === "EROFS") {
        const resumed = await restarts.untilRun(runId, (one) => isOver(one) && isCleanedUp(one));
        // Both branches are refused at the same time: one of them is the failure.
        equal(resumed.error?.code, "JOURNAL_WRITE_FAILED");
        equal(resumed.steps.filter(({ state }) => state === "failed").length, 1);
      } else {
        deepEqual(await restarts.runs(), []);
      }
      deepEqual(started(), plus(before, [1, 1, 1]));
      equal(await instanceState(restarts.sandbox), "stopped");
      await thaw();
    });
  }
});
