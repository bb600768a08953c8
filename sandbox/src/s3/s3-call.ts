import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsRequest } from "../aws/aws-service.ts";
import { headerText } from "../aws/request-signature.ts";
import { splitOnce } from "../split-once.ts";
import { type Operation, operationName } from "./operation-name.ts";
import type { Store } from "./storage/store.ts";

/** One parsed request to S3. */
export interface S3Call {
  readonly operation: Operation;
  readonly request: AwsRequest;
  readonly response: ServerResponse;
  readonly store: Store;
  /** The region of the bucket. */
  readonly region: string;
  /** Decoded; empty for ListBuckets. An alias of an access point is replaced by its bucket. */
  readonly bucket: string;
  /** Decoded, exactly as named: `..` and `//` are part of a key. Empty for operations on a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** A header by its lower-case name; of a presigned request also from the query, where signers move them. */
  header(name: string): string | undefined;
}

export type Handler = (call: S3Call) => Promise<void> | void;

/** Parses a request. */
export function readCall(request: AwsRequest, store: Store, region: string): S3Call {
  const { message, response } = request;
  const [rawPath = "/", rawQuery = ""] = splitOnce(message.url ?? "/", "?");
  const [name = "", key = ""] = splitOnce(rawPath.slice(1), "/").map(decodeURIComponent);
  const query = new URLSearchParams(rawQuery);
  const header = (name: string) =>
    headerText(message, name) ??
    (request.presigned && name.startsWith("x-amz-") ? headerFromQuery(query, name) : undefined);
  const isCopy = header("x-amz-copy-source") !== undefined;
  const operation = operationName({ method: message.method ?? "GET", bucket: name, key, query, isCopy });
  const bucket = operation === "CreateBucket" ? name : resolveAlias(name, store);
  const home = operation === "CreateBucket" ? request.region : regionOf(bucket, store, region);
  return { operation, request, response, store, region: home, bucket, key, query, header };
}

/** The bucket of an access point's alias, `BUCKET-LETTERS-s3alias`. */
function resolveAlias(name: string, store: Store): string {
  const target = name.replace(/-[a-z0-9]+-s3alias$/, "");
  return store.has(target) ? target : name;
}

function regionOf(bucket: string, store: Store, own: string): string {
  return (store.has(bucket) ? store.bucket(bucket).record.region : undefined) ?? own;
}

/**
 * A query parameter that overrides a header.
 *
 * @throws AwsFault `InvalidArgument` when no header could have that value
 */
export function headerFromQuery(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name) ?? undefined;
  if (value !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    const message = "Header value cannot be represented using ISO-8859-1.";
    throw new AwsFault("InvalidArgument", 400, message, { ArgumentName: name });
  }
  return value;
}

/** Answers with an XML document. */
export function sendXml(call: S3Call, xml: string, headers: Readonly<Record<string, string>> = {}): void {
  const body = Buffer.from(xml, "utf8");
  call.response.writeHead(200, { ...headers, "content-type": "application/xml", "content-length": body.length });
  call.response.end(body);
}

/** Answers without a body. */
export function sendEmpty(call: S3Call, status: number, headers: Readonly<Record<string, string>> = {}): void {
  call.response.writeHead(status, headers);
  call.response.end();
}

/**
 * A whole number from the query.
 *
 * @throws AwsFault `InvalidArgument` when it is not a whole number or out of range
 */
export function readCount(call: S3Call, name: string, fallback: number, max: number): number {
  const text = call.query.get(name);
  if (text === null || text === "") {
    return fallback;
  }
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw new AwsFault("InvalidArgument", 400, `Provided ${name} not an integer or within integer range`, {
      ArgumentName: name,
      ArgumentValue: text,
    });
  }
  return Math.min(Number(text), max);
}
