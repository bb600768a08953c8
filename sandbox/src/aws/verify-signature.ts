import type { IncomingMessage } from "node:http";
import { isSame } from "../is-same.ts";
import { splitOnce } from "../split-once.ts";
import { authFault } from "./auth-faults.ts";
import { AwsFault } from "./aws-fault.ts";
import { ACCOUNT_ID, type AwsCaller, type AwsCredentials } from "./aws-service.ts";
import type { RequestSignature } from "./request-signature.ts";
import { canonicalPath, signingKey, signRequest } from "./signature-v4.ts";
import { readSessionToken } from "./temporary-credentials.ts";

/** Maximum difference between a request's clock and ours. */
const MAX_SKEW_MS = 15 * 60_000;

/** The result of a successful verification. */
export interface Verified {
  readonly caller: AwsCaller;
  /** The key that signs the chunks of a streamed body. */
  readonly key: Buffer;
}

/**
 * Checks the key, then the time, then the signature of a request, in the order in which S3 does it.
 *
 * @throws AwsFault with the service's code for the problem
 */
export function verifySignature(
  signature: RequestSignature,
  message: IncomingMessage,
  payloadHash: string,
  root: AwsCredentials,
  now: Date,
): Verified {
  const { caller, credentials } = findSigner(signature, root, now);
  checkTime(signature, now);
  checkSignedHeaders(signature, message);
  const key = signingKey(credentials.secretAccessKey, signature.scope);
  const expected = signRequest(key, signature.date, signature.scope, { ...signedUrl(signature, message), payloadHash });
  if (!isSame(signature.signature, expected)) {
    throw authFault(signature.service, "wrongSignature");
  }
  return { caller, key };
}

function findSigner(
  signature: RequestSignature,
  root: AwsCredentials,
  now: Date,
): { caller: AwsCaller; credentials: AwsCredentials } {
  if (signature.sessionToken === undefined) {
    if (signature.accessKeyId !== root.accessKeyId) {
      throw authFault(signature.service, "unknownKey");
    }
    const caller = { arn: `arn:aws:iam::${ACCOUNT_ID}:user/sandbox`, userId: "AIDASANDBOXUSER" };
    return { caller, credentials: root };
  }
  const session = readSessionToken(root, signature.sessionToken);
  if (session?.credentials.accessKeyId !== signature.accessKeyId) {
    throw authFault(signature.service, "wrongToken");
  }
  if (session.expiration <= now) {
    throw authFault(signature.service, "expiredToken");
  }
  return session;
}

function checkTime(signature: RequestSignature, now: Date): void {
  const age = now.getTime() - signature.time.getTime();
  if (signature.expiresSeconds === undefined ? Math.abs(age) > MAX_SKEW_MS : age < -MAX_SKEW_MS) {
    throw authFault(signature.service, "skewed");
  }
  if (signature.expiresSeconds !== undefined && age > signature.expiresSeconds * 1000) {
    throw authFault(signature.service, "expiredUrl");
  }
}

/** A header that changes what a request does must be signed. */
function checkSignedHeaders(signature: RequestSignature, message: IncomingMessage): void {
  const extra = Object.keys(message.headers).find(
    (name) => name.startsWith("x-amz-") && !signature.signedHeaders.includes(name) && name !== "x-amz-content-sha256",
  );
  if (signature.service === "s3" && extra !== undefined) {
    const text = "There were headers present in the request which were not signed";
    throw new AwsFault("AccessDenied", 403, text, { HeadersNotSigned: extra });
  }
}

function signedUrl(signature: RequestSignature, message: IncomingMessage) {
  const [rawPath = "/", rawQuery = ""] = splitOnce(message.url ?? "/", "?");
  try {
    return {
      method: message.method ?? "GET",
      path: canonicalPath(rawPath, signature.service),
      query: [...new URLSearchParams(rawQuery)].filter(([name]) => name !== "X-Amz-Signature"),
      headers: signature.signedHeaders.map(
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
