import { deepEqual, equal } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { instanceState } from "../../scripts/local/instance-state.ts";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, isOver, useRestarts } from "./support/restarts.ts";

describe("the pipeline with a start before the end of the upload", () => {
  const restarts = useRestarts({ worker: "instant" });

  const startOf = (run: RunRecord): StepRecord | undefined => stepOf(run, "lightly-ec2-start");
  const isHeld = (run: RunRecord): boolean => startOf(run)?.phases?.at(-1)?.name === "uploading";
  const count = (kind: string, is: (event: Record<string, unknown>) => boolean): number =>
    restarts.sandbox.events.list({ kind }).filter(is).length;
  const starts = (): number => count("instance", ({ state }) => state === "running");
  const scripts = (): number => count("command", ({ commands }) => !String(commands).startsWith("shutdown"));

  /** What is on disk. */
  const journal = async (): Promise<string> => {
    const folder = join(restarts.userDir, "lightly-aws", "runs");
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
  };

  /** Wires the start beside the upload, and holds the upload until its fault is removed. */
  async function beside() {
    const nodeRed = await restarts.start();
    await restarts.deploy((nodes) => {
      const idOf = (type: string): string => nodes.find((node) => node.type === type)?.id ?? "";
      const [upload, start] = [idOf("lightly-s3-upload"), idOf("lightly-ec2-start")];
      return nodes.map((node): FlowNode => {
        if (node.type === "lightly-pexels-download") {
          return { ...node, wires: [[upload, start]] };
        }
        if (node.id === upload) {
          return { ...node, wires: [[]] };
        }
        return node.id === start ? { ...node, startWhen: "upload" } : node;
      });
    });
    const upload = { service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS, times: 1 } as const;
    return { nodeRed, held: restarts.sandbox.faults.add(upload) };
  }

  it("completes, and sends the script only when the video is in the bucket", async () => {
    const { held } = await beside();
    const runId = await restarts.trigger();
    const waiting = await restarts.untilRun(runId, isHeld);
    equal(stepOf(waiting, "lightly-s3-upload")?.state, "running");
    equal(await instanceState(restarts.sandbox), "stopped");
    restarts.sandbox.faults.remove(held);
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "completed", JSON.stringify(run.error));
    const [upload, command] = ["lightly-s3-upload", "lightly-ssm-run-script"].map((type) => stepOf(run, type));
    equal((command?.startedAt ?? 0) >= (upload?.endedAt ?? Number.POSITIVE_INFINITY), true);
    equal(await instanceState(restarts.sandbox), "stopped");
  });

  it("continues after Node-RED was killed while it waited, and does nothing twice", async () => {
    const { nodeRed, held } = await beside();
    const [started, sent] = [starts(), scripts()];
    const runId = await restarts.trigger();
    await until(async () => (await journal()).includes('"uploading"'));
    await nodeRed.kill();
    // The upload may not have reached it before the end. Then it would hold the next one, until that times out.
    restarts.sandbox.faults.remove(held);
    await restarts.start();
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "completed", JSON.stringify(run.error));
    equal(startOf(run)?.resumeCount, 1);
    deepEqual([starts() - started, scripts() - sent], [1, 1]);
    equal(await instanceState(restarts.sandbox), "stopped");
  });

  it("starts nothing if the upload fails", async () => {
    const { held } = await beside();
    const started = starts();
    const { faults } = restarts.sandbox;
    faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
    const runId = await restarts.trigger();
    await restarts.untilRun(runId, isHeld);
    faults.remove(held);
    const run = await restarts.untilRun(runId, isOver);
    equal(run.error?.code, "S3_ACCESS_DENIED");
    equal(startOf(run)?.state, "aborted");
    equal(starts(), started);
    equal(await instanceState(restarts.sandbox), "stopped");
  });
});
