import type { PipelineError } from "../../../errors/pipeline-error.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import { quoteAws } from "../errors/aws-words.ts";
import { TRUST } from "../errors/credential-faults.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../errors/map-aws-error.ts";

/** Error codes of servers that are not STS, such as an S3-compatible store. */
const NOT_STS =
  /^(?:MethodNotAllowed|NotImplemented|NoSuchBucket|NoSuchKey|InvalidRequest|InvalidBucketName|UnknownOperation\w*|InvalidAction|NotFound)$/;

/**
 * Maps an error of a request to STS.
 *
 * @param request - the IAM action, and the resource with the host of STS as part of a sentence
 * @returns `AWS_CREDENTIALS_*`, `AWS_UNREACHABLE` and the other `AWS_*`, or `ABORTED`
 */
export function mapStsError(error: unknown, request: { action: string; resource: string }): PipelineError {
  const context = { service: "sts", ...request } as const;
  const facts = readAwsError(error);
  const { name, httpStatus, isMalformedResponse } = facts;
  const isOther = NOT_STS.test(name) || httpStatus === 404 || httpStatus === 405 || httpStatus === 501;
  if (httpStatus !== 407 && (isOther || (isMalformedResponse && httpStatus !== undefined && httpStatus < 500))) {
    const explanation = `the server returned HTTP ${httpStatus}${/^(?:Unknown\w*)?$/.test(name) ? "" : ` ${name}`}, so it is not STS. If it serves only S3, enter its address as the S3 endpoint of the account instead of as the AWS endpoint, or set AWS_ENDPOINT_URL_STS.`;
    return awsError("AWS_REQUEST_REFUSED", explanation, { error, context });
  }
  const common = mapCommonAwsError(error, context);
  if (common === undefined && httpStatus === 403) {
    // STS is not active in each region of each account.
    const advice =
      name === "RegionDisabledException" ? "Activate the region, or set another one in the account." : TRUST;
    const explanation = `STS refused the role (${name}).${quoteAws("sts", facts)} ${advice}`;
    return awsError("AWS_CREDENTIALS_INVALID", explanation, { error, context });
  }
  return common ?? awsRequestRefused(error, context);
}
