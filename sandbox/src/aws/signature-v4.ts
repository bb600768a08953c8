import { createHash, createHmac } from "node:crypto";

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Where and when a signature is valid. */
export interface Scope {
  /** `YYYYMMDD` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

/** The parts of a request that a signature covers. */
export interface SignedParts {
  readonly method: string;
  /** Already in the form that the service signs, see {@link canonicalPath}. */
  readonly path: string;
  /** Decoded names and values; `X-Amz-Signature` left out. */
  readonly query: Iterable<readonly [name: string, value: string]>;
  /** Lower-case names with the values as they are on the wire (latin1), in any order. */
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** Hex SHA-256 of the body, or one of the keywords that replace it. */
  readonly payloadHash: string;
}

/** Percent-encodes everything but the unreserved characters of RFC 3986, as SigV4 asks for. */
export function encodeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The path as it is signed. S3 encodes each segment once, every other service encodes the received path again.
 *
 * @throws URIError when the path contains a malformed percent code
 */
export function canonicalPath(rawPath: string, service: string): string {
  const segments = rawPath.split("/");
  return segments.map((part) => encodeUri(service === "s3" ? decodeURIComponent(part) : part)).join("/");
}

export function scopeText(scope: Scope): string {
  return `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
}

/** `20260131T235959Z` */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Parses the format of {@link amzDate}; `undefined` if it is malformed. */
export function parseAmzDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) {
    return undefined;
  }
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The string whose hash is signed. Its characters are bytes (latin1): that is how header values arrive. */
function canonicalRequest(parts: SignedParts): string {
  const query = [...parts.query]
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`);
  const headers = [...parts.headers].sort(([a], [b]) => compare(a, b));
  return [
    parts.method,
    parts.path,
    query.join("&"),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    headers.map(([name]) => name).join(";"),
    parts.payloadHash,
  ].join("\n");
}

export function sha256Hex(data: string | Uint8Array): string {
  const hash = createHash("sha256");
  return (typeof data === "string" ? hash.update(data, "latin1") : hash.update(data)).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}

/** The latest keys: a client uses one for a day, and deriving it takes more time than to sign with it. */
const keys = new Map<string, Buffer>();
const MAX_KEYS = 100;

/** The key of one day, region and service. */
export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const id = `${secretAccessKey} ${scopeText(scope)}`;
  const known = keys.get(id);
  if (known !== undefined) {
    return known;
  }
  const day = hmac(`AWS4${secretAccessKey}`, scope.day);
  const key = hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
  if (keys.size >= MAX_KEYS) {
    keys.clear();
  }
  keys.set(id, key);
  return key;
}

/** Signs lines whose first is the algorithm's name; hex. */
export function signLines(key: Buffer, lines: readonly string[]): string {
  return hmac(key, lines.join("\n")).toString("hex");
}

/** The signature of a request, hex. `date` has the format of {@link amzDate}. */
export function signRequest(key: Buffer, date: string, scope: Scope, parts: SignedParts): string {
  return signLines(key, [ALGORITHM, date, scopeText(scope), sha256Hex(canonicalRequest(parts))]);
}
