import { PipelineError } from "../../errors/pipeline-error.ts";

/** The error of work whose instance went off under it; `state` as EC2 says it, with its reason. */
export function lostError(instanceId: string, state: string): PipelineError {
  return new PipelineError(
    "EC2_INSTANCE_LOST",
    `Instance ${instanceId} is ${state}, but no step of a run has stopped it. Whatever ran on it has ended. See who or what stopped it (EC2 console, CloudTrail, a spot interruption, a scheduled stop), then start the run again.`,
    { details: { instanceId, state } },
  );
}
