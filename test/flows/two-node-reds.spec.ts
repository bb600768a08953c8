import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { isCleanedUp, useRestarts } from "./support/restarts.ts";
import { untilLogged } from "./support/until-logged.ts";

describe("two Node-REDs on one user directory", () => {
  const restarts = useRestarts();
  const log: string[] = [];
  let second: NodeRedProcess | undefined;

  beforeEach(() => {
    log.length = 0;
  });
  afterEach(() => second?.close());

  const startSecond = async (): Promise<NodeRedProcess> => {
    second = await startNodeRed({
      userDir: restarts.userDir,
      flow: join(PACKAGE_ROOT, "examples", "flows.json"),
      environment: restarts.sandbox.environment,
      onLog: (line) => log.push(line),
    });
    return second;
  };
  /** From the sandbox's record, not from the journal. */
  const sentScripts = (): number =>
    restarts.sandbox.events.list({ kind: "command" }).filter(({ commands }) => !String(commands).startsWith("shutdown"))
      .length;
  const readFrom = async ({ url }: NodeRedProcess, runId: string): Promise<RunRecord> =>
    (await (await fetch(`${url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;

  it("process a run once: the second one shows it, resumes nothing and starts nothing", async () => {
    const before = [sentScripts(), restarts.sandbox.record.scheduledRuns().length];
    await restarts.start();
    restarts.sandbox.faults.runNeverEnds = true;
    const { runId } = await restarts.untilSelecting();
    const other = await startSecond();
    await untilLogged(
      log,
      /\[warn\] Another Node-RED \(process \d+ on .*\) uses the runs in .*This one only shows them/,
    );
    equal((await readFrom(other, runId)).state, "running");
    equal(stepOf(await readFrom(other, runId), "lightly-run")?.state, "running");

    const response = await fetch(`${other.url}/lightly-pipeline`, { method: "POST" });
    const { runId: refused } = (await response.json()) as { runId: string };
    await until(() => log.some((line) => /no step starts here/.test(line)));
    equal((await readFrom(other, refused)).steps, undefined);
    const abort = await commandRun(other.url, runId, "abort");
    deepEqual([abort.status, ((await abort.json()) as { code: string }).code], [409, "RUNS_LOCKED"]);

    restarts.sandbox.faults.clear();
    const aborted = await commandRun(restarts.nodeRed.url, runId, "abort");
    equal(aborted.status, 200);
    await restarts.untilRun(runId, isCleanedUp);
    deepEqual(
      [sentScripts(), restarts.sandbox.record.scheduledRuns().length],
      before.map((count) => count + 1),
    );
    equal(await instanceState(restarts.sandbox), "stopped");
  });

  it("switch roles when the first one is killed, and the run continues once", async () => {
    const before = [sentScripts(), restarts.sandbox.record.scheduledRuns().length];
    const killed = await restarts.start();
    restarts.sandbox.faults.runNeverEnds = true;
    const { runId } = await restarts.untilSelecting();
    const other = await startSecond();
    await killed.kill();
    await until(async () => stepOf(await readFrom(other, runId), "lightly-run")?.resumeCount === 1);
    await untilLogged(log, /this one takes over/);
    equal((await commandRun(other.url, runId, "abort")).status, 200);
    await until(async () => isCleanedUp(await readFrom(other, runId)));
    deepEqual(
      [sentScripts(), restarts.sandbox.record.scheduledRuns().length],
      before.map((count) => count + 1),
    );
    equal(await instanceState(restarts.sandbox), "stopped");
  });
});
