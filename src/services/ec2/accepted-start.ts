import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { describeCapacity, isCapacityCode } from "../aws/errors/capacity-codes.ts";
import type { InstanceState } from "./instance-state.ts";
import { STALE_STATE_LASTS_MS } from "./recent-starts.ts";

/** What happened to an instance that was starting, and what to do, by the code of its state's reason. */
const CAUSES: Readonly<Record<string, string>> = {
  // EC2 answers this for a volume whose key it may not use; it gives no other code for that.
  "Client.InternalError":
    "If its volume is encrypted with a customer key, these credentials need kms:CreateGrant on that key; otherwise look at the instance in the EC2 console.",
  "Client.UserInitiatedShutdown":
    "It was stopped by a user or a program that may stop it, through EC2. CloudTrail tells who called StopInstances; then start it again.",
  "Client.UserInitiatedHibernate":
    "It was hibernated by a user or a program that may stop it, through EC2. CloudTrail tells who called StopInstances; then start it again.",
  "Client.InstanceInitiatedShutdown":
    "Its own operating system shut it down: look for a shutdown in its startup scripts, its timers and its system log.",
  "Client.VolumeLimitExceeded":
    "The account's quota for EBS volumes is used up. Delete volumes, or ask for more in Service Quotas.",
  "Client.InvalidSnapshot.NotFound": "A snapshot that it needs does not exist. Look at its volumes in the EC2 console.",
  "Server.ScheduledStop":
    "AWS stopped it for the maintenance or the retirement of its host. Start it again: it then runs on another host.",
  "Server.SpotInstanceShutdown":
    "EC2 took its spot capacity back. Only EC2 starts it again, when there is capacity; for a start at any time use an on-demand instance.",
  "Server.SpotInstanceTermination":
    "EC2 took its spot capacity back. Only EC2 starts it again, when there is capacity; for a start at any time use an on-demand instance.",
  "Server.InternalError":
    "That is a failure of AWS itself. Start it again later; AWS's health dashboard may tell more.",
};
const UNKNOWN = "Look at its state transition message in the EC2 console.";

/** Recognises an instance that was accepted for a start and fell back to stopped. */
export class AcceptedStart {
  /** What the last look showed. */
  seen: readonly InstanceState[];
  readonly #seenPending = new Set<string>();
  readonly #before: readonly InstanceState[];
  readonly #sinceAcceptedMs: () => number;

  constructor(before: readonly InstanceState[], sinceAcceptedMs: () => number) {
    this.seen = before;
    this.#before = before;
    this.#sinceAcceptedMs = sinceAcceptedMs;
  }

  /**
   * Looks for an instance that has fallen back.
   *
   * @throws PipelineError `EC2_NO_CAPACITY` for lack of capacity, `EC2_START_FAILED` with what is known of any other reason
   */
  refuse(states: readonly InstanceState[]): void {
    this.seen = states;
    const fallen: InstanceState[] = [];
    for (const state of states) {
      if (state.state === "pending" || state.state === "running") {
        this.#seenPending.add(state.instanceId);
      } else if (state.state === "stopped" && this.#isNews(state)) {
        fallen.push(state);
      }
    }
    // What can't be waited out comes first.
    const worst = fallen.find(({ reasonCode = "" }) => !isCapacityCode(reasonCode)) ?? fallen[0];
    if (worst) {
      throw startFailedError(worst);
    }
  }

  #isNews({ instanceId, reason }: InstanceState): boolean {
    const earlier = this.#before.find((state) => state.instanceId === instanceId);
    const hasNewReason = earlier?.state === "stopped" && reason !== undefined && reason !== earlier.reason;
    return this.#seenPending.has(instanceId) || hasNewReason || this.#sinceAcceptedMs() >= STALE_STATE_LASTS_MS;
  }
}

function startFailedError(state: InstanceState): PipelineError {
  const { instanceId, reason, reasonCode = "" } = state;
  const details = { ...state };
  if (isCapacityCode(reasonCode)) {
    const says = `EC2 accepted the start, but ${describeCapacity(reasonCode)}.`;
    return new PipelineError("EC2_NO_CAPACITY", `Instance ${instanceId} fell back to stopped: ${says}`, { details });
  }
  return new PipelineError(
    "EC2_START_FAILED",
    `Instance ${instanceId} fell back to stopped while it was starting${reason ? ` (${reason})` : ""}. ${ownEntry(CAUSES, reasonCode) ?? UNKNOWN}`,
    { details },
  );
}
