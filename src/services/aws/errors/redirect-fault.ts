import { type AwsErrorFacts, hasGeneralCode, responseHeader } from "./aws-error-facts.ts";
import type { Finding } from "./credential-faults.ts";

/** Finds a redirect of a gateway, such as from http to https or to a login. S3's own redirects have a code, or lead to AWS. */
export function findRedirect(error: unknown, facts: AwsErrorFacts): Finding | undefined {
  const { httpStatus = 0, isMalformedResponse } = facts;
  const to = URL.parse(responseHeader(error, "location"));
  const isGateway =
    (isMalformedResponse || hasGeneralCode(facts)) && responseHeader(error, "x-amz-bucket-region") === "";
  if (httpStatus < 300 || httpStatus >= 400 || to === null || !isGateway || /\.amazonaws\./.test(to.hostname)) {
    return undefined;
  }
  return {
    code: "AWS_REQUEST_REFUSED",
    explanation: `the endpoint redirects to ${to.origin} (HTTP ${httpStatus}), which is not followed. Enter an address that does not redirect as the endpoint in the account node; it may begin with https:// instead of http://.`,
  };
}
