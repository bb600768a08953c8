import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type ActiveFault, type Counted, type FaultRule, type FaultService, isDue } from "./fault-rule.ts";
import { type Refuse, strike } from "./strike.ts";

/** The injected faults of a sandbox; they can be changed at any time. */
export interface Faults {
  /** Returns the id to remove the rule by. */
  add(rule: FaultRule): string;
  remove(id: string): void;
  /** Removes every rule and resets every switch below. */
  clear(): void;
  list(): ActiveFault[];
  /** Number of next StartInstances and RunInstances requests that are answered `InsufficientInstanceCapacity`. */
  capacityMissing: number;
  /** Number of next starts that are accepted but end with `pending` back to `stopped` (`Client.InternalError`). */
  startFailures: number;
  /** The same for lack of capacity (`Server.InsufficientInstanceCapacity`). */
  capacityLost: number;
  /** The agents of instances that start from now on never register. */
  neverOnline: boolean;
  /** Commands are accepted but never reach the instance, so that they run into their delivery limit. */
  neverDelivered: boolean;
  /** The instances of the next jobs of Batch that start are reclaimed while the jobs run, as spot instances are. */
  spotReclaims: number;
  /** Number of next jobs of Batch whose image can't be pulled. */
  pullFailures: number;
  /** Number of next jobs of Batch that stay STARTING until they are terminated, as with a pull that hangs. */
  startsHang: number;
  /** No job of Batch starts, and the first one of each queue is RUNNABLE for this reason. */
  batchBlocked: string | false;
  /** Jobs of Batch that are over are unknown, as some days after their end. */
  jobsForgotten: boolean;
  /** Number of next pages of a log that are empty although there are more events. */
  emptyLogPages: number;
  /** How far the clock of AWS is ahead of that of this computer, in milliseconds; negative: behind. */
  clockAheadMs: number;
  /** Workers started from now on crash: `true`: once they have a run; a state: when their run reaches it. */
  workerCrash: boolean | string;
  /** Workers started from now on lock a run and never finish it. */
  runNeverEnds: boolean;
  /**
   * Applies the matching faults to one request. `true` when a fault has answered it (or destroyed its connection), so
   * that the caller must not touch the response again. After a latency, the client may have disconnected.
   */
  apply(
    service: FaultService,
    operation: string,
    req: IncomingMessage,
    res: ServerResponse,
    refuse: Refuse,
  ): Promise<boolean>;
}

/** Creates the faults of a sandbox, initially none. */
export function createFaults(): Faults {
  const rules = new Map<string, { readonly rule: Counted; readonly removed: AbortController }>();
  let lastId = 0;
  const faults: Faults = {
    ...NO_FAULTS,
    add(rule) {
      lastId += 1;
      const id = `fault-${lastId}`;
      rules.set(id, { rule: { ...rule, id, seen: 0, applied: 0 }, removed: new AbortController() });
      return id;
    },
    remove(id) {
      rules.get(id)?.removed.abort();
      rules.delete(id);
    },
    clear() {
      for (const id of rules.keys()) {
        faults.remove(id);
      }
      Object.assign(faults, NO_FAULTS);
    },
    list: () => [...rules.values()].map(({ rule }) => ({ ...rule })),
    async apply(service, operation, req, res, refuse) {
      for (const { rule, removed } of rules.values()) {
        const hasHeader = rule.header === undefined || req.headers[rule.header.toLowerCase()] !== undefined;
        if (hasHeader && isDue(rule, service, operation)) {
          await delay(rule.latencyMs, removed.signal);
          if (strike(rule, { service, operation }, req, res, refuse)) {
            return true;
          }
        }
      }
      return false;
    },
  };
  return faults;
}

const NO_FAULTS = {
  capacityMissing: 0,
  startFailures: 0,
  capacityLost: 0,
  neverOnline: false,
  neverDelivered: false,
  spotReclaims: 0,
  pullFailures: 0,
  startsHang: 0,
  batchBlocked: false,
  jobsForgotten: false,
  emptyLogPages: 0,
  clockAheadMs: 0,
  workerCrash: false,
  runNeverEnds: false,
} as const satisfies Partial<Faults>;

/** Not unref'ed: a request that is being answered keeps the process alive anyway. */
async function delay(ms: number | undefined, removed: AbortSignal): Promise<void> {
  if (ms !== undefined && ms > 0) {
    await sleep(ms, undefined, { signal: removed }).catch(() => {});
  }
}
