import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { CLOCK_TOLERANCE_MS, getCallerIdentity } from "../../services/aws/account/caller-identity.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { type Finding, failure, ok, problem, type Result, unchecked, warning } from "../finding.ts";

/** A difference that no service refuses, but that grows. */
const NOTICED_SKEW_MS = 60_000;

/** The identity of an account's credentials, and what was found on the way to it. */
export interface IdentityCheck {
  readonly findings: readonly Finding[];
  /** The ARN; undefined if it is unknown. */
  readonly arn?: string;
  readonly region?: string;
  /** Whether requests of this account can succeed. */
  readonly isUsable: boolean;
}

/** Checks region, credentials and clock. All others need them. */
export async function checkIdentity(clients: AwsClients, account: string, signal: AbortSignal): Promise<IdentityCheck> {
  let region: string;
  try {
    region = await clients.region();
  } catch (error) {
    return { findings: [{ check: "region", ...failure(account, error) }], isUsable: false };
  }
  const ofRegion = { check: "region", ...ok(account, region) } as const;
  try {
    const [ec2, address] = [await clients.ec2(), await clients.stsAddress()];
    const { arn, skewMs } = await getCallerIdentity({ ec2, address, signal });
    return {
      findings: [
        ofRegion,
        { check: "credentials", ...ok(account, `Signed in as ${arn}.`) },
        { check: "clock", ...clock(skewMs) },
      ],
      arn,
      region,
      isUsable: true,
    };
  } catch (thrown) {
    const error = toPipelineError(thrown);
    const { skewMs } = error.details;
    // The keys of an S3-compatible store are unknown to STS.
    const isStore = (await clients.hasOwnS3()) || isOtherServer(error);
    const ofCredentials = isStore ? unchecked(account, error.message) : failure(account, error);
    return {
      findings: [
        ofRegion,
        { check: "credentials", ...ofCredentials },
        { check: "clock", ...clock(typeof skewMs === "number" ? skewMs : undefined) },
      ],
      region,
      isUsable: isStore,
    };
  }
}

function isOtherServer({ code }: PipelineError): boolean {
  return code === "AWS_REQUEST_REFUSED";
}

function clock(skewMs: number | undefined): Result {
  const name = "clock of this machine";
  if (skewMs === undefined) {
    return unchecked(name, "the response of STS has no date.");
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const text = `It is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} that of AWS.`;
  if (Math.abs(skewMs) > CLOCK_TOLERANCE_MS) {
    return problem(name, `${text} AWS accepts five minutes. Set the clock, and switch on its synchronization (NTP).`);
  }
  return Math.abs(skewMs) > NOTICED_SKEW_MS
    ? warning(name, `${text} AWS accepts five minutes. Switch on its synchronization (NTP).`)
    : ok(name, "It differs by less than a minute from that of AWS.");
}
