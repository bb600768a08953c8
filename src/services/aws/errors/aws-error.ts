import type { ErrorCode } from "../../../errors/error-codes.ts";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { hasGeneralCode, readAwsError } from "./aws-error-facts.ts";
import { awsWords, encodedReason } from "./aws-words.ts";

/** The request that an error belongs to. */
export interface AwsRequestContext {
  readonly service: "s3" | "ec2" | "ssm" | "batch" | "logs" | "sts" | "iam";
  /** The IAM action, as a policy names it: `ec2:StartInstances`. */
  readonly action: string;
  /** As part of a sentence: `instance i-0123456789abcdef0`, `bucket videos`. */
  readonly resource: string;
}

/** The error for a refusal that neither `mapCommonAwsError` nor the service's mapping knows: it quotes AWS. */
export function awsRequestRefused(error: unknown, context: AwsRequestContext): PipelineError {
  const facts = readAwsError(error);
  const words = awsWords(facts).replace(/\.$/, "");
  const quote = words === "" ? "" : `: ${words}`;
  const isWithoutReason = facts.httpStatus !== undefined && words === "" && hasGeneralCode(facts);
  const text = isWithoutReason
    ? `the response is HTTP ${facts.httpStatus}, without a reason. Check the endpoint and the region, and whether the session of the credentials has expired.`
    : `AWS returned ${facts.name || "an error without a code"}${quote}.`;
  return awsError("AWS_REQUEST_REFUSED", text, { error, context });
}

/**
 * Creates the error of a failed AWS request: `EC2 StartInstances, instance i-...: <explanation>`.
 *
 * @param code - the error's code
 * @param explanation - what happened and what to do
 * @param of - the SDK's error (the cause; its code, status and request id become details), the request, whether a retry may help
 */
export function awsError(
  code: ErrorCode,
  explanation: string,
  of: { error: unknown; context: AwsRequestContext; retryable?: boolean },
): PipelineError {
  const { action, resource, service } = of.context;
  const facts = readAwsError(of.error);
  const encoded = encodedReason(facts.message);
  const operation = action.replace(/^\w+:/, "");
  return new PipelineError(code, `${service.toUpperCase()} ${operation}, ${resource}: ${explanation}`, {
    retryable: of.retryable ?? false,
    details: {
      action,
      resource,
      ...(facts.name && { awsCode: facts.name }),
      ...(encoded !== undefined && { encodedReason: encoded }),
      httpStatus: facts.httpStatus,
      requestId: facts.requestId,
    },
    cause: of.error,
  });
}
