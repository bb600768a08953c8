import type { Readable } from "node:stream";
import type { Job } from "./batch/jobs/job.ts";
import type { Fleet } from "./instances/fleet.ts";
import type { InstanceStateName } from "./instances/instance.ts";
import { instanceProcesses } from "./instances/processes.ts";
import type { Dataset, Run, Scheduled, WorkerConfig } from "./lightly/state/lightly-records.ts";
import type { LightlyState } from "./lightly/state/lightly-state.ts";
import type { ObjectStorage, ObjectSummary, UploadSummary } from "./s3/storage/object-storage.ts";

/** The actual state of the sandbox, independent of its responses to clients. Read without requests, so that no fault affects it. */
export interface SandboxRecord {
  instances(): ReadonlyArray<{ readonly instanceId: string; readonly state: InstanceStateName }>;
  /** Ids of the processes on an instance. */
  processes(instanceId: string): readonly number[];
  /** The jobs of Batch, in the order of their submission; the children of an array follow it. */
  jobs(): readonly Job[];
  datasets(): readonly Dataset[];
  configs(): readonly WorkerConfig[];
  scheduledRuns(): readonly Scheduled[];
  /** The runs that workers have created from scheduled runs. */
  runs(): readonly Run[];
  objects(bucket: string): Promise<readonly ObjectSummary[]>;
  read(bucket: string, key: string): Promise<Readable>;
  /** Multipart uploads that were neither completed nor aborted. */
  uploads(bucket: string): Promise<readonly UploadSummary[]>;
}

/** Creates the record from the services. */
export function createSandboxRecord(options: {
  readonly fleet: Fleet;
  readonly jobs: () => readonly Job[];
  readonly lightly: LightlyState;
  readonly storage: ObjectStorage;
}): SandboxRecord {
  const { fleet, lightly, storage } = options;
  return {
    instances: () => fleet.list().map(({ instanceId, state }) => ({ instanceId, state })),
    processes: (instanceId) => instanceProcesses(fleet.mark(instanceId)),
    jobs: options.jobs,
    datasets: () => lightly.datasets.all(),
    configs: () => lightly.configs.all(),
    scheduledRuns: () => lightly.schedules.all(),
    runs: () => lightly.runs.all(),
    objects: (bucket) => storage.list(bucket, ""),
    read: (bucket, key) => storage.read(bucket, key),
    uploads: (bucket) => storage.uploads(bucket),
  };
}
