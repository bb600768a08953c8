import type { Clock } from "../../clock.ts";
import type { Faults } from "../../faults/faults.ts";
import type { Delays } from "../../instances/delays.ts";
import type { LogStore } from "../../logs/log-store.ts";
import type { Host } from "../capacity/host-pool.ts";
import { type ContainerRuntime, type RunningContainer, StartFailure } from "../containers/container.ts";
import { ecsArn } from "../resources/arns.ts";
import type { ComputeEnvironment } from "../resources/resource.ts";
import { attemptOf, type ContainerEnd, type EndCause, stateAfter } from "./attempt-end.ts";
import type { Job } from "./job.ts";
import type { JobChanges } from "./job-changes.ts";
import { jobEnvironment } from "./job-environment.ts";

export interface AttemptsOptions {
  readonly region: string;
  readonly clock: Clock;
  readonly delays: Delays;
  readonly faults: Faults;
  readonly changes: JobChanges;
  readonly runtime: ContainerRuntime;
  /** A random id of ECS, 32 hexadecimal digits. */
  readonly newId: () => string;
  readonly logs: Pick<LogStore, "createGroup" | "write">;
  /** Ends an instance as AWS does when it needs the capacity elsewhere. */
  readonly reclaim: (instanceId: string) => void;
  /** Called after each attempt, when its host has room again. */
  readonly onEnd: (job: Job) => void;
}

interface Running {
  readonly job: Job;
  readonly host: Host;
  readonly taskId: string;
  readonly alarms: Set<() => void>;
  /** Its container never starts. */
  readonly hangs: boolean;
  container?: RunningContainer;
  cause?: EndCause;
}

/** From SIGTERM to SIGKILL. */
const GRACE_SECONDS = 30;

/** The attempts that are starting or running. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #running = new Map<string, Running>();
  #isClosed = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  get areUnderWay(): boolean {
    return this.#running.size > 0;
  }

  /** Begins an attempt on a host that has room for it. */
  start(job: Job, host: Host, environment: ComputeEnvironment): void {
    const { newId, changes, region, delays, faults } = this.#options;
    const { container } = job.request;
    const taskId = newId();
    const cluster = environment.ecsClusterArn.slice(environment.ecsClusterArn.indexOf("/") + 1);
    const running: Running = { job, host, taskId, alarms: new Set(), hangs: faults.startsHang > 0 };
    faults.startsHang -= Number(running.hangs);
    this.#running.set(job.jobId, running);
    host.used.set(job.jobId, container);
    job.placement = {
      instanceId: host.instanceId,
      containerInstanceArn: ecsArn(region, `container-instance/${cluster}/${host.containerInstanceId}`),
      taskArn: ecsArn(region, `task/${cluster}/${taskId}`),
    };
    delete job.startedAt;
    changes.enter(job, "STARTING");
    const pullMs = host.images.has(container.image) ? 0 : delays.pullMs;
    this.#later(running, pullMs, () => this.#launch(running, environment));
  }

  /** Ends the attempt of a job, if it has one. */
  terminate(job: Job): void {
    const running = this.#running.get(job.jobId);
    if (running !== undefined) {
      this.#stop(running, "terminate");
    }
  }

  /** Ends the attempts whose instance is ending or has ended. */
  loseHosts(hosts: readonly Host[], isGone: (instanceId: string) => boolean): void {
    for (const running of this.#running.values()) {
      if (hosts.includes(running.host)) {
        running.cause ??= "host";
      }
      if (running.cause === "host" && running.container === undefined) {
        this.#end(running, {});
      } else if (running.cause === "host" && isGone(running.host.instanceId)) {
        running.container?.signal("SIGKILL");
      }
    }
  }

  /** Ends an attempt that a previous sandbox left. */
  abandon(job: Job): void {
    this.#conclude(job, {}, job.endReason === undefined ? "host" : "terminate");
  }

  /** Leaves everything as it is, and ends the containers. */
  close(): void {
    this.#isClosed = true;
    for (const { alarms, container } of this.#running.values()) {
      for (const cancel of alarms) {
        cancel();
      }
      container?.signal("SIGKILL");
    }
  }

  #launch(running: Running, environment: ComputeEnvironment): void {
    const { runtime, delays, changes, clock, faults, logs, reclaim } = this.#options;
    const { job, host, taskId } = running;
    const { container: spec, timeoutSeconds } = job.request;
    if (running.cause !== undefined) {
      this.#end(running, {});
      return;
    }
    if (runtime.isFull || running.hangs) {
      this.#later(running, delays.scheduleMs, () => this.#launch(running, environment));
      return;
    }
    const stream = `${spec.logPrefix}/default/${taskId}`;
    try {
      refusePull(faults, spec.image);
      running.container = runtime.start({
        instanceId: host.instanceId,
        taskId,
        spec,
        environment: jobEnvironment(job, environment),
        onLine: (line) => {
          if (spec.logGroup !== undefined && !this.#isClosed) {
            logs.write(spec.logGroup, stream, line);
          }
        },
      });
    } catch (error) {
      if (!(error instanceof StartFailure)) {
        throw error;
      }
      this.#end(running, { statusReason: "Task failed to start", reason: error.message });
      return;
    }
    if (spec.logGroup !== undefined) {
      logs.createGroup(spec.logGroup);
    }
    host.images.add(spec.image);
    job.startedAt = clock.wallNow();
    if (job.placement !== undefined) {
      job.placement = { ...job.placement, logStreamName: stream };
    }
    changes.enter(job, "RUNNING");
    void running.container.ended.then(({ exitCode }) => this.#end(running, { exitCode }));
    if (timeoutSeconds !== undefined) {
      this.#later(running, timeoutSeconds * delays.secondMs, () => this.#stop(running, "timeout"));
    }
    if (faults.spotReclaims > 0) {
      faults.spotReclaims -= 1;
      reclaim(host.instanceId);
    }
  }

  #stop(running: Running, cause: EndCause): void {
    const { container } = running;
    if (running.cause === undefined || running.cause === "host") {
      running.cause = cause;
      container?.signal("SIGTERM");
      const graceMs = GRACE_SECONDS * this.#options.delays.secondMs;
      this.#later(running, graceMs, () => container?.signal("SIGKILL"));
    }
  }

  #end(running: Running, end: ContainerEnd): void {
    const { job, host, cause, taskId } = running;
    if (this.#isClosed || this.#running.get(job.jobId)?.taskId !== taskId) {
      return;
    }
    for (const cancel of running.alarms) {
      cancel();
    }
    this.#running.delete(job.jobId);
    host.used.delete(job.jobId);
    host.idleSince = this.#options.clock.wallNow();
    this.#conclude(job, end, cause);
    this.#options.onEnd(job);
  }

  /** Adds an attempt to its job, and lets the job succeed, fail, or wait for its next attempt. */
  #conclude(job: Job, end: ContainerEnd, cause: EndCause | undefined): void {
    const { changes, clock } = this.#options;
    const attempt = attemptOf(job, end, cause, clock.wallNow());
    job.attempts.push(attempt);
    delete job.placement;
    const state = stateAfter(job, attempt, cause);
    if (state === "RUNNABLE") {
      delete job.startedAt;
      changes.enter(job, state);
    } else {
      changes.enter(job, state, attempt.statusReason);
    }
  }

  #later(running: Running, ms: number, action: () => void): void {
    const cancel = this.#options.clock.alarm(ms, () => {
      running.alarms.delete(cancel);
      action();
    });
    running.alarms.add(cancel);
  }
}

function refusePull(faults: Faults, image: string): void {
  if (faults.pullFailures > 0) {
    faults.pullFailures -= 1;
    throw new StartFailure(`CannotPullContainerError: failed to register layer of ${image}: no space left on device`);
  }
}
