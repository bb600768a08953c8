import { join } from "node:path";
import type { AwsService } from "../aws/aws-service.ts";
import { systemClock } from "../clock.ts";
import type { Compute } from "../compute.ts";
import type { EventLog } from "../faults/event-log.ts";
import type { Faults } from "../faults/faults.ts";
import type { Delays } from "../instances/delays.ts";
import type { WorkerIdentity } from "../instances/instance-disk.ts";
import { openLogStore } from "../logs/log-store.ts";
import { createLogsService } from "../logs/logs-service.ts";
import { createBatchCore } from "./batch-core.ts";
import { fleetMachines } from "./capacity/fleet-machines.ts";
import { createRuntime } from "./containers/runtime.ts";
import type { Job } from "./jobs/job.ts";
import { readyMadeResources } from "./resources/ready-made.ts";
import { createBatchService } from "./wire/batch-service.ts";

export interface BatchOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
  /** The instances that jobs run on. */
  readonly compute: Compute;
  readonly worker: WorkerIdentity;
  /** What runs in the image lightly-studio instead of the stand-in. */
  readonly studioProgram?: readonly [string, ...string[]] | undefined;
}

/** AWS Batch with the logs of its jobs. */
export interface Batch {
  readonly services: readonly AwsService[];
  readonly jobs: () => readonly Job[];
  close(): void;
}

/** A name like this means Lightly's token: no other secrets are stored. */
const TOKEN_NAME = /lightly|token/i;

/** Loads the jobs, and continues with those that are not over. */
export function createBatch(options: BatchOptions): Batch {
  const { stateDir, region, delays, faults, events, compute, worker, studioProgram } = options;
  const { fleet, environmentOf } = compute;
  const logs = openLogStore(join(stateDir, "logs"), systemClock.wallNow, delays.logMs);
  const core = createBatchCore({
    ...{ dir: join(stateDir, "batch"), region, clock: systemClock, delays, faults, events },
    machines: fleetMachines(fleet, faults),
    runtime: createRuntime({
      instanceEnvironment: environmentOf,
      folder: (instanceId) => fleet.folder(instanceId),
      studioProgram,
      secret: (name) => (TOKEN_NAME.test(name) ? worker.token : undefined),
    }),
    logs,
    ready: readyMadeResources(region, worker.workerId),
  });
  return {
    services: [createBatchService(core), createLogsService({ store: logs, faults })],
    jobs: () => [...core.book.list()],
    close: core.close,
  };
}
