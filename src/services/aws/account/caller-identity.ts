import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { readBounded } from "../../http/bounded-text.ts";
import { secretText } from "../../secret-text.ts";
import { mapStsError } from "../credentials/map-sts-error.ts";
import { awsError } from "../errors/map-aws-error.ts";

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

/** The part of an answer that is used here. */
interface Answer {
  readonly status: number;
  readonly date: string | undefined;
  readonly text: string;
}

/**
 * Requests the identity of a client's credentials from STS. That needs no permission, so a refusal is about the credentials. The request
 * is signed and sent by the client's own parts, and so with the credentials, role, region, proxy and certificates of its other requests;
 * the SDK's client for STS would be one more dependency for one call. Unlike the SDK's requests it does not correct a wrong clock, but
 * reports it.
 *
 * @param o.address - the address of STS
 * @param o.now - the clock of this machine
 * @throws PipelineError `AWS_CREDENTIALS_MISSING`, `AWS_CREDENTIALS_INVALID`, `AWS_CREDENTIALS_EXPIRED`, `AWS_UNREACHABLE` and the other
 *   `AWS_*`, `INPUT_INVALID` for the endpoint
 */
export async function getCallerIdentity(o: {
  ec2: EC2Client;
  address: string;
  signal: AbortSignal;
  now?: () => number;
}): Promise<AwsIdentity> {
  const { now = Date.now } = o;
  const context = {
    action: "sts:GetCallerIdentity",
    resource: `the credentials at ${URL.parse(o.address)?.host ?? "STS"}`,
  };
  let answer: Answer;
  try {
    answer = await ask(o, now());
  } catch (error) {
    throw mapStsError(error, context);
  }
  if (answer.status >= 200 && answer.status < 300) {
    return identityIn(answer.text);
  }
  throw refusal(answer, now(), context);
}

async function ask({ ec2, address, signal }: Parameters<typeof getCallerIdentity>[0], now: number): Promise<Answer> {
  const { config } = ec2;
  const url = new URL(address);
  const [region, signer] = [await config.region(), await config.signer()];
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
    { signingService: "sts", signingRegion: region, signingDate: new Date(now) },
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

function refusal({ status, date, text }: Answer, now: number, context: { action: string; resource: string }) {
  const error = Object.assign(new Error(element(text, "Message") ?? `HTTP ${status}`), {
    name: element(text, "Code") ?? "",
    $metadata: { httpStatusCode: status, requestId: element(text, "RequestId") },
  });
  const skewMs = now - Date.parse(date ?? "");
  if (Math.abs(skewMs) > CLOCK_TOLERANCE_MS && status < 500) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    const direction = skewMs > 0 ? "ahead of" : "behind";
    return awsError(
      "AWS_CREDENTIALS_INVALID",
      `the clock of this machine is ${minutes} minutes ${direction} that of AWS, so no signature is valid. Set the clock.`,
      { error, context: { service: "sts", ...context } },
    );
  }
  return mapStsError(error, context);
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
