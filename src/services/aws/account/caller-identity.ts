import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { boundedText } from "../../http/bounded-text.ts";
import { secretText } from "../../secret-text.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../errors/map-aws-error.ts";

/** The identity behind credentials. */
export interface AwsIdentity {
  /** `arn:aws:iam::123456789012:user/name`, or the session of an assumed role. */
  readonly arn: string;
  /** Twelve digits. */
  readonly account: string;
}

/** AWS refuses signatures whose date differs by more than 15 minutes, some services by more than 5. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** STS answers in less than 1 KiB. */
const MAX_BYTES = 64 * 2 ** 10;
const BODY = "Action=GetCallerIdentity&Version=2011-06-15";
const CONTEXT = { service: "sts", action: "sts:GetCallerIdentity", resource: "the credentials" } as const;

/**
 * Requests the identity of a client's credentials from STS. That needs no permission, so a refusal is about the credentials. The request
 * is signed by the client's own signer, and so with the credentials, role and region of its other requests; the SDK's client for STS
 * would be one more dependency for one call. Unlike the SDK's requests it does not correct a wrong clock, but reports it.
 *
 * @param o.endpoint - the endpoint of the account, if it has one
 * @param o.now - the clock of this machine
 * @throws PipelineError `AWS_CREDENTIALS_MISSING`, `AWS_CREDENTIALS_INVALID`, `AWS_CREDENTIALS_EXPIRED`, `AWS_REGION_MISSING`,
 *   `AWS_UNREACHABLE` and the other `AWS_*`, `INPUT_INVALID` for the endpoint
 */
export async function getCallerIdentity(o: {
  ec2: EC2Client;
  endpoint?: string;
  signal: AbortSignal;
  now?: () => number;
  fetch?: typeof fetch;
}): Promise<AwsIdentity> {
  const { fetch: send = fetch, now = Date.now } = o;
  let response: Response;
  let text: string | undefined;
  try {
    const region = await o.ec2.config.region();
    const url = new URL(stsAddress(region, o.endpoint));
    const signer = await o.ec2.config.signer();
    const signed = await signer.sign(
      {
        method: "POST",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port !== "" && { port: Number(url.port) }),
        path: url.pathname,
        query: {},
        headers: { host: url.host, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: BODY,
      },
      { signingService: "sts", signingRegion: region, signingDate: new Date(now()) },
    );
    const { host: _host, ...headers } = signed.headers;
    response = await send(url, { method: "POST", headers, body: BODY, signal: o.signal, redirect: "manual" });
    const { sessionToken = "" } = await o.ec2.config.credentials();
    text = await boundedText(response, MAX_BYTES);
    text = text === undefined ? undefined : secretText(sessionToken).scrub(text);
  } catch (error) {
    throw mapCommonAwsError(error, CONTEXT) ?? awsRequestRefused(error, CONTEXT);
  }
  if (response.ok) {
    return identityIn(text ?? "");
  }
  throw refusal(response, text ?? "", now());
}

/** The address of STS: the common endpoint if one is set, else that of the region. */
function stsAddress(region: string, endpoint: string | undefined): string {
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = process.env;
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return endpoint ?? (AWS_ENDPOINT_URL_STS || AWS_ENDPOINT_URL || `https://sts.${region}.${suffix}`);
}

function identityIn(text: string): AwsIdentity {
  const arn = element(text, "Arn");
  const account = element(text, "Account");
  if (arn === undefined || account === undefined) {
    throw new PipelineError(
      "AWS_SERVICE_FAILED",
      "The answer of STS has no identity, so it is not from AWS. Check the endpoint, and whether there is a proxy in between.",
    );
  }
  return { arn, account };
}

function refusal(response: Response, text: string, now: number): PipelineError {
  const error = Object.assign(new Error(element(text, "Message") ?? `HTTP ${response.status}`), {
    name: element(text, "Code") ?? "",
    $metadata: { httpStatusCode: response.status, requestId: element(text, "RequestId") },
  });
  const skewMs = now - Date.parse(response.headers.get("date") ?? "");
  if (Math.abs(skewMs) > CLOCK_TOLERANCE_MS && response.status < 500) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    const direction = skewMs > 0 ? "ahead of" : "behind";
    return awsError(
      "AWS_CREDENTIALS_INVALID",
      `the clock of this machine is ${minutes} minutes ${direction} that of AWS, so no signature is valid. Set the clock.`,
      { error, context: CONTEXT },
    );
  }
  return mapCommonAwsError(error, CONTEXT) ?? awsRequestRefused(error, CONTEXT);
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
