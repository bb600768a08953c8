import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { instanceState } from "../../scripts/local/instance-state.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { workOnce } from "../nodes/support/worker.ts";
import { stepOf } from "./support/pipeline.ts";
import { isOver, useRestarts } from "./support/restarts.ts";
import { reopenSteps, runFiles, setJournalBack } from "./support/set-journal-back.ts";

const HOUR_MS = 3_600_000;

describe("a time limit that passes while Node-RED is down", () => {
  const restarts = useRestarts({ worker: "instant" });

  afterEach(() => restarts.sandbox.faults.clear());

  /** Starts Node-RED with changed nodes of the example, and a run. */
  async function begin(changes: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<string> {
    await restarts.start();
    await restarts.deploy((nodes) => nodes.map((node) => ({ ...node, ...changes[node.type] })));
    return await restarts.trigger();
  }

  /** Kills Node-RED when the journal has the text, and starts it again as if three hours had passed. */
  async function restartHoursAfter(text: string, meanwhile = async (): Promise<void> => {}): Promise<void> {
    await until(async () => {
      const texts = await Promise.all((await runFiles(restarts.userDir)).map((file) => readFile(file, "utf8")));
      return texts.some((one) => one.includes(text));
    });
    await restarts.nodeRed.kill();
    await meanwhile();
    await setJournalBack(restarts.userDir, 3 * HOUR_MS);
    await restarts.start();
  }

  async function untilFailed(runId: string, type: string, code: string): Promise<RunRecord> {
    const run = await restarts.untilRun(runId, isOver);
    deepEqual([stepOf(run, type)?.error?.code, stepOf(run, type)?.resumeCount], [code, 1], JSON.stringify(run.error));
    await until(async () => (await instanceState(restarts.sandbox)) === "stopped");
    return run;
  }

  it("ends the wait for an instance that is paid and never online", async () => {
    restarts.sandbox.faults.neverOnline = true;
    const runId = await begin({ "lightly-ec2-start": { timeoutMinutes: "30" } });
    await restartHoursAfter('"goal":"ready"');
    const run = await untilFailed(runId, "lightly-ec2-start", "SSM_NOT_ONLINE");
    match(String(stepOf(run, "lightly-ec2-start")?.error?.message), /^Waited 3 h for the SSM agent/);
  });

  it("ends the wait for capacity, after one more request", async () => {
    const { faults } = restarts.sandbox;
    faults.capacityMissing = 1000;
    const runId = await begin({ "lightly-ec2-start": { capacityTimeoutMinutes: "30" } });
    let left = 0;
    await restartHoursAfter('"capacityWait"', async () => {
      left = faults.capacityMissing;
    });
    const run = await untilFailed(runId, "lightly-ec2-start", "EC2_NO_CAPACITY");
    match(String(stepOf(run, "lightly-ec2-start")?.error?.message), /Requested for 3 h\./);
    ok(faults.capacityMissing < left, String(left));
  });

  it("does not end a run for whose instance there is capacity by then", async () => {
    const { faults } = restarts.sandbox;
    faults.capacityMissing = 1000;
    const runId = await begin({ "lightly-ec2-start": { capacityTimeoutMinutes: "30" } });
    await restartHoursAfter('"capacityWait"', async () => faults.clear());
    const run = await restarts.untilRun(runId, isOver);
    deepEqual([run.state, stepOf(run, "lightly-ec2-start")?.resumeCount], ["completed", 1], JSON.stringify(run.error));
  });

  it("ends the wait for a script that AWS never reports as ended, but not because no worker has come meanwhile", async () => {
    restarts.sandbox.faults.neverDelivered = true;
    const runId = await begin({
      "lightly-ssm-run-script": { executionTimeoutHours: "0.01" },
      "lightly-run": { workerTimeoutMinutes: "60" },
    });
    await restartHoursAfter('"commandId"');
    const run = await untilFailed(runId, "lightly-ssm-run-script", "TIMED_OUT");
    match(String(stepOf(run, "lightly-ssm-run-script")?.error?.message), /^Waited 3 h for command/);
  });

  describe("of a run that no worker has taken when the script ends", () => {
    const script = (): string => join(restarts.sandbox.instanceDir, "home/ubuntu/run.sh");
    let original: string;
    beforeEach(async () => {
      original = await readFile(script(), "utf8");
      await writeFile(script(), "true");
    });
    afterEach(() => writeFile(script(), original));
    const beginWithoutWorker = () => begin({ "lightly-run": { workerTimeoutMinutes: "60" } });
    const SAVED = '"what":"the script had ended"';

    it("ends the wait for a worker", async () => {
      const runId = await beginWithoutWorker();
      await restartHoursAfter(SAVED);
      const run = await untilFailed(runId, "lightly-run", "LIGHTLY_NO_WORKER");
      match(String(stepOf(run, "lightly-run")?.error?.message), /within 60 min after the script had ended/);
    });

    it("ends it also if Node-RED has died before the step of the script had ended", async () => {
      const runId = await beginWithoutWorker();
      await restartHoursAfter(SAVED, () => reopenSteps(restarts.userDir, "lightly-ssm-run-script"));
      const run = await untilFailed(runId, "lightly-run", "LIGHTLY_NO_WORKER");
      equal(stepOf(run, "lightly-ssm-run-script")?.resumeCount, 1);
    });

    it("ends the wait for the run", async () => {
      const runId = await begin({ "lightly-run": { workerTimeoutMinutes: "0", timeoutHours: "1" } });
      await restartHoursAfter('"command-ended"');
      const run = await untilFailed(runId, "lightly-run", "TIMED_OUT");
      match(String(stepOf(run, "lightly-run")?.error?.message), /^Waited 3 h for Lightly/);
    });

    it("does not end a run that a worker has taken by then", async () => {
      const runId = await beginWithoutWorker();
      await restartHoursAfter(SAVED, () => workOnce(restarts.sandbox));
      const run = await restarts.untilRun(runId, isOver);
      deepEqual([run.state, stepOf(run, "lightly-run")?.resumeCount], ["completed", 1], JSON.stringify(run.error));
    });
  });
});
