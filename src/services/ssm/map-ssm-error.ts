import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** Codes with which SSM refuses what a request says, with what to do. */
const INVALID: Readonly<Record<string, string>> = {
  DuplicateInstanceId: "an instance is named twice.",
  InvalidCommandId: "there is no such command in this region and account.",
  InvalidDocument: "the document AWS-RunShellScript is not there: check the account's region.",
  InvalidDocumentVersion: "the document's version is not there.",
  InvalidNotificationConfig: "the notification settings are not valid.",
  InvalidOutputFolder: "the output bucket or prefix is not valid: check that the bucket exists and its name is right.",
  InvalidParameters: "the parameters do not fit the document AWS-RunShellScript.",
  InvocationDoesNotExist:
    "there is no such command on this instance. Check command id, instance id and region; AWS keeps commands for 30 days.",
  MaxDocumentSizeExceeded:
    "the command with its arguments and variables is too long (64 KB). Put the data into a file on the instance or in S3.",
  UnsupportedPlatformType: "the instance does not run Linux, so it has no shell for scripts.",
  ValidationException: "a value is not one that SSM takes.",
};

/**
 * Turns whatever a request to SSM threw into the error to throw.
 *
 * @param error - what `send` threw
 * @param request - the IAM action (`ssm:SendCommand`) and the resource as it reads in a sentence
 * @returns an `SSM_*` or `AWS_*` error, or `ABORTED`
 */
export function mapSsmError(error: unknown, request: { action: string; resource: string }): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "ssm", ...request } as const;
  const { name, message } = readAwsError(error);
  if (name === "AccessDeniedException") {
    const action = /not authorized to perform: ([\w-]+:[\w*-]+)/.exec(message)?.[1] ?? request.action;
    const where =
      action === "ssm:SendCommand"
        ? ", on both the instance and the document AWS-RunShellScript"
        : " on all resources (*)";
    return awsError(
      "SSM_ACCESS_DENIED",
      `these credentials may not do this. Allow ${action}${where}, in their IAM policy.`,
      {
        error,
        context,
      },
    );
  }
  if (name === "InvalidInstanceId") {
    return awsError("SSM_NOT_ONLINE", `SSM does not take commands for it. ${AGENT_HINT}`, { error, context });
  }
  const saying = ownEntry(INVALID, name);
  if (saying) {
    return awsError("SSM_REQUEST_INVALID", `${saying} SSM says: ${message}`, { error, context });
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** What to look at when an agent does not report. */
export const AGENT_HINT =
  "Check that the instance runs, that its instance profile has the policy AmazonSSMManagedInstanceCore, that it reaches the endpoints ssm, ssmmessages and ec2messages of its region, and that the SSM agent is installed.";
