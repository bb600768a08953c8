import type { AwsErrorFacts } from "./aws-error-facts.ts";
import { awsWords, type Denial, encodedReason, quoteAws, readDenial } from "./aws-words.ts";

/** A request that AWS did not authorize. */
export interface DeniedRequest {
  readonly service: string;
  /** The IAM action of the request. */
  readonly action: string;
  /** The resource on which a policy has to allow the action, as part of a sentence: `arn:aws:s3:::videos/raw/*`. */
  readonly on: string;
  /** What else to check if AWS gives no reason; a sentence that begins with a space. */
  readonly hint?: string;
}

/** Codes that say no more than the status. Others, such as `UserSuspended` of Ceph, are part of the explanation. */
const UNSPECIFIC = /^(?:AccessDenied(?:Exception)?|Forbidden|Unauthorized(?:Operation)?|Unknown(?:Error)?|403|)$/;

/** Where to change what AWS says about each type of policy. */
const POLICIES: ReadonlyMap<string, string> = new Map([
  ["identity-based policy", "the IAM policy of these credentials"],
  ["resource-based policy", "the policy of the resource itself, such as a bucket policy or a key policy"],
  ["service control policy", "the service control policies of the AWS organization (ask its administrator)"],
  ["resource control policy", "the resource control policies of the AWS organization (ask its administrator)"],
  ["permissions boundary", "the permissions boundary of these credentials"],
  ["session policy", "the session policy of the assumed role"],
  ["vpc endpoint policy", "the policy of the VPC endpoint through which Node-RED reaches AWS"],
]);

/**
 * Explains a refusal in AWS's own words, and says where to change it: AWS names the action, the resource and the type of the policy. Only if it
 * does not, the explanation advises what to allow.
 */
export function explainDenial(facts: AwsErrorFacts, { service, action, on, hint = "" }: DeniedRequest): string {
  const denial = readDenial(facts.message);
  const decode = encodedReason(facts.message)
    ? " For the full reason, decode `details.encodedReason` of this error with `aws sts decode-authorization-message --encoded-message`."
    : "";
  if (denial === undefined || denial.hasOtherReason) {
    const code = UNSPECIFIC.test(facts.name) ? "" : ` (${facts.name})`;
    return awsWords(facts) === "" && code === ""
      ? `these credentials may not do this. Allow ${action} on ${on} in their IAM policy.${hint}${decode}`
      : `access denied${code}.${quoteAws(service, facts)}${decode}`;
  }
  const policy = policyOf(denial);
  // Of the request's own service AWS names one resource, such as an object; the caller knows what its next requests need.
  const isOfRequest =
    denial.action === action || (denial.action.startsWith(`${service}:`) && denial.resource?.includes("/") === true);
  const resource = isOfRequest ? on : (denial.resource ?? "the resource");
  const advice = denial.isExplicit ? adviseOnDeny(denial) : `Allow ${denial.action} on ${resource} in ${policy}.`;
  return `access denied.${quoteAws(service, facts)} ${advice}${decode}`;
}

/** What to do about an explicit deny, as a sentence. */
export function adviseOnDeny(denial: Denial): string {
  return `An explicit deny overrides every allow: change ${policyOf(denial)}.`;
}

function policyOf({ policy, isExplicit }: Denial): string {
  if (policy === undefined) {
    return isExplicit ? "the policy that contains it" : "the IAM policy of these credentials";
  }
  return POLICIES.get(policy.toLowerCase()) ?? `the ${policy}`;
}
