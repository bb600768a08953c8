import { PipelineError } from "../../errors/pipeline-error.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Codes of a step that can't send any request, because a value is missing. */
const UNUSABLE =
  /^(?:VARIABLE_UNDEFINED|ACCOUNT_MISSING|INPUT_INVALID|EC2_INSTANCE_INVALID|AWS_REGION_MISSING|AWS_CREDENTIALS_\w+)$/;

/**
 * Several branches may lead to a stop: only one of them reports that an instance is not stopped. A run that has started none, because a
 * value is missing, has reported that already.
 *
 * @returns the error; marked as reported if it must not reach Catch again
 */
export function oncePerIncident(error: PipelineError, { instances, runError }: StepContext): PipelineError {
  const ids = Array.isArray(error.details.instanceIds) ? error.details.instanceIds.map(String) : instances.leased();
  const isKnown = runError?.code === "FLOW_NOT_CONFIGURED" || runError?.code === error.code;
  const wasRefused = isKnown && ids.length === 0 && UNUSABLE.test(error.code);
  if (error.isAbort || (!wasRefused && instances.reportOnce(ids))) {
    return error;
  }
  const { code, message, details } = error;
  return new PipelineError(code, message, { details, cause: error, isReported: true });
}
