import type { PipelineError } from "../../../errors/pipeline-error.ts";
import { DescribeInstancesCommand } from "../../../sdk/ec2.ts";
import { ListBucketsCommand } from "../../../sdk/s3.ts";
import { DescribeInstanceInformationCommand } from "../../../sdk/ssm.ts";
import { mapEc2Error } from "../../ec2/map-ec2-error.ts";
import { mapS3Error } from "../../s3/errors/map-s3-error.ts";
import { mapSsmError } from "../../ssm/map-ssm-error.ts";
import type { AwsClients } from "../clients/aws-clients.ts";
import { type AwsIdentity, getCallerIdentity } from "./caller-identity.ts";

/** One action that was checked. */
export interface CheckedAction {
  /** The IAM action. */
  readonly action: string;
  /** Absent if it is allowed. */
  readonly fault?: PipelineError;
}

/** The result of a check of an account. */
export interface AccountCheck {
  /** Absent if STS is not there or does not know the credentials, as those of an S3-compatible store. */
  readonly identity?: AwsIdentity;
  readonly actions: readonly CheckedAction[];
}

/** The codes for errors of the credentials, rather than of their permissions. */
const ABOUT_CREDENTIALS =
  /^(?:AWS_CREDENTIALS_\w+|AWS_REGION_MISSING|INPUT_INVALID|VARIABLE_UNDEFINED|TIMED_OUT|ABORTED)$/;

/**
 * Checks an account: requests its identity from STS, and the lists that the forms show. It changes nothing.
 *
 * @throws PipelineError if the account can't be used at all: `AWS_CREDENTIALS_*`, `AWS_REGION_MISSING`, `AWS_UNREACHABLE` ...
 */
export async function checkAccount(clients: AwsClients, signal: AbortSignal): Promise<AccountCheck> {
  const [s3, ec2, ssm] = await Promise.all([clients.s3(), clients.ec2(), clients.ssm()]);
  let identity: AwsIdentity | undefined;
  let stsFault: PipelineError | undefined;
  try {
    identity = await getCallerIdentity({ ec2, signal, address: await clients.stsAddress() });
  } catch (error) {
    stsFault = error as PipelineError;
    if (ABOUT_CREDENTIALS.test(stsFault.code) && !(await clients.hasOwnS3())) {
      throw stsFault;
    }
  }
  const abortSignal = signal;
  const all = { action: "s3:ListAllMyBuckets" };
  const actions = await Promise.all([
    tryAction(all.action, s3.send(new ListBucketsCommand({}), { abortSignal }), (error) => mapS3Error(error, all)),
    tryAction(
      "ec2:DescribeInstances",
      ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }), { abortSignal }),
      (error) => mapEc2Error(error, { action: "ec2:DescribeInstances", resource: "instances" }),
    ),
    tryAction(
      "ssm:DescribeInstanceInformation",
      ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }), { abortSignal }),
      (error) => mapSsmError(error, { action: "ssm:DescribeInstanceInformation", resource: "agents" }),
    ),
  ]);
  const isReachable = actions.some(({ fault }) => fault === undefined || fault.code.endsWith("_ACCESS_DENIED"));
  if (identity === undefined && !isReachable) {
    const faults = actions.flatMap(({ fault }) => fault ?? []);
    throw [stsFault, ...faults].find((fault) => ABOUT_CREDENTIALS.test(fault?.code ?? "")) ?? faults[0] ?? stsFault;
  }
  return { identity, actions };
}

async function tryAction(
  action: string,
  request: Promise<unknown>,
  mapError: (error: unknown) => PipelineError,
): Promise<CheckedAction> {
  try {
    await request;
    return { action };
  } catch (error) {
    return { action, fault: mapError(error) };
  }
}
