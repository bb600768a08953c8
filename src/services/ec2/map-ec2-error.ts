import type { ErrorCode } from "../../errors/error-codes.ts";
import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { quoteAws, readDenial } from "../aws/errors/aws-words.ts";
import { describeCapacity, isCapacityCode } from "../aws/errors/capacity-codes.ts";
import { explainDenial } from "../aws/errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** Codes whose meaning does not depend on the request. */
const EXPLANATIONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  "InvalidInstanceID.NotFound": [
    "EC2_INSTANCE_NOT_FOUND",
    "there is no such instance in this region and account. Check the id, the region, and to which AWS account the credentials belong.",
  ],
  "InvalidInstanceID.Malformed": ["EC2_INSTANCE_INVALID", "EC2 does not accept the instance id. Check it."],
  IncorrectSpotRequestState: [
    "EC2_SPOT_UNAVAILABLE",
    "its spot request does not allow a start. If EC2 has interrupted the instance, only EC2 can restart it, when capacity is available; otherwise check the state of the spot request.",
  ],
  UnsupportedHibernationConfiguration: [
    "EC2_HIBERNATION_UNSUPPORTED",
    "it was not launched with hibernation enabled, which can't be changed later. Stop it without hibernation.",
  ],
};

const QUOTAS: Readonly<Record<string, string>> = {
  InstanceLimitExceeded: "for running instances of this type",
  VcpuLimitExceeded: "for vCPUs of this instance family",
  MaxSpotInstanceCountExceeded: "for spot instances",
};

/**
 * Maps an error that an EC2 client threw.
 *
 * @param error - the error of `send`
 * @param request - the IAM action (`ec2:StartInstances`) and the resource as part of a sentence
 * @returns an `EC2_*` or `AWS_*` error, or `ABORTED`; the encoded authorization message of AWS is never quoted
 */
export function mapEc2Error(error: unknown, request: { action: string; resource: string }): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "ec2", ...request } as const;
  const facts = readAwsError(error);
  const { name, message } = facts;
  const explanation = ownEntry(EXPLANATIONS, name);
  if (explanation) {
    return awsError(explanation[0], explanation[1], { error, context });
  }
  if (name === "UnauthorizedOperation") {
    const on = resourceOf(message, request.action);
    const text = explainDenial(facts, { service: "ec2", action: request.action, on });
    return awsError("EC2_ACCESS_DENIED", text, { error, context });
  }
  const quota = quotaOf(name);
  if (quota !== undefined) {
    const text = `the account's quota ${quota} in this region is used up.${quoteAws("ec2", facts)} Stop other instances, or request an increase in Service Quotas.`;
    return awsError("EC2_QUOTA_EXCEEDED", text, { error, context });
  }
  if (isCapacityCode(name)) {
    return awsError("EC2_NO_CAPACITY", `${describeCapacity(name)}.${quoteAws("ec2", facts)}`, { error, context });
  }
  if (name === "OperationNotPermitted") {
    return request.action === "ec2:StopInstances"
      ? awsError(
          "EC2_STOP_PROTECTED",
          "it has stop protection. Disable the protection (attribute disableApiStop), then stop it.",
          {
            error,
            context,
          },
        )
      : awsError("EC2_STATE_UNSUPPORTED", `EC2 does not allow this: ${message}`, { error, context });
  }
  if (/^(?:IncorrectInstanceState|IncorrectState|Unsupported|UnsupportedOperation)$/.test(name)) {
    return awsError("EC2_STATE_UNSUPPORTED", `its type or state does not allow this: ${message}`, { error, context });
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** The resource on which a policy has to allow an action. */
function resourceOf(message: string, requested: string): string {
  const { action = requested, resource } = readDenial(message) ?? {};
  // The Describe actions of EC2 do not support single resources.
  return action.startsWith("ec2:Describe") ? "all resources (*)" : (resource ?? "this instance");
}

/** Which quota a code means, as part of a sentence; `undefined` for other codes. */
function quotaOf(name: string): string | undefined {
  if (name === "RequestLimitExceeded" || !/LimitExceeded$|^MaxSpotInstanceCountExceeded$/.test(name)) {
    return undefined;
  }
  return ownEntry(QUOTAS, name) ?? `(${name})`;
}
