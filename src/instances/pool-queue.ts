import { abortedError, PipelineError } from "../errors/pipeline-error.ts";
import type { Leaseholder, Leases, OnBusy } from "./leases.ts";

/** A number of instances, whichever they are. */
export interface PoolRequest {
  /** The instances that fit, in the order of preference. It may change while the run waits: then call {@link PoolQueue.recheck}. */
  readonly candidates: readonly string[];
  readonly count: number;
  readonly onBusy: OnBusy;
  readonly signal: AbortSignal;
  /** Receives the number of runs that use candidates or wait for them. */
  readonly onQueued?: (ahead: number) => void;
}

interface Waiting {
  readonly holder: Pick<Leaseholder, "runId" | "order">;
  readonly request: PoolRequest;
  readonly grant: (instanceIds: string[]) => void;
}

/**
 * The runs that wait until enough of several instances are free, in the order in which the runs started. A run waits for a number and not
 * for certain instances, so it does not keep one running: its last user stops it.
 */
export class PoolQueue {
  readonly #leases: Leases;
  #queue: Waiting[] = [];

  constructor(leases: Leases) {
    this.#leases = leases;
  }

  /**
   * Resolves with the instances that the run may use: free ones first.
   *
   * @throws PipelineError `EC2_INSTANCE_BUSY` (only with `fail`), `ABORTED`
   */
  async acquire(holder: Pick<Leaseholder, "runId" | "order">, request: PoolRequest): Promise<string[]> {
    const { candidates, count, onBusy, signal } = request;
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    const free = this.#freeFor(holder.runId, request);
    const isNext = !this.#queue.some((other) => other.holder.order < holder.order && overlaps(other.request, request));
    if (onBusy === "share" || (free.length >= count && (isNext || onBusy === "fail"))) {
      const others = candidates.filter((id) => !free.includes(id));
      return this.#assign(holder.runId, [...free, ...others].slice(0, count));
    }
    if (onBusy === "fail") {
      throw new PipelineError(
        "EC2_INSTANCE_BUSY",
        `${count} instances are wanted, and ${free.length} of ${candidates.length} are free: other runs use the others. Start this run later, or set ec2 start to wait.`,
        { retryable: true, details: { instanceIds: candidates, runs: this.#ahead(holder.runId, request) } },
      );
    }
    return await this.#wait(holder, request);
  }

  /** Whether a run waits, and no earlier one does for the same instances. */
  isNext(runId: string): boolean {
    const own = this.#queue.findIndex(({ holder }) => holder.runId === runId);
    const request = this.#queue[own]?.request;
    return request !== undefined && !this.#queue.slice(0, own).some((earlier) => overlaps(earlier.request, request));
  }

  /** Grants what has become free. Call it after each change of a run. */
  recheck(): void {
    const blocked: PoolRequest[] = [];
    for (const waiting of [...this.#queue]) {
      const { holder, request, grant } = waiting;
      const free = this.#freeFor(holder.runId, request);
      if (free.length < request.count || blocked.some((other) => overlaps(other, request))) {
        blocked.push(request);
        continue;
      }
      this.#queue = this.#queue.filter((other) => other !== waiting);
      grant(this.#assign(holder.runId, free.slice(0, request.count)));
    }
  }

  async #wait(holder: Waiting["holder"], request: PoolRequest): Promise<string[]> {
    const { signal, onQueued } = request;
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const waiting: Waiting = { holder, request, grant: resolve };
    const leave = (): void => {
      this.#queue = this.#queue.filter((other) => other !== waiting);
      reject(abortedError(signal.reason));
      this.recheck();
    };
    this.#queue.push(waiting);
    this.#queue.sort((a, b) => a.holder.order - b.holder.order);
    signal.addEventListener("abort", leave, { once: true });
    onQueued?.(this.#ahead(holder.runId, request).length);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #assign(runId: string, instanceIds: string[]): string[] {
    this.#leases.assign(runId, instanceIds);
    return instanceIds;
  }

  #freeFor(runId: string, { candidates }: PoolRequest): string[] {
    return candidates.filter((id) => this.#leases.usersOf(id).every((user) => user === runId));
  }

  #ahead(runId: string, request: PoolRequest): string[] {
    const using = request.candidates.flatMap((id) => this.#leases.usersOf(id));
    const waiting = this.#queue.filter((other) => overlaps(other.request, request)).map(({ holder }) => holder.runId);
    return [...new Set([...using, ...waiting])].filter((id) => id !== runId);
  }
}

function overlaps(one: PoolRequest, other: PoolRequest): boolean {
  return one.candidates.some((id) => other.candidates.includes(id));
}
