import type { EC2Client } from "@aws-sdk/client-ec2";
import { readBounded } from "../../http/bounded-text.ts";
import { secretText } from "../../secret-text.ts";

/** Responses of STS have less than 1 KiB, those of IAM some KiB per action or role. */
const MAX_BYTES = 4 * 2 ** 20;

/** The part of a response that is used here. */
export interface QueryResponse {
  readonly status: number;
  readonly date: string | undefined;
  /** Without the session token; empty if it was too long. */
  readonly text: string;
}

/** A request to a service with the query protocol of AWS. */
export interface QueryRequest {
  readonly ec2: EC2Client;
  readonly address: string;
  readonly service: "sts" | "iam";
  /** Default: that of the client. */
  readonly region?: string;
  /** `Action=...&Version=...` */
  readonly body: string;
  readonly signal: AbortSignal;
  /** The time of the signature. */
  readonly now: number;
}

/**
 * Sends one request, without retries. It is signed and sent by the client's own parts, and so with the credentials, role, region, proxy
 * and certificates of its other requests; the SDK's clients for STS and IAM would be two more dependencies for one call each.
 *
 * @throws the error of the SDK or the connection. A refusal is a response: see {@link queryError}.
 */
export async function sendQuery({
  ec2,
  address,
  service,
  body,
  signal,
  now,
  ...o
}: QueryRequest): Promise<QueryResponse> {
  const { config } = ec2;
  const url = new URL(address);
  const [region, signer] = [o.region ?? (await config.region()), await config.signer()];
  const signed = await signer.sign(
    {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== "" && { port: Number(url.port) }),
      path: url.pathname,
      query: {},
      headers: { host: url.host, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body,
    },
    { signingService: service, signingRegion: region, signingDate: new Date(now) },
  );
  type Sent = Parameters<typeof config.requestHandler.handle>[0];
  const { response } = await config.requestHandler.handle(signed as Sent, { abortSignal: signal });
  const { sessionToken = "" } = await config.credentials();
  const text = await readBounded(response.body, MAX_BYTES);
  return {
    status: response.statusCode,
    date: response.headers.date,
    text: text === undefined ? "" : secretText(sessionToken).scrub(text),
  };
}

/** The refusal in a response, in the form of an error of the SDK. */
export function queryError({ status, text }: QueryResponse): Error {
  return Object.assign(new Error(xmlElement(text, "Message") ?? `HTTP ${status}`), {
    name: xmlElement(text, "Code") ?? "",
    $metadata: { httpStatusCode: status, requestId: xmlElement(text, "RequestId") },
  });
}

/** The text of the first element with a name; undefined if there is none. */
export function xmlElement(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
