import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { AwsCaller, AwsCredentials } from "./aws-service.ts";

/** The credentials that AssumeRole returns. */
export interface TemporaryCredentials extends AwsCredentials {
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The contents of a verified session token. */
export interface Session {
  readonly caller: AwsCaller;
  readonly expiration: Date;
  readonly credentials: AwsCredentials;
}

/** Derives a key from the token and the sandbox's secret, so that no key needs to be stored. */
function derive(root: AwsCredentials, purpose: string, token: string): Buffer {
  return createHmac("sha256", root.secretAccessKey).update(`${purpose}:${token}`).digest();
}

function credentialsOf(root: AwsCredentials, token: string): AwsCredentials {
  const id = createHash("sha256").update(token).digest("hex").slice(0, 16).toUpperCase();
  return { accessKeyId: `ASIA${id}`, secretAccessKey: derive(root, "secret", token).toString("base64").slice(0, 40) };
}

/** Credentials that act as `caller` until `expiration`. The token contains everything, so it stays valid after a restart. */
export function issueTemporaryCredentials(
  root: AwsCredentials,
  caller: AwsCaller,
  expiration: Date,
): TemporaryCredentials {
  const content = Buffer.from(JSON.stringify({ ...caller, expires: expiration.getTime() })).toString("base64url");
  const sessionToken = `${content}.${derive(root, "seal", content).toString("base64url")}`;
  return { ...credentialsOf(root, sessionToken), sessionToken, expiration };
}

/** The session of a token, expired or not; `undefined` when the sandbox did not issue it. */
export function readSessionToken(root: AwsCredentials, token: string): Session | undefined {
  const [content = "", seal = ""] = token.split(".");
  const given = Buffer.from(seal, "base64url");
  const expected = derive(root, "seal", content);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const { arn, userId, expires } = JSON.parse(Buffer.from(content, "base64url").toString("utf8")) as {
    arn: string;
    userId: string;
    expires: number;
  };
  return { caller: { arn, userId }, expiration: new Date(expires), credentials: credentialsOf(root, token) };
}
