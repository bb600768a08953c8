import type { AwsCredentials } from "./aws-service.ts";
import {
  ALGORITHM,
  amzDate,
  canonicalPath,
  encodeUri,
  scopeText,
  signingKey,
  signRequest,
  UNSIGNED_PAYLOAD,
} from "./signature-v4.ts";

export interface PresignUrlOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** Of the S3 server, e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly method: "GET" | "PUT";
  readonly bucket: string;
  readonly key: string;
  /** 1..604800 */
  readonly expiresSeconds: number;
  readonly now?: Date;
}

/** A URL that gives its bearer access to one object for a limited time. */
export function presignUrl(options: PresignUrlOptions): string {
  const date = amzDate(options.now ?? new Date());
  const scope = { day: date.slice(0, 8), region: options.region, service: "s3" };
  const host = new URL(options.endpoint).host;
  const path = canonicalPath(`/${options.bucket}/${options.key.split("/").map(encodeUri).join("/")}`, "s3");
  const query: [string, string][] = [
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Content-Sha256", UNSIGNED_PAYLOAD],
    ["X-Amz-Credential", `${options.credentials.accessKeyId}/${scopeText(scope)}`],
    ["X-Amz-Date", date],
    ["X-Amz-Expires", String(options.expiresSeconds)],
    ["X-Amz-SignedHeaders", "host"],
  ];
  const signature = signRequest(signingKey(options.credentials.secretAccessKey, scope), date, scope, {
    method: options.method,
    path,
    query,
    headers: [["host", host]],
    payloadHash: UNSIGNED_PAYLOAD,
  });
  const text = [...query, ["X-Amz-Signature", signature] as const].map(
    ([name, value]) => `${name}=${encodeUri(value)}`,
  );
  return `http://${host}${path}?${text.join("&")}`;
}
