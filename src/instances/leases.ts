import { abortedError, PipelineError } from "../errors/pipeline-error.ts";

/** What a run does when another run uses an instance. */
export type OnBusy = "wait" | "share" | "fail";

/** The lease that a run requests; see {@link Leases.acquire}. */
export interface LeaseOptions {
  readonly instanceIds: readonly string[];
  readonly onBusy: OnBusy;
  /** The node that needs the instances: earlier runs on their way to it come first. */
  readonly nodeId: string;
  readonly signal: AbortSignal;
  /** Receives the number of runs ahead: immediately if there are any, and again when few are left. */
  readonly onQueued?: (ahead: number) => void;
}

/** A run that uses instances, or waits for them. */
export interface Leaseholder {
  readonly runId: string;
  /** Earlier runs have the smaller number. */
  readonly order: number;
  /** The earlier runs that are on their way to the node of the request. */
  readonly ahead: () => readonly string[];
}

interface QueuedRequest {
  readonly holder: Leaseholder;
  readonly request: LeaseOptions;
  readonly grant: () => void;
  reported?: number;
}

/**
 * The runs that use each instance. An instance with several users is stopped by the last of them. A run that waits gets its lease when no
 * other run uses the instance, in the order in which the runs started.
 *
 * A *released* lease does not keep the instance running, but its run still has steps on it that are ending. A waiting run waits for them
 * too, so that two workers never run at the same time.
 */
export class Leases {
  readonly #users = new Map<string, Map<string, "active" | "released">>();
  #queue: QueuedRequest[] = [];

  /**
   * Resolves when the run may use the instances.
   *
   * @throws PipelineError `EC2_INSTANCE_BUSY` (only with `fail`), `ABORTED`
   */
  async acquire(holder: Leaseholder, request: LeaseOptions): Promise<void> {
    if (request.signal.aborted) {
      throw abortedError(request.signal.reason);
    }
    if (!this.#acquireNow(holder, request)) {
      await this.#wait(holder, request);
    }
  }

  /** A function of its own, so that a waiting run does not keep the list of the runs ahead: of a thousand runs, each would have one. */
  #acquireNow(holder: Leaseholder, request: LeaseOptions): boolean {
    const { instanceIds, onBusy } = request;
    const busy = this.#runsAhead(holder, request);
    if (onBusy === "fail" && busy.length > 0) {
      throw new PipelineError(
        "EC2_INSTANCE_BUSY",
        `${instanceIds.join(", ")}: the run ${busy[0]} uses it. Start this run later, or set ec2 start to wait until the instance is free.`,
        { retryable: true, details: { instanceIds, runs: busy } },
      );
    }
    const isFree = onBusy === "share" || busy.length === 0;
    if (isFree) {
      this.assign(holder.runId, instanceIds);
    }
    return isFree;
  }

  /** Grants leases to a run, even if other runs use the instances. */
  assign(runId: string, instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      const users = this.#users.get(id) ?? new Map<string, "active" | "released">();
      this.#users.set(id, users.set(runId, "active"));
    }
  }

  /** The other runs that use an instance or wait for it. */
  neededByOthers(runId: string, instanceId: string): string[] {
    const active = [...(this.#users.get(instanceId) ?? [])].filter(([, state]) => state === "active").map(([id]) => id);
    const waiting = this.#queue.filter(({ request }) => request.instanceIds.includes(instanceId));
    const all = new Set([...active, ...waiting.map(({ holder }) => holder.runId)]);
    all.delete(runId);
    return [...all];
  }

  /** The runs that use an instance, or wait for this one. */
  usersOf(instanceId: string): string[] {
    const waiting = this.#queue.filter(({ request }) => request.instanceIds.includes(instanceId));
    return [...(this.#users.get(instanceId)?.keys() ?? []), ...waiting.map(({ holder }) => holder.runId)];
  }

  /** Whether a run has an active lease of an instance. */
  isUsed(instanceId: string): boolean {
    return [...(this.#users.get(instanceId)?.values() ?? [])].includes("active");
  }

  /** A run no longer needs these instances. Waiting runs still wait for its end. */
  release(runId: string, instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      if (this.#users.get(id)?.has(runId)) {
        this.#users.get(id)?.set(runId, "released");
      }
    }
  }

  /** An instance has stopped: waiting runs no longer wait for runs that have released it. */
  forgetReleased(instanceId: string): void {
    for (const [runId, state] of [...(this.#users.get(instanceId) ?? [])]) {
      if (state === "released") {
        this.#remove(runId, instanceId);
      }
    }
    this.recheck();
  }

  /** Waiting runs no longer wait for this run: it is over, or nothing of it has used these instances. */
  forget(runId: string, instanceIds: readonly string[] = [...this.#users.keys()]): void {
    for (const id of instanceIds) {
      this.#remove(runId, id);
    }
  }

  /**
   * Grants leases of free instances. Call it after each change of a run. Only the first request for an instance is checked completely:
   * checking a queue of a thousand runs would take a million steps.
   */
  recheck(): void {
    const wanted = new Map<string, number>();
    for (const queued of [...this.#queue]) {
      const { holder, request } = queued;
      const earlier = Math.max(0, ...request.instanceIds.map((id) => wanted.get(id) ?? 0));
      const ahead = earlier > 0 ? [] : this.#runsAhead(holder, request);
      if (earlier === 0 && ahead.length === 0) {
        this.#queue = this.#queue.filter((other) => other !== queued);
        this.assign(holder.runId, request.instanceIds);
        queued.grant();
        continue;
      }
      report(queued, earlier > 0 ? earlier + 1 : ahead.length);
      for (const id of request.instanceIds) {
        wanted.set(id, earlier + 1);
      }
    }
  }

  async #wait(holder: Leaseholder, request: LeaseOptions): Promise<void> {
    const { signal } = request;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const queued: QueuedRequest = { holder, request, grant: resolve };
    const leave = (): void => {
      this.#queue = this.#queue.filter((other) => other !== queued);
      reject(abortedError(signal.reason));
      this.recheck();
    };
    this.#queue.push(queued);
    this.#queue.sort((a, b) => a.holder.order - b.holder.order);
    signal.addEventListener("abort", leave, { once: true });
    this.recheck();
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #runsAhead({ runId, order, ahead }: Leaseholder, { instanceIds }: LeaseOptions): string[] {
    const using = instanceIds.flatMap((id) => [...(this.#users.get(id)?.keys() ?? [])]);
    const waiting = this.#queue
      .filter(
        ({ holder, request }) => holder.order < order && request.instanceIds.some((id) => instanceIds.includes(id)),
      )
      .map(({ holder }) => holder.runId);
    return [...new Set([...using, ...waiting, ...ahead()])].filter((id) => id !== runId);
  }

  #remove(runId: string, instanceId: string): void {
    const users = this.#users.get(instanceId);
    users?.delete(runId);
    if (users?.size === 0) {
      this.#users.delete(instanceId);
    }
  }
}

/** Fewer runs ahead than this are reported at each change. */
const FEW = 3;

function report(queued: QueuedRequest, ahead: number): void {
  if (queued.reported === undefined || (ahead !== queued.reported && ahead <= FEW)) {
    queued.reported = ahead;
    queued.request.onQueued?.(ahead);
  }
}
