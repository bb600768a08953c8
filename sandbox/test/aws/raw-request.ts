import http from "node:http";
import type { AwsCredentials } from "../../src/aws/aws-service.ts";
import {
  ALGORITHM,
  amzDate,
  canonicalPath,
  scopeText,
  sha256Hex,
  signingKey,
  signRequest,
} from "../../src/aws/signature-v4.ts";
import { CREDENTIALS, REGION } from "./aws-server.ts";

export interface RawRequest {
  readonly method?: string;
  /** The raw path with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly credentials?: AwsCredentials & { readonly sessionToken?: string };
  readonly region?: string;
  readonly service?: string;
  readonly now?: Date;
  /** `x-amz-content-sha256`; by default that of the body. */
  readonly payloadHash?: string;
  /** Headers that are sent but not signed. */
  readonly unsigned?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** The key that signs the chunks of a streamed body. */
export interface Signed {
  readonly headers: Record<string, string>;
  readonly signature: string;
  readonly key: Buffer;
  readonly date: string;
  readonly scope: string;
}

/** Signs a request manually, so that any part of it may be wrong. */
export function sign(endpoint: string, request: RawRequest): Signed {
  const credentials: RawRequest["credentials"] = request.credentials ?? CREDENTIALS;
  const { region = REGION, service = "s3", body = "" } = request;
  const date = amzDate(request.now ?? new Date());
  const scope = { day: date.slice(0, 8), region, service };
  const payloadHash = request.payloadHash ?? sha256Hex(Buffer.from(body));
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    "x-amz-date": date,
    "x-amz-content-sha256": payloadHash,
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
    ...request.headers,
  };
  const [rawPath = "/", rawQuery = ""] = request.path.split("?");
  const key = signingKey(credentials.secretAccessKey, scope);
  const signature = signRequest(key, date, scope, {
    method: request.method ?? "GET",
    path: canonicalPath(rawPath, service),
    query: new URLSearchParams(rawQuery),
    headers: Object.entries(headers),
    payloadHash,
  });
  const names = Object.keys(headers).sort().join(";");
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`;
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { headers: { ...headers, authorization }, signature, key, date, scope: scopeText(scope) };
}

/** Signs and sends. */
export async function send(endpoint: string, request: RawRequest): Promise<RawAnswer> {
  const { headers } = sign(endpoint, request);
  const { method = "GET", path, body = "" } = request;
  return await exchange(endpoint, { method, path, headers: { ...headers, ...request.unsigned }, body });
}

/** Sends exactly this. */
export function exchange(
  endpoint: string,
  { method = "GET", path, headers = {}, body = "" }: Pick<RawRequest, "method" | "path" | "headers" | "body">,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const length = "transfer-encoding" in headers ? {} : { "content-length": Buffer.byteLength(body) };
  const sent = http.request({ hostname, port, method, path, headers: { ...length, ...headers }, agent: false });
  sent.on("error", reject);
  sent.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const { statusCode: status = 0, headers: answered } = response;
      resolve({ status, headers: answered, body: Buffer.concat(chunks).toString("utf8") });
    });
  });
  sent.end(body);
  return promise;
}

/** The `<Code>` of an error. */
export function codeOf(answer: RawAnswer): string {
  return /<Code>([^<]*)<\/Code>/.exec(answer.body)?.[1] ?? "";
}
