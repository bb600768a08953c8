import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { EventLog } from "../faults/event-log.ts";
import type { Faults } from "../faults/faults.ts";
import type { Delays } from "../instances/delays.ts";
import type { LogStore } from "../logs/log-store.ts";
import { HostPool } from "./capacity/host-pool.ts";
import type { Machines } from "./capacity/machines.ts";
import type { ContainerRuntime } from "./containers/container.ts";
import { Attempts } from "./jobs/attempts.ts";
import { isOver, type Job } from "./jobs/job.ts";
import { JobBook } from "./jobs/job-book.ts";
import { JobChanges } from "./jobs/job-changes.ts";
import { openJobJournal } from "./jobs/job-journal.ts";
import { Scheduler } from "./jobs/scheduler.ts";
import type { ComputeEnvironment } from "./resources/resource.ts";
import { ResourceBook, type Resources } from "./resources/resource-book.ts";

export interface BatchCoreOptions {
  readonly dir: string;
  readonly region: string;
  readonly clock: Clock;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly events: EventLog;
  readonly machines: Machines;
  readonly runtime: ContainerRuntime;
  readonly logs: Pick<LogStore, "createGroup" | "write">;
  /** Resources that always exist. */
  readonly ready: Resources;
}

/** Batch without its wire: resources, jobs, and the instances of the environments. */
export interface BatchCore {
  readonly region: string;
  readonly clock: Clock;
  readonly book: JobBook;
  readonly resources: ResourceBook;
  readonly attempts: Attempts;
  readonly scheduler: Scheduler;
  /** The instances of an environment, by its name or ARN. */
  readonly poolOf: (environment: string) => HostPool | undefined;
  /** Whether a job is described and listed: not at once after it was submitted, and not for ever. */
  readonly isVisible: (job: Job) => boolean;
  /** Takes a new job, followed by the children if it is an array. */
  submit(jobs: readonly [Job, ...Job[]]): void;
  close(): void;
}

export function createBatchCore(options: BatchCoreOptions): BatchCore {
  const { dir, region, clock, delays, faults, events, machines, runtime } = options;
  const resources = new ResourceBook(join(dir, "resources.json"), options.ready);
  const book = new JobBook(openJobJournal(join(dir, "jobs.jsonl"), clock.wallNow()));
  const changes = new JobChanges({ book, clock, events });
  const newId = (): string => randomBytes(16).toString("hex");
  const pools = new WeakMap<ComputeEnvironment, HostPool>();
  const poolOf = (reference: string): HostPool | undefined => {
    const environment = resources.environment(reference);
    if (environment === undefined) {
      return undefined;
    }
    const pool = pools.get(environment) ?? new HostPool({ environment, machines, idleMs: delays.idleMs, newId });
    pools.set(environment, pool);
    return pool;
  };
  const attempts = new Attempts({
    ...{ region, clock, delays, faults, changes, runtime, newId },
    logs: options.logs,
    reclaim: (instanceId) => machines.reclaim(instanceId),
    onEnd: (job) => scheduler.attemptEnded(job),
  });
  const scheduler = new Scheduler({
    ...{ clock, delays, faults, book, changes, resources, attempts, machines, poolOf },
    pools: () => resources.environments.flatMap(({ computeEnvironmentArn: arn }) => poolOf(arn) ?? []),
  });
  return {
    ...{ region, clock, book, resources, attempts, scheduler, poolOf },
    isVisible: (job) => clock.wallNow() >= job.createdAt + delays.visibleMs && !(faults.jobsForgotten && isOver(job)),
    submit(jobs) {
      book.add(jobs);
      const [{ jobId, request, status }] = jobs;
      events.record("job", { jobId, jobName: request.jobName, status });
      scheduler.submitted(jobs);
    },
    close() {
      scheduler.close();
      attempts.close();
    },
  };
}
