import type { IncomingMessage } from "node:http";
import { authFault } from "./auth-faults.ts";
import { type AwsServiceName, SERVICE_NAMES } from "./aws-service.ts";
import { ALGORITHM, parseAmzDate, type Scope } from "./signature-v4.ts";

/** The signature of a request and the identity that it claims, not verified yet. */
export interface RequestSignature {
  readonly service: AwsServiceName;
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** As it was sent, `20260131T235959Z`. */
  readonly date: string;
  readonly time: Date;
  /** Only of a presigned URL. */
  readonly expiresSeconds?: number;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken?: string;
}

/** Presigned URLs are valid for seven days at most. */
const MAX_EXPIRES_SECONDS = 604_800;

/**
 * Reads the signature of a request from its `Authorization` header or its query.
 *
 * @throws AwsFault when there is none, an incomplete one, or one of version 2
 */
export function readSignature(message: IncomingMessage, query: URLSearchParams): RequestSignature {
  const { authorization } = message.headers;
  if (authorization !== undefined) {
    return readHeaderSignature(message, authorization);
  }
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) {
    return readQuerySignature(query);
  }
  const guess = guessService(message);
  throw authFault(guess, query.has("AWSAccessKeyId") && query.has("Signature") ? "oldSignature" : "unsigned");
}

function readHeaderSignature(message: IncomingMessage, authorization: string): RequestSignature {
  const guess = guessService(message);
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    throw authFault(guess, authorization.startsWith("AWS ") ? "oldSignature" : "malformed");
  }
  const fields = new Map<string, string>();
  for (const field of authorization.slice(ALGORITHM.length).split(",")) {
    const at = field.indexOf("=");
    fields.set(field.slice(0, at).trim(), field.slice(at + 1).trim());
  }
  const date = headerText(message, "x-amz-date") ?? httpDateAsAmz(message.headers.date) ?? "";
  const sessionToken = headerText(message, "x-amz-security-token");
  return buildSignature(guess, {
    credential: fields.get("Credential"),
    signedHeaders: fields.get("SignedHeaders"),
    signature: fields.get("Signature"),
    date,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
}

function readQuerySignature(query: URLSearchParams): RequestSignature {
  const field = (name: string) => query.get(`X-Amz-${name}`) ?? undefined;
  if (field("Algorithm") !== ALGORITHM) {
    throw authFault("s3", "malformedUrl", `X-Amz-Algorithm must be ${ALGORITHM}.`);
  }
  const expiresSeconds = Number(field("Expires") ?? Number.NaN);
  if (!(Number.isInteger(expiresSeconds) && expiresSeconds > 0 && expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    throw authFault("s3", "malformedUrl", `X-Amz-Expires must be 1 to ${MAX_EXPIRES_SECONDS} seconds.`);
  }
  const sessionToken = field("Security-Token");
  return buildSignature("s3", {
    credential: field("Credential"),
    signedHeaders: field("SignedHeaders"),
    signature: field("Signature"),
    date: field("Date") ?? "",
    expiresSeconds,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
}

interface SignatureStrings {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly date: string;
  readonly expiresSeconds?: number;
  readonly sessionToken?: string;
}

function buildSignature(guess: AwsServiceName, texts: SignatureStrings): RequestSignature {
  const { credential, signedHeaders, signature, ...rest } = texts;
  const [accessKeyId, day, region, serviceText, end, ...more] = credential?.split("/") ?? [];
  const service = SERVICE_NAMES.find((name) => name === serviceText);
  const time = parseAmzDate(rest.date);
  const problem = rest.expiresSeconds === undefined ? "malformed" : "malformedUrl";
  if (!accessKeyId || !day || !region || !serviceText || end !== "aws4_request" || more.length > 0) {
    throw authFault(guess, problem, "Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request.");
  }
  if (service === undefined) {
    throw authFault(guess, problem, `The sandbox has no service "${serviceText}", only ${SERVICE_NAMES.join(", ")}.`);
  }
  if (!signature || !signedHeaders?.split(";").includes("host")) {
    throw authFault(service, problem, "SignedHeaders (with host) and Signature are required.");
  }
  if (time === undefined || !rest.date.startsWith(day)) {
    throw authFault(service, problem, "X-Amz-Date is required and must have the same day as Credential.");
  }
  const scope = { day, region, service };
  return { ...rest, service, accessKeyId, scope, time, signature, signedHeaders: signedHeaders.split(";") };
}

/** The service whose error format is used until the request's service is known. */
export function guessService(message: IncomingMessage): AwsServiceName {
  const target = headerText(message, "x-amz-target");
  if (target !== undefined) {
    return target.startsWith("Logs_") ? "logs" : "ssm";
  }
  return message.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? "ec2" : "s3";
}

/** A header's value as one string. */
export function headerText(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

function httpDateAsAmz(text: string | undefined): string | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
