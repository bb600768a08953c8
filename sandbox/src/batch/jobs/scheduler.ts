import type { Clock } from "../../clock.ts";
import type { Faults } from "../../faults/faults.ts";
import type { Delays } from "../../instances/delays.ts";
import type { HostPool } from "../capacity/host-pool.ts";
import type { Machines } from "../capacity/machines.ts";
import type { JobQueue } from "../resources/resource.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import type { Attempts } from "./attempts.ts";
import { blockedReason } from "./blocked-reason.ts";
import { dependenciesOf } from "./dependencies.ts";
import { isArray, isOver, type Job } from "./job.ts";
import type { JobBook } from "./job-book.ts";
import type { JobChanges } from "./job-changes.ts";
import { RunQueues } from "./run-queues.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly book: JobBook;
  readonly changes: JobChanges;
  readonly resources: ResourceBook;
  readonly attempts: Attempts;
  readonly machines: Machines;
  /** The instances of an environment, by its name or ARN. */
  readonly poolOf: (environment: string) => HostPool | undefined;
  readonly pools: () => Iterable<HostPool>;
}

/** Jobs of a queue that instances are started for in one pass. */
const LOOK_AHEAD = 100;

/**
 * Moves jobs from state to state. It decides level by level: a pass compares all jobs and instances with what they should be, and passes are
 * repeated as long as there is something left.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  /** SUBMITTED and PENDING. */
  readonly #waiting = new Set<Job>();
  readonly #runnable = new RunQueues();
  /** When the first job of a queue got the reason that it has now. */
  readonly #blockedSince = new Map<Job, number>();
  #cancelPass: (() => void) | undefined;
  #isClosed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    for (const job of options.book.list()) {
      this.#resume(job);
    }
    this.wake();
  }

  /** Takes over new jobs, which are in the book already. */
  submitted(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#waiting.add(job);
    }
    this.wake();
  }

  /** Called when an attempt has ended: the next job takes its place at once. */
  attemptEnded(job: Job): void {
    if (job.status === "RUNNABLE") {
      this.#runnable.add(job, true);
    }
    this.#place();
    this.wake();
  }

  /** Has a pass made soon. */
  wake(): void {
    if (!this.#isClosed) {
      this.#cancelPass ??= this.#options.clock.alarm(this.#options.delays.scheduleMs, () => {
        this.#cancelPass = undefined;
        this.#pass();
      });
    }
  }

  /** The jobs of a queue that wait for capacity, in their order. */
  runnable(queueArn: string): readonly Job[] {
    return this.#runnable.of(queueArn);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelPass?.();
  }

  #resume(job: Job): void {
    if (job.status === "STARTING" || job.status === "RUNNING") {
      this.#options.attempts.abandon(job);
    }
    if (job.status === "RUNNABLE") {
      this.#runnable.add(job, false);
    } else if (!isOver(job)) {
      this.#waiting.add(job);
    }
  }

  #pass(): void {
    const { machines, attempts, clock } = this.#options;
    const pools = [...this.#options.pools()];
    const lost = pools.flatMap((pool) => pool.dropLost());
    attempts.loseHosts(lost, (instanceId) => machines.stateOf(instanceId) === "gone");
    this.#cancelRunnable();
    this.#place();
    for (const job of this.#waiting) {
      this.#evaluate(job);
    }
    this.#grow();
    for (const pool of pools) {
      pool.keepMinimum(clock.wallNow());
    }
    const hasJobs = this.#waiting.size > 0 || !this.#runnable.isEmpty || attempts.areUnderWay;
    if (hasJobs || pools.some((pool) => pool.hosts.length > 0)) {
      this.wake();
    }
  }

  /** Decides about a job that is SUBMITTED or PENDING. */
  #evaluate(job: Job): void {
    const { book, changes } = this.#options;
    const leave = (status: "RUNNABLE" | "SUCCEEDED" | "FAILED", reason?: string): void => {
      this.#waiting.delete(job);
      changes.enter(job, status, reason);
    };
    const dependencies = dependenciesOf(job, book);
    const { lateRefusal } = job.request;
    if (isArray(job)) {
      this.#evaluateArray(job);
    } else if (job.endReason !== undefined && (job.status === "SUBMITTED" || dependencies !== "open")) {
      leave("FAILED", job.endReason);
    } else if (lateRefusal !== undefined) {
      leave("FAILED", lateRefusal);
    } else if (dependencies === "failed") {
      leave("FAILED", "Dependent Job failed");
    } else if (dependencies === "met") {
      leave("RUNNABLE");
      this.#runnable.add(job, false);
    } else if (job.status === "SUBMITTED") {
      changes.enter(job, "PENDING");
    }
  }

  /** The parent of an array is PENDING until all of its children are over. */
  #evaluateArray(job: Job): void {
    const { book, changes } = this.#options;
    if (job.status === "SUBMITTED") {
      changes.enter(job, "PENDING");
      return;
    }
    const children = book.children(job.jobId);
    if (children.every(isOver)) {
      this.#waiting.delete(job);
      const hasFailed = children.some(({ status }) => status === "FAILED");
      changes.enter(
        job,
        hasFailed ? "FAILED" : "SUCCEEDED",
        hasFailed ? (job.endReason ?? "Array Child Job failed") : undefined,
      );
    }
  }

  #cancelRunnable(): void {
    for (const job of this.#runnable.take(({ endReason }) => endReason !== undefined)) {
      this.#options.changes.enter(job, "FAILED", job.endReason);
    }
  }

  /** Starts the first jobs of each queue while there is a host with room. */
  #place(): void {
    if (this.#isClosed || this.#options.faults.batchBlocked !== false) {
      return;
    }
    for (const queue of this.#queues()) {
      const jobs = this.#runnable.of(queue.jobQueueArn);
      const pools = this.#poolsOf(queue);
      for (let [job] = jobs; job !== undefined; [job] = jobs) {
        const { container } = job.request;
        if (job.endReason !== undefined) {
          jobs.shift();
          this.#options.changes.enter(job, "FAILED", job.endReason);
          continue;
        }
        const pool = pools.find((one) => one.hostFor(container) !== undefined);
        const host = pool?.hostFor(container);
        if (pool === undefined || host === undefined) {
          break;
        }
        jobs.shift();
        this.#blockedSince.delete(job);
        this.#options.attempts.start(job, host, pool.environment);
      }
    }
  }

  /** Starts instances for what waits, and explains why the first job of a queue can't have one. */
  #grow(): void {
    const { changes, faults } = this.#options;
    for (const queue of this.#queues()) {
      const pools = this.#poolsOf(queue);
      const jobs = this.#runnable.of(queue.jobQueueArn);
      let needs = jobs.slice(0, LOOK_AHEAD).map(({ request }) => ({ ...request.container }));
      for (const pool of faults.batchBlocked === false ? pools : []) {
        needs = pool.growFor(needs) as typeof needs;
      }
      const [first] = jobs;
      if (first !== undefined) {
        const reason = faults.batchBlocked === false ? blockedReason(first, pools) : faults.batchBlocked;
        changes.explain(first, reason);
        this.#limitBlocked(first, queue);
      }
    }
  }

  /** Cancels the first job of a queue that has been blocked for longer than the queue allows. */
  #limitBlocked(job: Job, queue: JobQueue): void {
    const { clock, delays } = this.#options;
    const { statusReason = "" } = job;
    const action = queue.jobStateTimeLimitActions.find(({ reason }) => statusReason.startsWith(reason));
    if (action === undefined) {
      this.#blockedSince.delete(job);
      return;
    }
    const since = this.#blockedSince.get(job) ?? clock.wallNow();
    this.#blockedSince.set(job, since);
    if (clock.wallNow() - since >= action.maxTimeSeconds * delays.secondMs) {
      this.#blockedSince.delete(job);
      job.endReason = `Canceled by JobStateTimeLimit action due to reason: ${action.reason}`;
    }
  }

  /** Those with the highest priority first. */
  #queues(): JobQueue[] {
    return this.#options.resources.queues.toSorted((one, other) => other.priority - one.priority);
  }

  #poolsOf(queue: JobQueue): HostPool[] {
    const order = queue.computeEnvironmentOrder.toSorted((one, other) => one.order - other.order);
    return order.flatMap(({ computeEnvironment }) => this.#options.poolOf(computeEnvironment) ?? []);
  }
}
