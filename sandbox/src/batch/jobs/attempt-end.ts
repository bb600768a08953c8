import { isRetried } from "./exit-rules.ts";
import type { Attempt, Job } from "./job.ts";

/** Why an attempt was ended early: its time limit, a request, or the loss of its instance. */
export type EndCause = "timeout" | "terminate" | "host";

/** The end of a container, or of the attempt to start it. */
export type ContainerEnd = Partial<Pick<Attempt, "exitCode" | "reason" | "statusReason">>;

/** The exit code after SIGKILL. */
const KILLED = 137;

/** The attempt that ends now. A container that was killed with its instance has no exit code. */
export function attemptOf(job: Job, end: ContainerEnd, cause: EndCause | undefined, stoppedAt: number): Attempt {
  const { startedAt, placement } = job;
  const { exitCode, reason } = end;
  const isUnknown = exitCode === undefined || (cause === "host" && exitCode === KILLED);
  return {
    ...(placement ?? { instanceId: "", containerInstanceArn: "", taskArn: "" }),
    ...(startedAt === undefined ? {} : { startedAt }),
    stoppedAt,
    statusReason: statusReason(job, end, cause),
    ...(isUnknown ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The state of a job after an attempt; RUNNABLE is another attempt. */
export function stateAfter(
  { request, attempts }: Job,
  attempt: Attempt,
  cause: EndCause | undefined,
): "SUCCEEDED" | "FAILED" | "RUNNABLE" {
  if (cause === "terminate" || cause === "timeout") {
    return "FAILED";
  }
  if (attempt.exitCode === 0) {
    return "SUCCEEDED";
  }
  return attempts.length < request.attempts && isRetried(request.exitRules, attempt) ? "RUNNABLE" : "FAILED";
}

function statusReason({ endReason, placement }: Job, end: ContainerEnd, cause: EndCause | undefined): string {
  const ordinary = end.statusReason ?? "Essential container in task exited";
  switch (cause) {
    case "timeout":
      return "Job attempt duration exceeded timeout";
    case "terminate":
      return endReason ?? ordinary;
    case "host":
      return end.exitCode === 0 ? ordinary : `Host EC2 (instance ${placement?.instanceId}) terminated.`;
    default:
      return ordinary;
  }
}
