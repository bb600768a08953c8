import type { ErrorCode } from "../../errors/error-codes.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { awsWords, readDenial } from "../aws/errors/aws-words.ts";
import { explainDenial } from "../aws/errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** What Batch refuses with its only modelled error, ClientException, by its text. Texts are prefixes and words, which may change. */
const REFUSED: ReadonlyArray<readonly [RegExp, ErrorCode, string]> = [
  [
    /job ?queue\b/i,
    "BATCH_QUEUE_UNUSABLE",
    "Check the queue's name, the region of the account, and that the queue is enabled.",
  ],
  [/job ?definition\b/i, "BATCH_DEFINITION_UNUSABLE", "Check the definition's name, its revision, and the region."],
];

/**
 * Maps an error that a Batch client threw.
 *
 * @param error - the error of `send`
 * @param request - the IAM action (`batch:SubmitJob`) and the resource as part of a sentence
 * @returns a `BATCH_*` or `AWS_*` error, or `ABORTED`
 */
export function mapBatchError(error: unknown, request: { action: string; resource: string }): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "batch", ...request } as const;
  const facts = readAwsError(error);
  const { name, message } = facts;
  // Batch also reports a missing permission as ClientException.
  if (name === "AccessDeniedException" || (name === "ClientException" && readDenial(message) !== undefined)) {
    const text = explainDenial(facts, { service: "batch", action: request.action, on: resourcesOf(request.action) });
    return awsError("BATCH_ACCESS_DENIED", text, { error, context });
  }
  if (name === "ClientException" || name === "ValidationException") {
    const quote = `Batch responded: "${awsWords(facts).replace(/\.$/, "")}".`;
    const [, code = "BATCH_REQUEST_INVALID", advice = "Correct the value in batch run."] =
      (request.action === "batch:SubmitJob" ? REFUSED : []).find(([pattern]) => pattern.test(message)) ?? [];
    return awsError(code, `${quote} ${advice}`, { error, context });
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** Only these actions know permissions of single resources. */
function resourcesOf(action: string): string {
  const places: Readonly<Record<string, string>> = {
    "batch:SubmitJob": "the job queue, the job definition (with and without :*) and job/*",
    "batch:TerminateJob": "job/*",
  };
  return places[action] ?? "all resources (*)";
}
