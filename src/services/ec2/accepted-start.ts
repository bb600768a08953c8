import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { describeCapacity, isCapacityCode } from "../aws/errors/capacity-codes.ts";
import type { InstanceState } from "./instance-state.ts";
import { STALE_STATE_LASTS_MS } from "./recent-starts.ts";

/** What happened to an instance that was starting, and what to do, by the code of its state reason. */
const CAUSES: Readonly<Record<string, string>> = {
  // EC2 has no more specific code for a volume whose key it is not allowed to use.
  "Client.InternalError":
    "If its volume is encrypted with a customer key, these credentials need kms:CreateGrant on that key; otherwise check the instance in the EC2 console.",
  "Client.UserInitiatedShutdown":
    "A user or program stopped it through EC2. CloudTrail shows who called StopInstances. Start it again.",
  "Client.UserInitiatedHibernate":
    "A user or program hibernated it through EC2. CloudTrail shows who called StopInstances. Start it again.",
  "Client.InstanceInitiatedShutdown":
    "Its own operating system shut it down: check its startup scripts, timers and system log for a shutdown.",
  "Client.VolumeLimitExceeded":
    "The account's quota for EBS volumes is used up. Delete volumes, or request an increase in Service Quotas.",
  "Client.InvalidSnapshot.NotFound": "A snapshot that it needs does not exist. Check its volumes in the EC2 console.",
  "Server.ScheduledStop":
    "AWS stopped it for the maintenance or retirement of its host. Start it again: it then runs on another host.",
  "Server.SpotInstanceShutdown":
    "EC2 interrupted the spot instance. Only EC2 can restart it, when capacity is available. Use an on-demand instance to start at any time.",
  "Server.SpotInstanceTermination":
    "EC2 interrupted the spot instance. Only EC2 can restart it, when capacity is available. Use an on-demand instance to start at any time.",
  "Server.InternalError": "AWS had an internal failure. Start it again later, and check the AWS Health Dashboard.",
};
const UNKNOWN = "Check its state transition message in the EC2 console.";

/** A start that EC2 has accepted. Detects an instance that returns to stopped instead of running. */
export class AcceptedStart {
  /** The states of the last check. */
  states: readonly InstanceState[];
  readonly #wasPending = new Set<string>();
  readonly #before: readonly InstanceState[];
  readonly #sinceAcceptedMs: () => number;

  constructor(before: readonly InstanceState[], sinceAcceptedMs: () => number) {
    this.states = before;
    this.#before = before;
    this.#sinceAcceptedMs = sinceAcceptedMs;
  }

  /**
   * Checks that no instance has returned to stopped.
   *
   * @throws PipelineError `EC2_NO_CAPACITY` for a lack of capacity, `EC2_START_FAILED` for any other reason
   */
  throwIfStopped(states: readonly InstanceState[]): void {
    this.states = states;
    const stopped: InstanceState[] = [];
    for (const state of states) {
      if (state.state === "pending" || state.state === "running") {
        this.#wasPending.add(state.instanceId);
      } else if (state.state === "stopped" && this.#isCurrent(state)) {
        stopped.push(state);
      }
    }
    // A failure that can't be retried comes first.
    const worst = stopped.find(({ reasonCode = "" }) => !isCapacityCode(reasonCode)) ?? stopped[0];
    if (worst) {
      throw startFailedError(worst);
    }
  }

  #isCurrent({ instanceId, reason }: InstanceState): boolean {
    const earlier = this.#before.find((state) => state.instanceId === instanceId);
    const hasNewReason = earlier?.state === "stopped" && reason !== undefined && reason !== earlier.reason;
    return this.#wasPending.has(instanceId) || hasNewReason || this.#sinceAcceptedMs() >= STALE_STATE_LASTS_MS;
  }
}

function startFailedError(state: InstanceState): PipelineError {
  const { instanceId, reason, reasonCode = "" } = state;
  const details = { ...state };
  if (isCapacityCode(reasonCode)) {
    const explanation = `EC2 accepted the start, but ${describeCapacity(reasonCode)}.`;
    return new PipelineError("EC2_NO_CAPACITY", `Instance ${instanceId} stopped again: ${explanation}`, {
      details,
    });
  }
  return new PipelineError(
    "EC2_START_FAILED",
    `Instance ${instanceId} stopped again while it was starting${reason ? ` (${reason})` : ""}. ${ownEntry(CAUSES, reasonCode) ?? UNKNOWN}`,
    { details },
  );
}
