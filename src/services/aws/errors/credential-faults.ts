import type { ErrorCode } from "../../../errors/error-codes.ts";
import { type AwsErrorFacts, hasGeneralCode } from "./aws-error-facts.ts";
import { awsWords, quoteAws, readDenial } from "./aws-words.ts";
import { adviseOnDeny } from "./explain-denial.ts";

/** The meaning of an error: its code, an explanation, and whether a retry may help (default: no). */
export interface Finding {
  readonly code: ErrorCode;
  readonly explanation: string;
  readonly retryable?: boolean;
}

const CREDENTIALS_INVALID = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSecurity",
  "InvalidSignatureException",
  "InvalidToken",
  "InvalidTokenId",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
/** What to check if STS refuses a role, as a sentence. */
export const TRUST = "Check the role's ARN, whether its trust policy names these credentials, and the external id.";
/** What AWS itself says with these codes is no more than their explanation here. */
const OF_AWS =
  /signature we calculated|does not exist in our records|security token included|was not able to validate the provided/i;
const SESSION_OVER = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);
const CLOCK_WRONG = new Set(["RequestTimeTooSkewed", "RequestInTheFuture"]);

/** Finds responses about the credentials, the role to assume, or the clock that dates their signatures. */
export function findCredentialFault(facts: AwsErrorFacts): Finding | undefined {
  const { name, message } = facts;
  if (/sts:AssumeRole/.test(message)) {
    const refusal = `the role can't be assumed.${quoteAws("sts", { name, message })}`;
    const denial = readDenial(message);
    const advice = denial?.isExplicit ? adviseOnDeny(denial) : TRUST;
    return { code: "AWS_CREDENTIALS_INVALID", explanation: `${refusal} ${advice}` };
  }
  if (CLOCK_WRONG.has(name) || /Signature not yet current/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      explanation:
        "the clock of this machine differs from that of AWS by minutes, so no signature is valid. Set the clock.",
    };
  }
  if (name === "RequestExpired" || /Signature expired/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      explanation:
        "the signature had expired when the request arrived. Check the clock of this machine, and renew the session if the credentials are temporary.",
    };
  }
  if (SESSION_OVER.has(name)) {
    return sessionExpired();
  }
  if (CREDENTIALS_INVALID.has(name) || isRefusedKey(facts)) {
    const words = OF_AWS.test(message) ? "" : awsWords(facts).replace(/\.$/, "");
    const quote = words === "" ? "" : ` The response says: "${words}".`;
    return {
      code: "AWS_CREDENTIALS_INVALID",
      explanation: `${whichPart(name)} (${hasGeneralCode(facts) ? `HTTP ${facts.httpStatus}` : name}).${quote} Check access key and secret in the account node, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment, and that they belong to this endpoint.`,
    };
  }
  return undefined;
}

/** S3-compatible stores return 401, with codes of their own. Cloudflare R2 refuses a key by its length. A gateway's page is no such response. */
function isRefusedKey({ message, httpStatus, isMalformedResponse }: AwsErrorFacts): boolean {
  return (httpStatus === 401 && !isMalformedResponse) || /^Credential access key has length/.test(message);
}

/** EC2's AuthFailure and SSM's UnrecognizedClientException do not say which part is wrong; these codes do. */
function whichPart(name: string): string {
  switch (name) {
    case "InvalidAccessKeyId":
    case "InvalidClientTokenId":
      return "AWS does not know the access key id, or it does not belong to this session token";
    case "SignatureDoesNotMatch":
    case "InvalidSignatureException":
      return "AWS does not accept the credentials: the secret key does not belong to the access key";
    default:
      return "AWS does not accept the credentials";
  }
}

function sessionExpired(): Finding {
  return {
    code: "AWS_CREDENTIALS_EXPIRED",
    explanation:
      "the session of the credentials has expired. Renew it (for a profile with single sign-on: `aws sso login`).",
  };
}
