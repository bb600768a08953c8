import type { SendCommandCommandInput } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { isInstanceId } from "../../fields/rules/aws.ts";
import { logGroupName } from "../../fields/rules/command-line.ts";
import { MAX_TARGETS } from "./max-targets.ts";
import { type CommandWork, scriptCommand } from "./script-command.ts";

/** Limits of a command in whole seconds. */
export interface CommandLimits {
  /** 5 to 172,800 (48 h). The agent silently replaces other values with 3,600, so it is required and checked here. */
  readonly executionTimeoutSeconds: number;
  /** 30 to 2,592,000 (30 days). A command that the instance has not fetched by then never runs. */
  readonly deliveryTimeoutSeconds: number;
}

/** How a command is sent to several instances: numbers, or percentages such as `25%`. */
export interface RateControls {
  /** On how many instances it runs at a time. Default of SSM: 50. */
  readonly maxConcurrency?: string | undefined;
  /** After more errors than this, it is not sent to the remaining instances. Default of SSM: 0. */
  readonly maxErrors?: string | undefined;
}

interface CommandInputOptions extends CommandWork, CommandLimits, RateControls {
  readonly instanceIds: readonly string[];
  readonly workingDirectory?: string;
  readonly comment?: string;
  readonly marker: string;
  readonly output?: { readonly bucket: string; readonly prefix?: string };
  readonly logGroup?: string;
}

const COMMENT_CHARACTERS = 100;

/**
 * Creates the parameters of a SendCommand request, checked as far as possible without AWS.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID`
 */
export function commandInput(call: CommandInputOptions): SendCommandCommandInput {
  const { instanceIds, workingDirectory, output, logGroup, executionTimeoutSeconds, deliveryTimeoutSeconds } = call;
  checkInstances(instanceIds);
  checkLogGroup(logGroup);
  checkDirectory(workingDirectory, call.lines ? "" : call.script);
  checkSeconds("execution limit", executionTimeoutSeconds, 5, 172_800);
  checkSeconds("delivery limit", deliveryTimeoutSeconds, 30, 2_592_000);
  return {
    DocumentName: "AWS-RunShellScript",
    InstanceIds: [...instanceIds],
    TimeoutSeconds: deliveryTimeoutSeconds,
    MaxConcurrency: call.maxConcurrency,
    MaxErrors: call.maxErrors,
    Comment: markedComment(call.comment ?? "", call.marker),
    Parameters: {
      commands: call.lines?.map(withUnixLineEnds) ?? scriptCommand(call),
      executionTimeout: [String(executionTimeoutSeconds)],
      ...(workingDirectory !== undefined && { workingDirectory: [workingDirectory] }),
    },
    OutputS3BucketName: output?.bucket,
    OutputS3KeyPrefix: output?.prefix,
    ...(logGroup !== undefined && {
      CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: logGroup },
    }),
  };
}

/** How many times the longest duration of a script a command may take, because it runs on some instances after others. */
export function turnsOf(instances: number, { maxConcurrency = "50" }: RateControls): number {
  const number = Number.parseInt(maxConcurrency, 10);
  const atATime = maxConcurrency.endsWith("%") ? Math.floor((instances * number) / 100) : number;
  return Math.ceil(instances / Math.max(1, atATime));
}

/** A text of a browser or of a Windows editor ends its lines with CRLF, which a shell takes as part of the last word. */
function withUnixLineEnds(text: string): string {
  return text.replaceAll(/\r(?=\n|$)/g, "");
}

function checkInstances(instanceIds: readonly string[]): void {
  if (instanceIds.length === 0 || instanceIds.length > MAX_TARGETS) {
    throw invalid(
      `A command can be sent to 1 to ${MAX_TARGETS} instances, not to ${instanceIds.length}. Select fewer, or use several steps.`,
    );
  }
  for (const id of instanceIds) {
    // A managed node outside EC2 has an id with `mi-`.
    if (!isInstanceId(id.replace(/^mi-/, "i-"))) {
      throw invalid(`"${id.slice(0, 60)}" is not an instance id (i- and 8 or 17 hexadecimal digits).`);
    }
  }
}

function checkLogGroup(name: string | undefined): void {
  if (name !== undefined && logGroupName(name) !== undefined) {
    throw invalid(
      `"${name.slice(0, 60)}" is not a valid name of a log group: use up to 512 letters, digits and . - _ / #.`,
    );
  }
}

/** The agent accepts only absolute directories, and silently uses another one instead. */
function checkDirectory(directory: string | undefined, script: string): void {
  if (directory === undefined) {
    if (!script.startsWith("/") && !script.startsWith("~") && script.trim() !== "") {
      throw invalid(`The script's path "${script}" is relative. Enter an absolute path, or a working directory.`);
    }
    return;
  }
  if (!directory.startsWith("/")) {
    throw invalid(`The working directory "${directory}" is relative. Enter an absolute one.`);
  }
  // Systems Manager would replace it with a stored parameter.
  if (directory.includes("{{")) {
    throw invalid(`The working directory "${directory}" must not contain "{{".`);
  }
}

function checkSeconds(what: string, seconds: number, min: number, max: number): void {
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    throw invalid(`The ${what} of a command must be a whole number of seconds from ${min} to ${max}, not ${seconds}.`);
  }
}

function markedComment(comment: string, marker: string): string {
  if (!/^[\w-]{8,40}$/.test(marker)) {
    throw invalid(
      `"${marker.slice(0, 60)}" is not a valid marker of a command: use 8 to 40 letters, digits, "-" and "_".`,
    );
  }
  const room = COMMENT_CHARACTERS - marker.length - 3;
  return `${comment.slice(0, room)} [${marker}]`.trimStart();
}

function invalid(message: string): PipelineError {
  return new PipelineError("SSM_REQUEST_INVALID", message);
}
