import { randomUUID } from "node:crypto";
import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../aws/aws-service.ts";
import type { Fleet } from "../instances/fleet.ts";
import { type Command, executionSeconds, type Invocation } from "./command.ts";
import { tagMatches } from "./instance-information.ts";
import {
  constraint,
  type JsonObject,
  neededText,
  numberField,
  objectList,
  objectOf,
  textField,
  textList,
} from "./json-request.ts";
import { CONCURRENCY, ERRORS } from "./rate-controls.ts";

const SHELL = "AWS-RunShellScript";
const POWERSHELL = "AWS-RunPowerShellScript";
const MAX_PARAMETER_BYTES = 64 * 1024;
const KNOWN_PARAMETERS = ["commands", "workingDirectory", "executionTimeout"];

/** Validates a SendCommand request like SSM, and creates the command. */
export async function commandFrom(
  request: JsonObject,
  options: { readonly fleet: Fleet; readonly bucketExists: (bucket: string) => Promise<boolean> },
): Promise<Command> {
  const documentName = documentOf(request);
  const parameters = parametersOf(request);
  const comment = textField(request, "Comment") ?? "";
  if (comment.length > 100) {
    throw constraint(comment, "Comment", "Member must have length less than or equal to 100");
  }
  // SSM validates the format of a request before it checks the instances.
  const deliverySeconds = numberField(request, "TimeoutSeconds", { least: 30, most: 2_592_000 }) ?? 3_600;
  const outputBucket = outputBucketOf(request);
  const logGroup = logGroupOf(request, documentName);
  const instanceIds = textList(request, "InstanceIds");
  const targets = targetsOf(request);
  const chosen = chooseInstances(options.fleet, instanceIds, targets);
  if (documentName === POWERSHELL && instanceIds.length > 0) {
    throw new AwsFault(
      "UnsupportedPlatformType",
      400,
      `The document ${POWERSHELL} doesn't support the platform type of the given instance IDs.`,
    );
  }
  if (outputBucket !== "" && !(await options.bucketExists(outputBucket))) {
    throw new AwsFault("InvalidOutputFolder", 400, `The S3 bucket ${outputBucket} does not exist.`);
  }
  const unfit: Partial<Invocation> =
    documentName === POWERSHELL ? { status: "Failed", statusDetails: "InvalidPlatform" } : {};
  return {
    commandId: randomUUID(),
    documentName,
    parameters,
    comment,
    instanceIds,
    targets,
    deliverySeconds,
    executionSeconds: executionSeconds(parameters.executionTimeout?.[0]),
    outputBucket,
    outputPrefix: outputBucket === "" ? "" : (textField(request, "OutputS3KeyPrefix") ?? ""),
    ...(logGroup !== undefined && { logGroup }),
    maxConcurrency: rateControl(request, "MaxConcurrency", CONCURRENCY) ?? "50",
    maxErrors: rateControl(request, "MaxErrors", ERRORS) ?? "0",
    requestedAt: Date.now(),
    invocations: chosen.map((instanceId) => ({ ...newInvocation(instanceId), ...unfit })),
  };
}

function rateControl(request: JsonObject, name: string, pattern: RegExp): string | undefined {
  const text = textField(request, name);
  if (text !== undefined && (text.length > 7 || !pattern.test(text))) {
    throw constraint(text, name, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  return text;
}

function newInvocation(instanceId: string): Invocation {
  return {
    instanceId,
    status: "Pending",
    statusDetails: "Pending",
    responseCode: -1,
    stdout: "",
    stderr: "",
    stdoutUrl: "",
    stderrUrl: "",
  };
}

function documentOf(request: JsonObject): string {
  const name = neededText(request, "DocumentName");
  if (name !== SHELL && name !== POWERSHELL) {
    throw new AwsFault(
      "InvalidDocument",
      400,
      `Document with name ${name} does not exist. The sandbox supports ${SHELL}.`,
    );
  }
  const version = textField(request, "DocumentVersion") ?? "$DEFAULT";
  if (!["$DEFAULT", "$LATEST", "1"].includes(version)) {
    throw new AwsFault("InvalidDocumentVersion", 400, `The document ${name} has no version ${version}.`);
  }
  return name;
}

/** Every parameter is an array of strings; `commands` is required, the others contain one string. */
function parametersOf(request: JsonObject): Record<string, string[]> {
  const given = objectOf(request.Parameters ?? {}, "Parameters");
  const parameters = Object.fromEntries(Object.keys(given).map((name) => [name, textList(given, name)]));
  const unknown = Object.keys(parameters).find((name) => !KNOWN_PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw new AwsFault("InvalidParameters", 400, `The document has no parameter "${unknown}".`);
  }
  if (parameters.commands === undefined || parameters.commands.length === 0) {
    throw new AwsFault("InvalidParameters", 400, 'Parameter "commands" requires a value.');
  }
  for (const name of ["workingDirectory", "executionTimeout"]) {
    if ((parameters[name]?.length ?? 1) !== 1) {
      throw new AwsFault("InvalidParameters", 400, `Parameter "${name}" takes a list of one string.`);
    }
  }
  if (Buffer.byteLength(JSON.stringify(parameters)) > MAX_PARAMETER_BYTES) {
    throw new AwsFault("MaxDocumentSizeExceeded", 400, "The document with its parameters exceeds 64 KB.");
  }
  return parameters;
}

function targetsOf(request: JsonObject): Array<{ Key: string; Values: string[] }> {
  const targets = objectList(request, "Targets").map((one) => ({
    Key: neededText(one, "Key"),
    Values: textList(one, "Values"),
  }));
  if (targets.length > 5) {
    throw constraint("[...]", "Targets", "Member must have length less than or equal to 5");
  }
  return targets;
}

function chooseInstances(
  fleet: Fleet,
  instanceIds: readonly string[],
  targets: ReadonlyArray<{ Key: string; Values: readonly string[] }>,
): string[] {
  if (instanceIds.length > 0 === targets.length > 0) {
    throw new AwsFault("ValidationException", 400, "Give either InstanceIds or Targets.");
  }
  if (instanceIds.length > 50) {
    throw constraint("[...]", "InstanceIds", "Member must have length less than or equal to 50");
  }
  refuseBadIds(instanceIds);
  const online = fleet.list().filter((record) => fleet.onlineSince(record.instanceId) !== undefined);
  if (instanceIds.length > 0) {
    const unknown = instanceIds.filter((id) => !online.some((record) => record.instanceId === id));
    if (unknown.length > 0) {
      throw new AwsFault(
        "InvalidInstanceId",
        400,
        `Instances [[${unknown.join(", ")}]] not in a valid state for account ${ACCOUNT_ID}`,
      );
    }
    return [...instanceIds];
  }
  return online
    .filter((record) =>
      targets.every(({ Key, Values }) => {
        if (Key.startsWith("tag:")) {
          return tagMatches(record, Key.slice(4), Values);
        }
        if (Key === "InstanceIds") {
          return Values.includes(record.instanceId);
        }
        throw new AwsFault(
          "InvalidTarget",
          400,
          `The sandbox supports the targets tag:NAME and InstanceIds, not ${Key}.`,
        );
      }),
    )
    .map((record) => record.instanceId);
}

/** Refuses malformed and duplicate instance ids. */
export function refuseBadIds(instanceIds: readonly string[]): void {
  const bad = instanceIds.find((id) => !/^(?:i-(?:\w{8}|\w{17})|mi-\w{17})$/.test(id));
  if (bad !== undefined) {
    throw constraint(
      `[${bad}]`,
      "InstanceIds",
      "Member must satisfy regular expression pattern: (^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)",
    );
  }
  if (new Set(instanceIds).size !== instanceIds.length) {
    throw new AwsFault("DuplicateInstanceId", 400, "You can't specify an instance ID in more than one place.");
  }
}

/** Undefined: the output is not written to CloudWatch. A group without a name is that of the document. */
function logGroupOf(request: JsonObject, documentName: string): string | undefined {
  const config = objectOf(request.CloudWatchOutputConfig ?? {}, "CloudWatchOutputConfig");
  const name = textField(config, "CloudWatchLogGroupName") ?? "";
  if (!/^[\w.\-/#]{0,512}$/.test(name)) {
    throw constraint(
      name,
      "CloudWatchLogGroupName",
      "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+, and have length less than or equal to 512",
    );
  }
  return config.CloudWatchOutputEnabled === true ? name || `/aws/ssm/${documentName}` : undefined;
}

/** Empty: the output is not saved. */
function outputBucketOf(request: JsonObject): string {
  const bucket = textField(request, "OutputS3BucketName") ?? "";
  if (bucket === "") {
    return "";
  }
  if (bucket.length < 3 || bucket.length > 63) {
    throw constraint(bucket, "OutputS3BucketName", "Member must have length between 3 and 63");
  }
  if ((textField(request, "OutputS3KeyPrefix") ?? "").length > 500) {
    throw constraint("...", "OutputS3KeyPrefix", "Member must have length less than or equal to 500");
  }
  return bucket;
}
