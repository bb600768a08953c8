import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { mapStsError } from "../credentials/map-sts-error.ts";
import { awsError } from "../errors/map-aws-error.ts";
import { type QueryResponse, queryError, sendQuery, xmlElement } from "./query-request.ts";

/** The identity behind credentials. */
export interface AwsIdentity {
  /** `arn:aws:iam::123456789012:user/name`, or the session of an assumed role. */
  readonly arn: string;
  /** Twelve digits. */
  readonly account: string;
  /** How far the clock of this machine is ahead of that of AWS, in milliseconds; undefined if the response has no date. */
  readonly skewMs?: number;
}

/** AWS refuses signatures whose date differs by more than 15 minutes, some services by more than 5. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;
const BODY = "Action=GetCallerIdentity&Version=2011-06-15";

/**
 * Requests the identity of a client's credentials from STS. That needs no permission, so a refusal is about the credentials. Unlike the
 * SDK's requests it does not correct a wrong clock, but reports it.
 *
 * @param options.address - the address of STS
 * @param options.now - the clock of this machine
 * @throws PipelineError `AWS_CREDENTIALS_MISSING`, `AWS_CREDENTIALS_INVALID` (with `details.skewMs` if the clock is wrong),
 *   `AWS_CREDENTIALS_EXPIRED`, `AWS_UNREACHABLE` and the other `AWS_*`, `INPUT_INVALID` for the endpoint
 */
export async function getCallerIdentity(options: {
  ec2: EC2Client;
  address: string;
  signal: AbortSignal;
  now?: () => number;
}): Promise<AwsIdentity> {
  const { now = Date.now } = options;
  const context = {
    action: "sts:GetCallerIdentity",
    resource: `the credentials at ${URL.parse(options.address)?.host ?? "STS"}`,
  };
  let response: QueryResponse;
  try {
    response = await sendQuery({ ...options, service: "sts", body: BODY, now: now() });
  } catch (error) {
    throw mapStsError(error, context);
  }
  if (response.status < 200 || response.status >= 300) {
    throw refusal(response, now(), context);
  }
  const skewMs = now() - Date.parse(response.date ?? "");
  return { ...identityIn(response.text), ...(Number.isFinite(skewMs) && { skewMs }) };
}

function identityIn(text: string): AwsIdentity {
  const arn = xmlElement(text, "Arn");
  const account = xmlElement(text, "Account");
  if (arn === undefined || account === undefined) {
    throw new PipelineError(
      "AWS_SERVICE_FAILED",
      "The response of STS has no identity, so it is not from AWS. Check the endpoint, and whether there is a proxy in between.",
    );
  }
  return { arn, account };
}

function refusal(response: QueryResponse, now: number, context: { action: string; resource: string }): PipelineError {
  const error = queryError(response);
  const skewMs = now - Date.parse(response.date ?? "");
  if (Math.abs(skewMs) > CLOCK_TOLERANCE_MS && response.status < 500) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    const direction = skewMs > 0 ? "ahead of" : "behind";
    const { code, message, details, cause } = awsError(
      "AWS_CREDENTIALS_INVALID",
      `the clock of this machine is ${minutes} minutes ${direction} that of AWS, so no signature is valid. Set the clock.`,
      { error, context: { service: "sts", ...context } },
    );
    return new PipelineError(code, message, { details: { ...details, skewMs }, cause });
  }
  return mapStsError(error, context);
}
