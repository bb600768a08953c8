import { ownEntry } from "../../errors/own-entry.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { readDenial } from "../aws/errors/aws-words.ts";
import { explainDenial } from "../aws/errors/explain-denial.ts";
import { awsError, awsRequestRefused, mapCommonAwsError } from "../aws/errors/map-aws-error.ts";

/** Codes for invalid requests, with what to do. */
const INVALID: Readonly<Record<string, string>> = {
  DuplicateInstanceId: "an instance id occurs twice.",
  InvalidCommandId: "there is no such command in this region and account.",
  InvalidDocument: "the document AWS-RunShellScript does not exist. Check the region of the account.",
  InvalidDocumentVersion: "the version of the document does not exist.",
  InvalidNotificationConfig: "the notification settings are not valid.",
  InvalidOutputFolder: "the output bucket or prefix is not valid. Check that the bucket exists, and its name.",
  InvalidParameters: "the parameters are not valid for the document AWS-RunShellScript.",
  InvocationDoesNotExist:
    "there is no such command on this instance. Check command id, instance id and region; AWS keeps commands for 30 days.",
  MaxDocumentSizeExceeded:
    "the command with its arguments and variables is too long (64 KB). Put the data into a file on the instance or in S3.",
  UnsupportedPlatformType: "the instance does not run Linux, so it has no shell for scripts.",
  ValidationException: "a value is not valid for SSM.",
};

/**
 * Maps an error that an SSM client threw.
 *
 * @param error - the error of `send`
 * @param request - the IAM action (`ssm:SendCommand`) and the resource as part of a sentence
 * @returns an `SSM_*` or `AWS_*` error, or `ABORTED`
 */
export function mapSsmError(error: unknown, request: { action: string; resource: string }): PipelineError {
  if (error instanceof PipelineError) {
    return error;
  }
  const context = { service: "ssm", ...request } as const;
  const facts = readAwsError(error);
  const { name, message } = facts;
  if (name === "AccessDeniedException") {
    const text = explainDenial(facts, {
      service: "ssm",
      action: request.action,
      on: resourcesOf(message, request.action),
    });
    return awsError("SSM_ACCESS_DENIED", text, { error, context });
  }
  if (name === "InvalidInstanceId") {
    return awsError("SSM_NOT_ONLINE", `SSM does not accept commands for the instance. ${AGENT_HINT}`, {
      error,
      context,
    });
  }
  const explanation = ownEntry(INVALID, name);
  if (explanation) {
    return awsError("SSM_REQUEST_INVALID", `${explanation} SSM responded: ${message}`, { error, context });
  }
  return mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
}

/** The resources on which a policy has to allow an action: SSM names only the one that it has checked first. */
function resourcesOf(message: string, requested: string): string {
  const { action = requested } = readDenial(message) ?? {};
  return action === "ssm:SendCommand" ? "both the instance and the document AWS-RunShellScript" : "all resources (*)";
}

/** What to check if an agent does not report. */
export const AGENT_HINT =
  "Check that the instance runs, that its instance profile has the policy AmazonSSMManagedInstanceCore, that it reaches the endpoints ssm, ssmmessages and ec2messages of its region, and that the SSM agent is installed.";
