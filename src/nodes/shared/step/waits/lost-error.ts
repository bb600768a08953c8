import { PipelineError } from "../../../../errors/pipeline-error.ts";

/** Creates the error of a step whose instance has stopped. `state` is EC2's name of the state, with its reason. */
export function lostError(instanceId: string, state: string): PipelineError {
  return new PipelineError(
    "EC2_INSTANCE_LOST",
    `Instance ${instanceId} is ${state}, but no step of a run has stopped it. Everything that ran on it has ended. Find out what stopped it (EC2 console, CloudTrail, a spot interruption, a scheduled stop), then start the run again.`,
    { details: { instanceId, state } },
  );
}
