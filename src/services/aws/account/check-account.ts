import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import type { PipelineError } from "../../../errors/pipeline-error.ts";
import { mapEc2Error } from "../../ec2/map-ec2-error.ts";
import { mapListingError } from "../../s3/listing/map-listing-error.ts";
import { mapSsmError } from "../../ssm/map-ssm-error.ts";
import type { AwsClients } from "../clients/aws-clients.ts";
import { type AwsIdentity, getCallerIdentity } from "./caller-identity.ts";

/** One thing that was tried. */
export interface CheckedAction {
  /** The IAM action. */
  readonly action: string;
  /** Absent when it is allowed. */
  readonly fault?: PipelineError;
}

/** What is known of an account after it was tried. */
export interface AccountCheck {
  /** Absent when there is no STS to ask, as behind an endpoint that serves S3 alone. */
  readonly identity?: AwsIdentity;
  readonly actions: readonly CheckedAction[];
}

/** Everything about an account that speaks against its credentials, rather than against what they may do. */
const ABOUT_CREDENTIALS =
  /^(?:AWS_CREDENTIALS_\w+|AWS_REGION_MISSING|INPUT_INVALID|VARIABLE_UNDEFINED|TIMED_OUT|ABORTED)$/;

/**
 * Tries an account: asks STS whose credentials they are, and does what the forms do to fill their lists. Nothing is changed by it.
 *
 * @param endpoint - the account's own, if it has one
 * @throws PipelineError when not even that is possible: `AWS_CREDENTIALS_*`, `AWS_REGION_MISSING`, `AWS_UNREACHABLE` ...
 */
export async function checkAccount(
  clients: AwsClients,
  { endpoint, signal }: { readonly endpoint?: string; readonly signal: AbortSignal },
): Promise<AccountCheck> {
  const [s3, ec2, ssm] = await Promise.all([clients.s3(), clients.ec2(), clients.ssm()]);
  let identity: AwsIdentity | undefined;
  let stsFault: PipelineError | undefined;
  try {
    identity = await getCallerIdentity({ ec2, signal, endpoint });
  } catch (error) {
    stsFault = error as PipelineError;
    if (ABOUT_CREDENTIALS.test(stsFault.code)) {
      throw stsFault;
    }
  }
  const abortSignal = signal;
  const all = { action: "s3:ListAllMyBuckets", on: "all resources (*)" };
  const actions = await Promise.all([
    tried(all.action, s3.send(new ListBucketsCommand({}), { abortSignal }), (error) => mapListingError(error, all)),
    tried(
      "ec2:DescribeInstances",
      ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }), { abortSignal }),
      (error) => mapEc2Error(error, { action: "ec2:DescribeInstances", resource: "instances" }),
    ),
    tried(
      "ssm:DescribeInstanceInformation",
      ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }), { abortSignal }),
      (error) => mapSsmError(error, { action: "ssm:DescribeInstanceInformation", resource: "agents" }),
    ),
  ]);
  const isAlive = actions.some(({ fault }) => fault === undefined || fault.code.endsWith("_ACCESS_DENIED"));
  if (identity === undefined && !isAlive) {
    const faults = actions.flatMap(({ fault }) => fault ?? []);
    throw faults.find(({ code }) => ABOUT_CREDENTIALS.test(code)) ?? faults[0] ?? stsFault;
  }
  return { identity, actions };
}

async function tried(
  action: string,
  request: Promise<unknown>,
  explain: (error: unknown) => PipelineError,
): Promise<CheckedAction> {
  try {
    await request;
    return { action };
  } catch (error) {
    return { action, fault: explain(error) };
  }
}
