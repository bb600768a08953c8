import { FakeClock } from "../../../test/support/fake-clock.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type BatchCore, createBatchCore } from "../../src/batch/batch-core.ts";
import type { MachineState, Machines } from "../../src/batch/capacity/machines.ts";
import type { ContainerStart } from "../../src/batch/containers/container.ts";
import { terminateJob } from "../../src/batch/jobs/end-jobs.ts";
import type { Job } from "../../src/batch/jobs/job.ts";
import { readyMadeResources } from "../../src/batch/resources/ready-made.ts";
import { submittedJobs } from "../../src/batch/wire/submit-job.ts";
import { createEventLog } from "../../src/faults/event-log.ts";
import { createFaults, type Faults } from "../../src/faults/faults.ts";
import { DEFAULT_DELAYS, type Delays } from "../../src/instances/delays.ts";

/** A container that runs until the test ends it. */
export interface Started extends ContainerStart {
  readonly signals: string[];
  readonly end: (exitCode: number) => void;
}

/** Batch with a clock, instances and containers of the test. */
export interface BatchModel {
  readonly core: BatchCore;
  readonly clock: FakeClock;
  readonly faults: Faults;
  readonly delays: Delays;
  /** The state of each instance that was launched. */
  readonly machines: Map<string, { state: MachineState; readonly type: string }>;
  /** The containers in the order of their start. */
  readonly started: Started[];
  readonly lines: string[];
  /** How many containers the computer runs; a test may change it. */
  mostContainers: number;
  submit(more?: object): Job;
  children(job: Job): readonly Job[];
  /** The newest container of a job. */
  container(job: Job): Started;
  /** Makes all instances ready that are starting. */
  online(): void;
  /** Advances the time by passes of the scheduler. */
  passes(count?: number): Promise<void>;
  /** Ends a container, and lets the scheduler see it. */
  end(job: Job, exitCode?: number): Promise<void>;
  terminate(job: Job, reason?: string): void;
}

export const DELAYS: Delays = { ...DEFAULT_DELAYS, scheduleMs: 100, pullMs: 0, idleMs: 1000, secondMs: 1000 };

export function batchModel(options: { readonly dir?: string; readonly autoOnline?: boolean } = {}): BatchModel {
  const clock = new FakeClock();
  const faults = createFaults();
  const delays = { ...DELAYS };
  const machines: BatchModel["machines"] = new Map();
  const started: Started[] = [];
  const lines: string[] = [];
  const fleet: Machines = {
    launch(type) {
      if (faults.capacityMissing > 0) {
        faults.capacityMissing -= 1;
        return undefined;
      }
      const id = `i-${machines.size}`;
      machines.set(id, { state: options.autoOnline === false ? "starting" : "ready", type: type.name });
      return id;
    },
    stateOf: (id) => machines.get(id)?.state ?? "gone",
    terminate: (id) => setState(id, "gone"),
    reclaim: (id) => setState(id, "ending"),
    isMute: (id) => faults.neverOnline && machines.get(id)?.state === "starting",
  };
  const setState = (id: string, state: MachineState): void => {
    const machine = machines.get(id);
    if (machine !== undefined) {
      machine.state = state;
    }
  };
  const core = createBatchCore({
    ...{ dir: options.dir ?? temporaryFolder(), region: "eu-central-1", clock, delays, faults },
    events: createEventLog(),
    machines: fleet,
    runtime: {
      get isFull() {
        return started.length >= model.mostContainers;
      },
      start(start) {
        const { promise, resolve } = Promise.withResolvers<{ exitCode: number }>();
        const container: Started = { ...start, signals: [], end: (exitCode) => resolve({ exitCode }) };
        started.push(container);
        return { ended: promise, signal: (name) => container.signals.push(name) };
      },
    },
    logs: { createGroup: () => {}, write: (_group, _stream, line) => lines.push(line) },
    ready: readyMadeResources("eu-central-1", "0".repeat(24)),
  });
  const model: BatchModel = {
    ...{ core, clock, faults, delays, machines, started, lines, mostContainers: Number.POSITIVE_INFINITY },
    submit(more = {}) {
      const request = { jobName: "job", jobQueue: "lightly-queue", jobDefinition: "sandbox-shell", ...more };
      const jobs = submittedJobs(request, core.resources, core.book, clock.wallNow());
      core.submit(jobs);
      return jobs[0];
    },
    children: ({ jobId }) => core.book.children(jobId),
    container({ jobId }) {
      const found = started.findLast(({ environment }) => environment.AWS_BATCH_JOB_ID === jobId);
      if (found === undefined) {
        throw new Error(`The job ${jobId} has no container.`);
      }
      return found;
    },
    online() {
      for (const machine of machines.values()) {
        machine.state = machine.state === "starting" ? "ready" : machine.state;
      }
    },
    async passes(count = 1) {
      for (let pass = 0; pass < count; pass += 1) {
        clock.advance(DELAYS.scheduleMs);
        await settled();
      }
    },
    async end(job, exitCode = 0) {
      model.container(job).end(exitCode);
      await settled();
    },
    terminate: (job, reason = "enough") => terminateJob(core, job, reason),
  };
  return model;
}

/** Lets the promises of containers that have ended be seen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.resolve();
  }
}
