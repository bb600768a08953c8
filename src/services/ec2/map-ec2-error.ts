import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { describeCapacity, isCapacityCode } from "../aws/errors/capacity-codes.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** Codes that say one thing whatever the request was. */
const SAYINGS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  "InvalidInstanceID.NotFound": [
    "EC2_INSTANCE_NOT_FOUND",
    "there is no such instance in this region and account. Check the id, the account's region, and whose credentials these are.",
  ],
  "InvalidInstanceID.Malformed": ["EC2_INSTANCE_INVALID", "EC2 does not take this as an instance id. Check it."],
  InstanceLimitExceeded: ["EC2_QUOTA_EXCEEDED", quota("running instances of this type")],
  VcpuLimitExceeded: ["EC2_QUOTA_EXCEEDED", quota("vCPUs of this instance family")],
  MaxSpotInstanceCountExceeded: ["EC2_QUOTA_EXCEEDED", quota("spot instances")],
  IncorrectSpotRequestState: [
    "EC2_SPOT_UNAVAILABLE",
    "its spot request does not let it start. If EC2 interrupted the instance, only EC2 starts it again, when there is capacity; otherwise look at the spot request's state.",
  ],
  UnsupportedHibernationConfiguration: [
    "EC2_HIBERNATION_UNSUPPORTED",
    "it was not launched with hibernation enabled, which cannot be changed later. Stop it without hibernation.",
  ],
};

/**
 * Turns whatever a request to EC2 threw into the error to throw.
 *
 * @param error - what `send` threw
 * @param request - the IAM action (`ec2:StartInstances`) and the resource as it reads in a sentence
 * @returns an `EC2_*` or `AWS_*` error, or `ABORTED`; AWS's encoded authorization message is never quoted
 */
export function mapEc2Error(error: unknown, request: { action: string; resource: string }): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "ec2", ...request } as const;
  const { name, message } = readAwsError(error);
  const saying = ownEntry(SAYINGS, name);
  if (saying) {
    return awsError(saying[0], saying[1], { error, context });
  }
  if (name === "UnauthorizedOperation") {
    return awsError("EC2_ACCESS_DENIED", describeDenial(message, request.action), { error, context });
  }
  if (isCapacityCode(name)) {
    return awsError("EC2_NO_CAPACITY", `${describeCapacity(name)}.`, { error, context });
  }
  if (name === "OperationNotPermitted") {
    return request.action === "ec2:StopInstances"
      ? awsError(
          "EC2_STOP_PROTECTED",
          "it has stop protection. Switch that off (its attribute disableApiStop), then stop it.",
          {
            error,
            context,
          },
        )
      : awsError("EC2_STATE_UNSUPPORTED", `EC2 does not permit this on it: ${message}`, { error, context });
  }
  if (/^(?:IncorrectInstanceState|IncorrectState|Unsupported|UnsupportedOperation)$/.test(name)) {
    return awsError("EC2_STATE_UNSUPPORTED", `its kind or state does not allow this: ${message}`, { error, context });
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** Names the action that a policy has to allow. EC2's text may carry a long encoded part, which is left out. */
function describeDenial(message: string, requested: string): string {
  const action = /not authorized to perform: ([\w-]+:[\w*-]+)/.exec(message)?.[1] ?? requested;
  const decode = /encoded authorization failure message/i.test(message)
    ? " The whole reason: pass the encoded text of the AWS error to `aws sts decode-authorization-message`."
    : "";
  // EC2 knows no single instances where it describes them.
  const where = action.startsWith("ec2:Describe") ? "on all resources (*)" : "for this instance";
  return `these credentials may not do this. Allow ${action} ${where} in their IAM policy.${decode}`;
}

function quota(what: string): string {
  return `the account's quota for ${what} in this region is used up. Stop other instances, or ask for more in Service Quotas.`;
}
