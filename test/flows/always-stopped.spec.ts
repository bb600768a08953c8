import { deepEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import type { SandboxEvent } from "lightly-aws-sandbox";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, isOver, useRestarts } from "./support/restarts.ts";

const START = "lightly-ec2-start";
const STOP = "lightly-ec2-stop";
const COMMAND = "lightly-ssm-run-script";
const SELECT = "lightly-run";

const change =
  (type: string, values: object) =>
  (nodes: FlowNode[]): FlowNode[] =>
    nodes.map((node) => (node.type === type ? { ...node, ...values } : node));
const isTab = ({ type }: FlowNode): boolean => type === "tab";

/** The kinds of deploys. Each change of the flow is tested with each of them in some phase. */
const KINDS = ["full", "nodes", "flows"] as const;

describe("the instance of a run is always stopped", () => {
  const restarts = useRestarts({ delays: { startMs: 700, onlineMs: 2000 }, shared: true });
  let example: FlowNode[] = [];
  let since = 0;
  let lines = 0;

  const events = (kind: string): readonly SandboxEvent[] => restarts.sandbox.events.list({ kind, after: since });
  const states = (): unknown[] => events("instance").map(({ state }) => state);
  const isOff = async (): Promise<boolean> => (await instanceState(restarts.sandbox)) === "stopped";
  const isOn = async (): Promise<boolean> => {
    // A requested start is visible after a moment.
    const before = states().length;
    await pause(1000);
    return states().length !== before || !(await isOff());
  };
  const hasWarned = (pattern: RegExp): boolean => restarts.log.slice(lines).some((line) => pattern.test(line));

  /** Starts a test with the example flow and a short poll interval for EC2. */
  const start = async (edit: (nodes: FlowNode[]) => FlowNode[] = (nodes) => nodes): Promise<void> => {
    await restarts.start();
    await restarts.deploy((nodes) => {
      example = example.length > 0 ? example : nodes;
      return edit(example.map((node) => ("pollSeconds" in node ? { ...node, pollSeconds: "0.1" } : node)));
    });
    since = restarts.sandbox.events.list().at(-1)?.id ?? 0;
    lines = restarts.log.length;
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

  for (const [what, edit] of Object.entries({
    "ec2 stop is deleted": (nodes: FlowNode[]) => nodes.filter(({ type }) => type !== STOP),
    "ec2 stop is disabled": change(STOP, { d: true }),
    "the account of ec2 stop is deleted": (nodes: FlowNode[]) =>
      nodes.filter(({ type }) => type !== "lightly-aws-account"),
  })) {
    it(`is stopped when ${what} before the selection is over`, async () => {
      await start();
      restarts.sandbox.faults.runNeverEnds = true;
      const selecting = await restarts.untilSelecting();
      await restarts.deploy(edit, "nodes");
      await commandRun(restarts.url, selecting.runId, "abort");
      await restarts.untilRun(selecting.runId, isOver);
      await until(isOff);
      equal(hasWarned(/may still run/), false);
    });
  }

  describe("when no worker is running on it", () => {
    it("is stopped after a script that has started no worker", async () => {
      await start(change(SELECT, { workerTimeoutMinutes: "0.02" }));
      await withScript("true", async () => {
        const run = await restarts.untilRun(await restarts.trigger(), isOver);
        equal(run.error?.code, "LIGHTLY_NO_WORKER");
        equal(run.steps.filter(({ state }) => state === "failed").length, 1);
        await until(isOff);
      });
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

    for (const [what, take] of [
      ["is force-stopped", (ids: string[]) => new StopInstancesCommand({ InstanceIds: ids, Force: true })],
    ] as const) {
      it(`ends its run immediately when it ${what} during the script, and the next run continues`, async () => {
        await start();
        restarts.sandbox.faults.runNeverEnds = true;
        const { runId } = await restarts.untilSelecting();
        await ec2((client) => client.send(take([restarts.sandbox.instanceId])));
        const run = await restarts.untilRun(runId, isOver);
        match(run.error?.code ?? "", /^(EC2_INSTANCE_LOST|LIGHTLY_WORKER_ENDED)$/);
        equal(run.steps.filter(({ state }) => state === "failed").length, 1);
        restarts.sandbox.faults.clear();
        const next = await restarts.untilRun(await restarts.trigger(), isOver);
        equal(next.state, "completed");
        equal(await isOff(), true);
      });
    }
  });

  describe("when EC2 refuses to stop it", () => {
    it("is stopped as soon as possible, without a report that it may still be running", async () => {
      await start();
      restarts.sandbox.faults.add({
        service: "ec2",
        operation: "StopInstances",
        kind: "status",
        status: 403,
        code: "UnauthorizedOperation",
        times: 3,
      });
      const run = await restarts.untilRun(await restarts.trigger(), isOver);
      equal(run.state, "completed");
      equal(await isOff(), true);
      equal(hasWarned(/may still run/), false);
    });

    it("is reported once, and stopped later", async () => {
      await start(change(STOP, { timeoutMinutes: "0.1" }));
      const id = restarts.sandbox.faults.add({
        service: "ec2",
        operation: "StopInstances",
        kind: "status",
        status: 400,
        code: "OperationNotPermitted",
      });
      restarts.sandbox.faults.workerCrash = true;
      const run = await restarts.untilRun(await restarts.trigger(), (one) => stepOf(one, STOP)?.state === "failed");
      equal(stepOf(run, STOP)?.error?.code, "EC2_STOP_PROTECTED");
      equal(run.error?.code, "LIGHTLY_RUN_CRASHED");
      await until(() => hasWarned(/the instance may still run/));
      await restarts.untilRun(run.runId, ({ endedAt }) => endedAt !== undefined);
      equal(restarts.log.slice(lines).filter((line) => /the instance may still run/.test(line)).length, 1);
      equal(await isOff(), false);
      restarts.sandbox.faults.remove(id);
      await until(isOff);
      await until(() => hasWarned(/was stopped/));
    });
  });

  it("is free for the next run when it is stopped, although the previous run is still active elsewhere", async () => {
    await start((nodes) => {
      const stop = nodes.find(({ type }) => type === STOP);
      return [
        ...nodes.map((node) => (node === stop ? { ...node, wires: [[...(node.wires?.[0] ?? []), "drops"]] } : node)),
        {
          id: "drops",
          type: "switch",
          z: stop?.z,
          property: "payload",
          propertyType: "msg",
          rules: [{ t: "null" }],
          outputs: 1,
          wires: [["never"]],
        },
        { ...stop, id: "never", name: "never", wires: [[]] },
      ] as FlowNode[];
    });
    const first = await restarts.trigger();
    await restarts.untilRun(first, (run) => stepOf(run, STOP)?.state === "completed");
    const second = await restarts.untilRun(await restarts.trigger(), (run) => stepOf(run, STOP)?.state === "completed");
    equal(second.error, undefined);
    equal((await restarts.run(first)).endedAt, undefined, "it waits for a message that the switch has dropped");
  });

  async function ec2(work: (client: EC2Client) => Promise<unknown>): Promise<void> {
    const { region, credentials, endpoints } = restarts.sandbox;
    const client = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await work(client).finally(() => client.destroy());
  }

  async function withScript(text: string, work: () => Promise<void>): Promise<void> {
    const { readFile, writeFile } = await import("node:fs/promises");
    const file = `${restarts.sandbox.instanceDir}/home/ubuntu/run.sh`;
    const original = await readFile(file, "utf8");
    await writeFile(file, text);
    await work().finally(() => writeFile(file, original));
  }
});
