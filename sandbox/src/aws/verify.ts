import type { IncomingMessage } from "node:http";
import { isSame } from "../is-same.ts";
import { splitOnce } from "../split-once.ts";
import { authFault } from "./auth-faults.ts";
import { AwsFault } from "./aws-fault.ts";
import { ACCOUNT_ID, type AwsCaller, type AwsCredentials } from "./aws-service.ts";
import type { Claim } from "./claim.ts";
import { canonicalPath, signingKey, signRequest } from "./signature-v4.ts";
import { readSessionToken } from "./temporary-credentials.ts";

/** How far a request's clock may be off. */
const MAX_SKEW_MS = 15 * 60_000;

/** A claim that turned out to be true. */
export interface Verified {
  readonly caller: AwsCaller;
  /** What the chunks of a streamed body are signed with. */
  readonly key: Buffer;
}

/**
 * Checks who signed a request, that it is fresh, and that it is the one that was signed: key, then time, then signature,
 * in the order S3 does it.
 *
 * @throws AwsFault by the name the service has for the problem
 */
export function verifyClaim(
  claim: Claim,
  message: IncomingMessage,
  payloadHash: string,
  root: AwsCredentials,
  now: Date,
): Verified {
  const { caller, credentials } = findSigner(claim, root, now);
  checkTime(claim, now);
  checkSignedHeaders(claim, message);
  const key = signingKey(credentials.secretAccessKey, claim.scope);
  const expected = signRequest(key, claim.date, claim.scope, { ...signedUrl(claim, message), payloadHash });
  if (!isSame(claim.signature, expected)) {
    throw authFault(claim.service, "wrongSignature");
  }
  return { caller, key };
}

function findSigner(claim: Claim, root: AwsCredentials, now: Date): { caller: AwsCaller; credentials: AwsCredentials } {
  if (claim.sessionToken === undefined) {
    if (claim.accessKeyId !== root.accessKeyId) {
      throw authFault(claim.service, "unknownKey");
    }
    const caller = { arn: `arn:aws:iam::${ACCOUNT_ID}:user/sandbox`, userId: "AIDASANDBOXUSER" };
    return { caller, credentials: root };
  }
  const session = readSessionToken(root, claim.sessionToken);
  if (session?.credentials.accessKeyId !== claim.accessKeyId) {
    throw authFault(claim.service, "wrongToken");
  }
  if (session.expiration <= now) {
    throw authFault(claim.service, "expiredToken");
  }
  return session;
}

function checkTime(claim: Claim, now: Date): void {
  const age = now.getTime() - claim.time.getTime();
  if (claim.expiresSeconds === undefined ? Math.abs(age) > MAX_SKEW_MS : age < -MAX_SKEW_MS) {
    throw authFault(claim.service, "skewed");
  }
  if (claim.expiresSeconds !== undefined && age > claim.expiresSeconds * 1000) {
    throw authFault(claim.service, "expiredUrl");
  }
}

/** Nobody may add a header that changes what a signed request does. */
function checkSignedHeaders(claim: Claim, message: IncomingMessage): void {
  const extra = Object.keys(message.headers).find(
    (name) => name.startsWith("x-amz-") && !claim.signedHeaders.includes(name) && name !== "x-amz-content-sha256",
  );
  if (claim.service === "s3" && extra !== undefined) {
    const text = "There were headers present in the request which were not signed";
    throw new AwsFault("AccessDenied", 403, text, { HeadersNotSigned: extra });
  }
}

function signedUrl(claim: Claim, message: IncomingMessage) {
  const [rawPath = "/", rawQuery = ""] = splitOnce(message.url ?? "/", "?");
  try {
    return {
      method: message.method ?? "GET",
      path: canonicalPath(rawPath, claim.service),
      query: [...new URLSearchParams(rawQuery)].filter(([name]) => name !== "X-Amz-Signature"),
      headers: claim.signedHeaders.map(
        (name) => [name, (message.headersDistinct[name] ?? []).map((value) => value.trim()).join(",")] as const,
      ),
    };
  } catch (error) {
    if (error instanceof URIError) {
      throw new AwsFault("InvalidURI", 400, "Couldn't parse the specified URI.");
    }
    throw error;
  }
}
