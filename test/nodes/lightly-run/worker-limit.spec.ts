import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { watchWorkers } from "../../../src/nodes/lightly-run/watch-workers.ts";
import { WakeUp } from "../../../src/polling/wake-up.ts";
import type { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import { Connections } from "../../../src/services/http/connections/connections.ts";
import type { LightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { FakeControl } from "../../runs/fake-control.ts";
import { openFlow, resumeAll, select, start, worker } from "../../runs/fake-flow.ts";
import { LeasingSteps } from "../../runs/leasing-steps.ts";
import { useRestarts } from "../../runs/restarts.ts";
import { type FakeClock, manualClock } from "../../support/fake-clock.ts";
import { contextOf } from "../support/step-context.ts";
import { until } from "../support/until.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMIT = 15 * MINUTE;
const DATASET = "a".repeat(24);
const SCHEDULED = "b".repeat(24);
const CONFIG = "c".repeat(24);

describe("The limit for a worker to take a Lightly run", () => {
  const processes = useRestarts();
  let runs: RunRegistry;
  let step: Step;
  let clock: FakeClock;
  /** The state that Lightly reports, whether it does not respond, and how often it was asked. */
  let state: string;
  let isDown: boolean;
  let reads: number;
  let abandoned: AbortController;
  let unwatch: () => void;

  beforeEach(() => {
    state = "OPEN";
    isDown = false;
    reads = 0;
    runs = processes.restart();
    openFlow(runs);
    step = runs.begin("a", select);
    watch();
  });

  afterEach(async () => {
    unwatch();
    await runs.flush();
  });

  const client = (): LightlyClient => ({
    server: "http://127.0.0.1:9",
    connections: new Connections(),
    clock,
    clean: (text) => text,
    async request({ path }) {
      if (path.startsWith("/v1/docker/runs/schedule/")) {
        reads += 1;
        throw isDown
          ? new PipelineError("LIGHTLY_UNREACHABLE", "No answer.", { retryable: true })
          : new PipelineError("LIGHTLY_REQUEST_REFUSED", "None.", { details: { status: 404 } });
      }
      return {
        endpoint: "GET schedule",
        status: 200,
        text: JSON.stringify([{ id: SCHEDULED, configId: CONFIG, state }]),
      };
    },
  });

  /** Sleeps of a second and more end by `advance`. */
  function watch(): void {
    clock = manualClock(1000);
    abandoned = new AbortController();
    const wait = {
      ...{ client: client(), datasetId: DATASET, scheduledRunId: SCHEDULED, pollMs: 1000 },
      ...{ timeoutMs: 48 * HOUR, waitedMs: 0, workerWithinMs: LIMIT, onState: () => {} },
    };
    unwatch = watchWorkers(contextOf(step), wait, { wakeUp: new WakeUp(), abandoned });
  }

  /** Node-RED ends, and another process continues the runs after this time. */
  async function restartAfter(ms: number): Promise<void> {
    await turn();
    unwatch();
    await runs.flush();
    processes.time.advance(ms);
    runs = processes.restart();
    const { select: node } = openFlow(runs);
    deepEqual(resumeAll(runs), []);
    const [resumed] = node.resumed.filter(({ runId }) => runId === "a");
    ok(resumed);
    step = resumed;
    watch();
  }

  const ready = (...instanceIds: string[]): void => step.events.emit({ kind: "instances-started", instanceIds });
  const scriptStarts = (commandId = "c"): void =>
    step.events.emit({ kind: "command-started", instanceId: "i-1", commandId });
  const scriptEnds = (commandId = "c"): void =>
    step.events.emit({ kind: "command-ended", instanceId: "i-1", commandId, succeeded: true, summary: "x" });
  const runScript = (commandId = "c"): void => {
    scriptStarts(commandId);
    scriptEnds(commandId);
  };

  /** The time passes; then the limit is still counting. */
  async function continuesAfter(ms: number): Promise<void> {
    await until(() => clock.sleepers === 1);
    clock.advance(ms);
    await turn();
    await until(() => clock.sleepers === 1);
    deepEqual([reads, abandoned.signal.aborted], [0, false]);
  }

  async function endsAfter(ms: number, what = "the script had ended"): Promise<void> {
    if (ms > 0) {
      await continuesAfter(ms - MINUTE);
      clock.advance(2 * MINUTE);
    }
    await until(() => abandoned.signal.aborted);
    const { code, message } = abandoned.signal.reason as PipelineError;
    equal(code, "LIGHTLY_NO_WORKER");
    match(message, new RegExp(`within 15 min after ${what}\\.`));
  }

  it("begins when the script has ended", async () => {
    ready("i-1");
    scriptStarts();
    await turn();
    equal(clock.sleepers, 0);
    scriptEnds();
    await endsAfter(LIMIT);
    equal(reads, 1);
  });

  it("begins when the instance is ready, if no script follows", async () => {
    ready("i-1");
    await endsAfter(LIMIT, "its instance was ready");
  });

  it("counts the time before a restart, and in between", async () => {
    runScript();
    await restartAfter(10 * MINUTE);
    await endsAfter(5 * MINUTE);
  });

  it("counts it over several restarts", async () => {
    runScript();
    for (let count = 0; count < 3; count += 1) {
      await restartAfter(4 * MINUTE);
    }
    await endsAfter(3 * MINUTE);
  });

  it("ends the wait with one look if it has passed", async () => {
    runScript();
    await restartAfter(3 * HOUR);
    await endsAfter(0);
    equal(reads, 1);
  });

  it("does not end the wait for a run that a worker has taken meanwhile", async () => {
    runScript();
    state = "LOCKED";
    await restartAfter(3 * HOUR);
    await until(() => reads === 1);
    await turn();
    deepEqual([abandoned.signal.aborted, clock.sleepers], [false, 0]);
  });

  it("does not end the wait before Lightly has responded", async () => {
    runScript();
    isDown = true;
    await restartAfter(3 * HOUR);
    await until(() => reads === 1 && clock.sleepers === 1);
    equal(abandoned.signal.aborted, false);
    isDown = false;
    state = "LOCKED";
    clock.advance(1000);
    await until(() => reads === 2);
    await turn();
    equal(abandoned.signal.aborted, false);
  });

  it("has not begun while the instance was not ready", async () => {
    await restartAfter(3 * HOUR);
    await turn();
    equal(clock.sleepers, 0);
    ready("i-1");
    await endsAfter(LIMIT, "its instance was ready");
  });

  it("does not end the wait while a script is about to be run, but then immediately", async () => {
    const starting = runs.begin("a", start);
    ready("i-1");
    starting.recordSend(0, {}, [worker.nodeId]);
    starting.complete({});
    await restartAfter(3 * HOUR);
    await continuesAfter(LIMIT);
    // The step of the script has ended without its start.
    runs.begin("a", worker, { parentStepId: starting.record.stepId }).complete({});
    clock.advance(1000);
    await endsAfter(0, "its instance was ready");
  });

  /** Another run that uses the instance of this one. */
  async function otherSelection(): Promise<Step> {
    const starting = await new LeasingSteps().startOf(runs, "b");
    starting.complete({});
    return runs.begin("b", select);
  }

  it("begins again after a restart if a worker on the instance has taken another run", async () => {
    runScript();
    (await otherSelection()).phase("LOCKED");
    await restartAfter(3 * HOUR);
    await continuesAfter(LIMIT - MINUTE);
  });

  it("begins again, once, if a worker on the instance has completed another run meanwhile", async () => {
    runScript();
    const other = await otherSelection();
    other.phase("LOCKED");
    other.complete({});
    await continuesAfter(LIMIT);
    processes.time.advance(LIMIT);
    await endsAfter(LIMIT);
  });

  it("does not begin again because another run waits for a worker on the instance", async () => {
    runScript();
    (await otherSelection()).phase("OPEN");
    await endsAfter(LIMIT);
  });

  it("does not begin again because another run waits for the instance", async () => {
    const leasing = new LeasingSteps();
    const starting = await leasing.startOf(runs, "a");
    starting.complete({});
    await leasing.startOf(runs, "b");
    deepEqual(step.instances.neededByOthers("i-1"), ["b"]);
    runScript();
    await endsAfter(LIMIT);
  });

  it("begins again when a script ends that has started after a restart", async () => {
    ready("i-1");
    await restartAfter(10 * MINUTE);
    scriptStarts();
    await turn();
    equal(clock.sleepers, 0);
    scriptEnds();
    await endsAfter(LIMIT);
  });

  it("begins again when the script had ended while Node-RED was down", async () => {
    ready("i-1");
    scriptStarts();
    await restartAfter(3 * HOUR);
    await turn();
    equal(clock.sleepers, 0);
    // The step of the script continues too, and emits both.
    runScript();
    await endsAfter(LIMIT);
  });

  it("goes on if Node-RED has died before the step of the script had ended, so that the step emits its end again", async () => {
    ready("i-1");
    runScript();
    await restartAfter(10 * MINUTE);
    runScript();
    await endsAfter(5 * MINUTE);
  });

  it("begins again for another instance, also if a restart follows", async () => {
    runScript();
    await restartAfter(10 * MINUTE);
    ready("i-2");
    await restartAfter(10 * MINUTE);
    await endsAfter(5 * MINUTE, "its instance was ready");
  });

  it("begins again if the step has not seen its begin", async () => {
    ready("i-1");
    await turn();
    unwatch();
    runScript();
    await restartAfter(3 * HOUR);
    await endsAfter(LIMIT);
  });

  it("begins again with another attempt of the step", async () => {
    runScript();
    await turn();
    step.retrying(2, "LIGHTLY_UNREACHABLE");
    await restartAfter(3 * HOUR);
    await endsAfter(LIMIT);
  });

  it("does not hide that the instance has stopped", async () => {
    const control = new FakeControl();
    const starting = await new LeasingSteps().startOf(runs, "a");
    step.instances.useControl(["i-1"], control);
    step.instances.expectRunning(["i-1"], true);
    ready("i-1");
    starting.complete({});
    await until(() => clock.sleepers === 1);
    control.state = "stopped";
    clock.advance(LIMIT);
    await until(() => clock.sleepers === 1);
    clock.advance(1000);
    await until(() => abandoned.signal.aborted);
    equal((abandoned.signal.reason as PipelineError).code, "EC2_INSTANCE_LOST");
  });
});
