import { PipelineError } from "../../errors/pipeline-error.ts";
import { MAX_TARGETS } from "../../services/ssm/max-targets.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/**
 * Call it before anything is started: the script after this step would refuse so many instances when all of them are paid.
 *
 * @throws PipelineError `INPUT_INVALID` for more instances than a command takes, if a script follows
 */
export function requireWithinCommandLimit({ instances, nodeId }: StepContext, count: number): void {
  if (count > MAX_TARGETS && instances.leadsToType(nodeId, "lightly-ssm-run-script")) {
    throw new PipelineError(
      "INPUT_INVALID",
      `${count} instances are wanted, but the run script after this node takes at most ${MAX_TARGETS}. Nothing was started. Set "Desired number" to ${MAX_TARGETS} or fewer, select fewer instances, or use several of ec2 start, each with its own run script.`,
      { details: { count, max: MAX_TARGETS } },
    );
  }
}
