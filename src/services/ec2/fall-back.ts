import { PipelineError } from "../../errors/pipeline-error.ts";
import type { InstanceState } from "./instance-state.ts";
import { STALE_STATE_LASTS_MS } from "./recent-starts.ts";

/** Recognises an instance that was accepted for a start and fell back to stopped, as one does whose volume's key it may not use. */
export class FallBack {
  readonly #seenPending = new Set<string>();
  readonly #before: readonly InstanceState[];
  readonly #sinceAcceptedMs: () => number;

  constructor(before: readonly InstanceState[], sinceAcceptedMs: () => number) {
    this.#before = before;
    this.#sinceAcceptedMs = sinceAcceptedMs;
  }

  /** Throws PipelineError `EC2_START_FAILED` for an instance that has fallen back. */
  refuse(states: readonly InstanceState[]): void {
    for (const state of states) {
      if (state.state === "pending" || state.state === "running") {
        this.#seenPending.add(state.instanceId);
      } else if (state.state === "stopped" && this.#isNews(state)) {
        throw new PipelineError(
          "EC2_START_FAILED",
          `Instance ${state.instanceId} fell back to stopped while it was starting${state.reason ? ` (${state.reason})` : ""}. If its volume is encrypted with a customer key, these credentials need kms:CreateGrant on that key; otherwise look at the instance in the EC2 console.`,
          { details: { ...state } },
        );
      }
    }
  }

  #isNews({ instanceId, reason }: InstanceState): boolean {
    const earlier = this.#before.find((state) => state.instanceId === instanceId);
    const hasNewReason = earlier?.state === "stopped" && reason !== undefined && reason !== earlier.reason;
    return this.#seenPending.has(instanceId) || hasNewReason || this.#sinceAcceptedMs() >= STALE_STATE_LASTS_MS;
  }
}
