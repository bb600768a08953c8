import type { ErrorCode } from "../../../errors/error-codes.ts";
import { redact } from "../../../errors/redact.ts";
import type { AwsErrorFacts } from "./aws-error-facts.ts";

/** What an error means: its code, what to say, and whether it may pass by itself (default: no). */
export interface Finding {
  readonly code: ErrorCode;
  readonly says: string;
  readonly retryable?: boolean;
}

const CREDENTIALS_INVALID = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const SESSION_OVER = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);
const CLOCK_WRONG = new Set(["RequestTimeTooSkewed", "RequestInTheFuture"]);

/** What is wrong with the credentials, the role that they are to assume, or the clock that dates their signatures. */
export function findCredentialFault({ name, message }: AwsErrorFacts): Finding | undefined {
  if (name === "CredentialsTimeout") {
    return { code: "AWS_CREDENTIALS_TIMEOUT", says: message, retryable: true };
  }
  if (/sts:AssumeRole/.test(message)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: "the role may not be assumed. Check the role's ARN, that its trust policy names these credentials, and the external id.",
    };
  }
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    return findCredentialSource(message);
  }
  if (CLOCK_WRONG.has(name) || /Signature not yet current/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: "this machine's clock differs from AWS's by minutes, so no signature is valid. Set the clock.",
    };
  }
  if (name === "RequestExpired" || /Signature expired/i.test(message)) {
    return {
      code: "AWS_CREDENTIALS_EXPIRED",
      says: "the request arrived too late to be valid. Check this machine's clock, and renew the session if its credentials are temporary.",
    };
  }
  if (SESSION_OVER.has(name)) {
    return sessionOver();
  }
  if (CREDENTIALS_INVALID.has(name)) {
    return {
      code: "AWS_CREDENTIALS_INVALID",
      says: `${whichPart(name)} (${name}). Check access key and secret in the account node, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment, and that they belong to this endpoint.`,
    };
  }
  return undefined;
}

/** EC2's AuthFailure and SSM's UnrecognizedClientException do not tell; these do. */
function whichPart(name: string): string {
  switch (name) {
    case "InvalidAccessKeyId":
    case "InvalidClientTokenId":
      return "AWS does not know the access key id, or not together with this session token";
    case "SignatureDoesNotMatch":
    case "InvalidSignatureException":
      return "AWS does not accept the credentials: the secret key is not the access key's";
    default:
      return "AWS does not accept the credentials";
  }
}

function findCredentialSource(message: string): Finding {
  if (/expired|aws (?:sso )?login|SSO session/i.test(message)) {
    return sessionOver();
  }
  // What a credential_process prints is not ours to show; and one sentence says nothing that ours does not.
  const detail = /^Command failed|from any providers/.test(message)
    ? ""
    : ` (${redact(message.split("\n", 1)[0] ?? "")})`;
  return {
    code: "AWS_CREDENTIALS_MISSING",
    says: `no credentials were found${detail}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile, keys or a role in the account node.`,
  };
}

function sessionOver(): Finding {
  return {
    code: "AWS_CREDENTIALS_EXPIRED",
    says: "the session of the credentials is over. Renew it (for a profile with single sign-on: `aws sso login`).",
  };
}
