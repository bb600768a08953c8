import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";

/** What to do while another run uses an instance. */
export type OnBusy = "wait" | "share" | "fail";

/** What a run asks for; see {@link Leases.claim}. */
export interface InstanceClaim {
  readonly instanceIds: readonly string[];
  readonly onBusy: OnBusy;
  /** The node that the instances are for: a run that began earlier and is on its way there goes first. */
  readonly nodeId: string;
  readonly signal: AbortSignal;
  /** Hears how many runs are ahead: at once when there are any, and again when only a few are left. */
  readonly onQueued?: (ahead: number) => void;
}

/** A run as far as leases know it. */
export interface Claimant {
  readonly runId: string;
  /** Runs that began earlier have the smaller number. */
  readonly order: number;
  /** Runs that began earlier and are on their way to the claim's node. */
  readonly ahead: () => readonly string[];
}

interface Waiter {
  readonly claimant: Claimant;
  readonly claim: InstanceClaim;
  readonly grant: () => void;
  told?: number;
}

/**
 * Which runs use which instance. An instance that several use is stopped only by the last of them; a run that waits for its turn
 * is granted the instance when nobody else uses it, first come, first served, where a run comes with its first step.
 *
 * A run that has *done* with an instance, but whose steps there still end, is nobody for whom it would have to stay on; a run that
 * waits for its turn still waits for that one's end, so that two workers never meet.
 */
export class Leases {
  readonly #users = new Map<string, Map<string, "using" | "done">>();
  #queue: Waiter[] = [];

  /**
   * Resolves when the run may use the instances.
   *
   * @throws PipelineError `EC2_INSTANCE_BUSY` (only with `fail`), `ABORTED`
   */
  async claim(claimant: Claimant, claim: InstanceClaim): Promise<void> {
    const { instanceIds, onBusy, signal } = claim;
    const busy = this.#inTheWay(claimant, claim);
    if (onBusy === "fail" && busy.length > 0) {
      throw new PipelineError(
        "EC2_INSTANCE_BUSY",
        `${instanceIds.join(", ")}: the run ${busy[0]} uses it. Start this run later, or have ec2 start wait for its turn.`,
        { retryable: true, details: { instanceIds, runs: busy } },
      );
    }
    if (onBusy === "share" || busy.length === 0) {
      this.hold(claimant.runId, instanceIds);
      return;
    }
    await this.#queued(claimant, claim, signal);
  }

  /** A run uses instances, whoever else does. */
  hold(runId: string, instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      const users = this.#users.get(id) ?? new Map<string, "using" | "done">();
      this.#users.set(id, users.set(runId, "using"));
    }
  }

  /** The other runs that use an instance or wait for their turn at it. */
  neededByOthers(runId: string, instanceId: string): string[] {
    const using = [...(this.#users.get(instanceId) ?? [])].filter(([, use]) => use === "using").map(([id]) => id);
    const waiting = this.#queue.filter(({ claim }) => claim.instanceIds.includes(instanceId));
    const all = new Set([...using, ...waiting.map(({ claimant }) => claimant.runId)]);
    all.delete(runId);
    return [...all];
  }

  /** Whether a run uses an instance, and has not done with it. */
  isUsed(instanceId: string): boolean {
    return [...(this.#users.get(instanceId)?.values() ?? [])].includes("using");
  }

  /** Whether this run does. */
  isUsedBy(runId: string, instanceId: string): boolean {
    return this.#users.get(instanceId)?.get(runId) === "using";
  }

  /** An instance is off: runs that have done with it are no longer waited for. */
  free(instanceId: string): void {
    for (const [runId, use] of [...(this.#users.get(instanceId) ?? [])]) {
      if (use === "done") {
        this.release(runId, [instanceId]);
      }
    }
    this.recheck();
  }

  /** A run needs these instances no more. */
  done(runId: string, instanceIds: readonly string[]): void {
    for (const id of instanceIds) {
      if (this.#users.get(id)?.has(runId)) {
        this.#users.get(id)?.set(runId, "done");
      }
    }
  }

  /** A run is over, or the instances are off: nobody has to wait for it any more. */
  release(runId: string, instanceIds: readonly string[] = [...this.#users.keys()]): void {
    for (const id of instanceIds) {
      const users = this.#users.get(id);
      users?.delete(runId);
      if (users?.size === 0) {
        this.#users.delete(id);
      }
    }
  }

  /**
   * Grants what has become free; to be called whenever something has happened to a run. Only the first that waits for an instance is
   * looked at closely: with a thousand runs in the queue, each look at all of them would be a million.
   */
  recheck(): void {
    const wanted = new Map<string, number>();
    for (const waiter of [...this.#queue]) {
      const { claimant, claim } = waiter;
      const earlier = Math.max(0, ...claim.instanceIds.map((id) => wanted.get(id) ?? 0));
      const inTheWay = earlier > 0 ? [] : this.#inTheWay(claimant, claim);
      if (earlier === 0 && inTheWay.length === 0) {
        this.#queue = this.#queue.filter((other) => other !== waiter);
        this.hold(claimant.runId, claim.instanceIds);
        waiter.grant();
        continue;
      }
      tell(waiter, earlier > 0 ? earlier + 1 : inTheWay.length);
      for (const id of claim.instanceIds) {
        wanted.set(id, earlier + 1);
      }
    }
  }

  async #queued(claimant: Claimant, claim: InstanceClaim, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { claimant, claim, grant: resolve };
    const leave = (): void => {
      this.#queue = this.#queue.filter((other) => other !== waiter);
      reject(abortedError(signal.reason));
      this.recheck();
    };
    this.#queue.push(waiter);
    this.#queue.sort((a, b) => a.claimant.order - b.claimant.order);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) {
      leave();
    }
    this.recheck();
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #inTheWay({ runId, order, ahead }: Claimant, { instanceIds }: InstanceClaim): string[] {
    const using = instanceIds.flatMap((id) => [...(this.#users.get(id)?.keys() ?? [])]);
    const waiting = this.#queue
      .filter(
        ({ claimant, claim }) => claimant.order < order && claim.instanceIds.some((id) => instanceIds.includes(id)),
      )
      .map(({ claimant }) => claimant.runId);
    return [...new Set([...using, ...waiting, ...ahead()])].filter((id) => id !== runId);
  }
}

/** Fewer than these are news each time. */
const FEW = 3;

function tell(waiter: Waiter, ahead: number): void {
  if (waiter.told === undefined || (ahead !== waiter.told && ahead <= FEW)) {
    waiter.told = ahead;
    waiter.claim.onQueued?.(ahead);
  }
}
