import { deepEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, isOver } from "./support/restarts.ts";
import { COMMAND, change, SELECT, START, STOP, useWatchedInstance } from "./support/watched-instance.ts";

const isTab = ({ type }: FlowNode): boolean => type === "tab";

/** The kinds of deploys. Each change of the flow is tested with each of them in some phase. */
const KINDS = ["full", "nodes", "flows"] as const;

describe("the instance of a run is always stopped, also when its start takes seconds", () => {
  const { restarts, start, events, states, isOff, hasWarned } = useWatchedInstance({ startMs: 700, onlineMs: 2000 });

  const isOn = async (): Promise<boolean> => {
    // A requested start is visible after a moment.
    const before = states().length;
    await pause(1000);
    return states().length !== before || !(await isOff());
  };
  const cancelInTheApp = async ({ steps }: RunRecord): Promise<void> => {
    const { datasetId, scheduledRunId } = steps.find(({ type }) => type === SELECT)?.checkpoint ?? {};
    const { endpoints, token } = restarts.sandbox;
    const path = `/v1/datasets/${datasetId}/docker/worker/schedule/${scheduledRunId}`;
    const answer = await fetch(`${endpoints.lightly}${path}?token=${token}`, { method: "PUT" });
    equal(answer.ok, true);
  };
  const untilScheduled = (runId: string): Promise<RunRecord> =>
    restarts.untilRun(runId, (run) => stepOf(run, SELECT)?.checkpoint?.scheduledRunId !== undefined);
  const untilPhase = (runId: string, phase: (step: NonNullable<ReturnType<typeof stepOf>>) => boolean) =>
    restarts.untilRun(runId, (run) => {
      const starting = stepOf(run, START);
      return starting !== undefined && phase(starting);
    });

  describe("when the selection ends first", () => {
    it("is not started if the video is still being uploaded", async () => {
      await start();
      const { faults } = restarts.sandbox;
      const held = faults.add({ service: "s3", operation: "PutObject", kind: "latency", latencyMs: HANG_MS });
      const runId = await restarts.trigger();
      await cancelInTheApp(await untilScheduled(runId));
      // The upload ends later than the stop, and is followed by the start.
      await restarts.untilRun(runId, (one) => stepOf(one, STOP)?.state === "completed");
      faults.remove(held);
      const run = await restarts.untilRun(runId, (one) => isCleanedUp(one) && stepOf(one, START) !== undefined);
      equal(stepOf(run, STOP)?.state, "completed");
      equal(stepOf(run, START)?.state, "skipped");
      equal(stepOf(run, COMMAND), undefined);
      deepEqual(states(), []);
      equal(run.error?.code, "LIGHTLY_RUN_CANCELED");
      equal(hasWarned(/\[error\]/), false);
    });

    it("is stopped if it was starting, without a failure and without a command", async () => {
      await start();
      const runId = await restarts.trigger();
      await untilPhase(runId, ({ checkpoint }) => checkpoint?.leased === true);
      await cancelInTheApp(await untilScheduled(runId));
      const run = await restarts.untilRun(runId, isCleanedUp);
      equal(stepOf(run, START)?.state, "skipped");
      match(stepOf(run, START)?.error?.message ?? "", /the selection of the same run is over|ec2 stop|stop instance/);
      await until(isOff);
      equal(run.error?.code, "LIGHTLY_RUN_CANCELED");
      equal(events("command").length, 0);
    });
  });

  describe("when ec2 start is deleted or disabled while it is running", () => {
    const PHASES = {
      "about to start": (runId: string) => untilPhase(runId, ({ checkpoint }) => checkpoint?.leased === true),
      starting: () => until(() => states().includes("pending"), 10_000),
      connecting: (runId: string) => untilPhase(runId, ({ progress }) => progress?.message?.includes("SSM") === true),
    };
    const CHANGES = {
      "it is deleted": (nodes: FlowNode[]) => nodes.filter(({ type }) => type !== START),
      "it is disabled": change(START, { d: true }),
      "its tab is deleted": (nodes: FlowNode[]) => nodes.filter((node) => !isTab(node) && node.z === undefined),
      "its tab is disabled": change("tab", { disabled: true }),
      "all flows are deleted": () => [],
    };
    const cases = Object.entries(PHASES).flatMap(([phase, untilIn]) =>
      Object.entries(CHANGES).map(([what, edit]) => ({ phase, untilIn, what, edit })),
    );
    for (const [index, { phase, untilIn, what, edit }] of cases.entries()) {
      const kind = KINDS[index % KINDS.length] ?? "full";
      it(`is stopped when ${what} (${kind} deploy) while it is ${phase}`, async () => {
        await start();
        const runId = await restarts.trigger();
        await untilIn(runId);
        await restarts.deploy(edit, kind);
        await until(() => hasWarned(/can't (be resumed|continue)/));
        await until(async () => !(await isOn()));
        if (phase !== "about to start") {
          // An interrupted start may take effect within a minute, for which the guard waits.
          await until(() => hasWarned(/was stopped/));
        }
        equal(hasWarned(/may still be running|was deleted or disabled in/), false);
      });
    }
  });

  it("is stopped when the script's node was deleted before its message arrived", async () => {
    await start(change(SELECT, { workerTimeoutMinutes: "0.03" }));
    const runId = await restarts.trigger();
    await until(() => states().includes("pending"));
    await restarts.deploy((nodes) => nodes.filter(({ type }) => type !== COMMAND), "nodes");
    const run = await restarts.untilRun(runId, isOver);
    equal(run.error?.code, "LIGHTLY_NO_WORKER");
    match(run.error?.message ?? "", /after its instance was ready/);
    await until(isOff);
  });
});
