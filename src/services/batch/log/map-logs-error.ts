import { type PipelineError, toPipelineError } from "../../../errors/pipeline-error.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { explainDenial } from "../../aws/errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../../aws/errors/map-aws-error.ts";

/** Whether an error says that the log group does not exist. That of a stream without lines has the same name. */
export function isMissingGroup(error: unknown): boolean {
  const { name, message } = readAwsError(error);
  return name === "ResourceNotFoundException" && /log group/i.test(message);
}

/**
 * Maps an error of CloudWatch Logs.
 *
 * @param resource - as part of a sentence
 * @returns `BATCH_ACCESS_DENIED`, an `AWS_*` error, or `ABORTED`
 */
export function mapLogsError(error: unknown, resource: string): PipelineError {
  const context = { service: "logs", action: "logs:GetLogEvents", resource } as const;
  const facts = readAwsError(error);
  if (facts.name === "AccessDeniedException") {
    const text = explainDenial(facts, { service: "logs", action: context.action, on: "the log group (with :*)" });
    return awsError("BATCH_ACCESS_DENIED", text, { error, context });
  }
  return toPipelineError(mapCommonAwsError(error, context) ?? awsRequestRefused(error, context));
}
