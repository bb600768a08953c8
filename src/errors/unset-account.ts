import type { PipelineError } from "./pipeline-error.ts";

/** Whether no request was sent, because the AWS account has no credentials or no region. */
export function isAccountUnset({ code }: PipelineError): boolean {
  return code === "AWS_CREDENTIALS_MISSING" || code === "AWS_REGION_MISSING";
}
