import { AwsFault } from "../aws/aws-fault.ts";
import { type Command, commandStatus, type Invocation, isFinal } from "./command.ts";
import type { CommandRunner } from "./command-runner.ts";
import type { CommandStore } from "./command-store.ts";
import {
  constraint,
  type JsonObject,
  jsonPage,
  neededText,
  numberField,
  objectList,
  textField,
} from "./json-request.ts";

const PLUGIN = "aws:runShellScript";

/** Maximum length of a plugin's output in ListCommandInvocations, both streams together. */
const LISTED_CHARACTERS = 2_500;

/** GetCommandInvocation; its three date fields are strings, empty at first. */
export function getCommandInvocation(store: CommandStore, runner: CommandRunner, request: JsonObject): JsonObject {
  const commandId = commandIdOf(neededText(request, "CommandId"));
  const instanceId = neededText(request, "InstanceId");
  const command = store.find(commandId);
  const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
  if (command === undefined || invocation === undefined || !runner.isVisible(command)) {
    throw new AwsFault("InvocationDoesNotExist", 400, "");
  }
  const plugin = textField(request, "PluginName");
  if (plugin !== undefined && plugin !== PLUGIN && plugin !== "awsrunShellScript") {
    throw new AwsFault("InvalidPluginName", 400, `The command has no plugin ${plugin}.`);
  }
  const ended = isFinal(invocation);
  return {
    CommandId: commandId,
    InstanceId: instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    PluginName: PLUGIN,
    ResponseCode: invocation.responseCode,
    ExecutionStartDateTime: isoTime(invocation.startedAt),
    ExecutionElapsedTime: elapsed(invocation),
    ExecutionEndDateTime: isoTime(invocation.endedAt),
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputContent: ended ? invocation.stdout : "",
    StandardOutputUrl: invocation.stdoutUrl,
    StandardErrorContent: ended ? invocation.stderr : "",
    StandardErrorUrl: invocation.stderrUrl,
    CloudWatchOutputConfig: cloudWatchOutput(command),
  };
}

/** ListCommandInvocations; with `Details` each has its plugin and the beginning of the output. */
export function listCommandInvocations(store: CommandStore, runner: CommandRunner, request: JsonObject): JsonObject {
  const instanceId = textField(request, "InstanceId");
  const details = request.Details === true;
  const rows = matchingCommands(store, request)
    .filter((command) => runner.isVisible(command))
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(({ invocation }) => instanceId === undefined || invocation.instanceId === instanceId)
    .filter(({ invocation }) => statusMatches(request, invocation.status));
  const { items, next } = jsonPage(rows, request, numberField(request, "MaxResults", { least: 1, most: 50 }) ?? 50);
  return {
    CommandInvocations: items.map(({ command, invocation }) => listedInvocation(command, invocation, details)),
    ...next,
  };
}

/** ListCommands. */
export function listCommands(store: CommandStore, request: JsonObject): JsonObject {
  const instanceId = textField(request, "InstanceId");
  const rows = matchingCommands(store, request)
    .filter((command) => instanceId === undefined || command.invocations.some((one) => one.instanceId === instanceId))
    .filter((command) => statusMatches(request, commandStatus(command).status));
  const { items, next } = jsonPage(rows, request, numberField(request, "MaxResults", { least: 1, most: 50 }) ?? 50);
  return { Commands: items.map(commandItem), ...next };
}

/** A command as SendCommand and ListCommands show it; its times are epoch seconds. */
export function commandItem(command: Command): JsonObject {
  const { status, details } = commandStatus(command);
  const lifeSeconds = command.deliverySeconds + command.executionSeconds;
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    Comment: command.comment,
    ExpiresAfter: command.requestedAt / 1000 + lifeSeconds,
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: command.requestedAt / 1000,
    Status: status,
    StatusDetails: details,
    OutputS3Region: "",
    OutputS3BucketName: command.outputBucket,
    OutputS3KeyPrefix: command.outputPrefix,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: command.invocations.length,
    CompletedCount: command.invocations.filter(isFinal).length,
    ErrorCount: command.invocations.filter((one) => one.status === "Failed").length,
    DeliveryTimedOutCount: command.invocations.filter((one) => one.statusDetails === "DeliveryTimedOut").length,
    ServiceRole: "",
    NotificationConfig: { NotificationArn: "", NotificationEvents: [], NotificationType: "" },
    CloudWatchOutputConfig: cloudWatchOutput(command),
    TimeoutSeconds: command.deliverySeconds,
  };
}

/** Command ids have 36 characters. */
export function commandIdOf(text: string): string {
  if (text.length !== 36) {
    throw constraint(text, "CommandId", "Member must have length equal to 36");
  }
  return text;
}

function matchingCommands(store: CommandStore, request: JsonObject): Command[] {
  const commandId = textField(request, "CommandId");
  if (commandId !== undefined) {
    const command = store.find(commandIdOf(commandId));
    return command === undefined ? [] : [command];
  }
  const tests = filters(request).map(([key, value]) => (command: Command): boolean => {
    switch (key) {
      case "DocumentName":
        return command.documentName === value;
      case "InvokedAfter":
        return command.requestedAt > Date.parse(value);
      case "InvokedBefore":
        return command.requestedAt < Date.parse(value);
      default:
        return true;
    }
  });
  return store.list().filter((command) => tests.every((test) => test(command)));
}

function statusMatches(request: JsonObject, status: string): boolean {
  return filters(request).every(([key, value]) => key !== "Status" || value === status);
}

function filters(request: JsonObject): Array<readonly [key: string, value: string]> {
  return objectList(request, "Filters").map((filter) => {
    const key = neededText(filter, "key");
    if (!["Status", "DocumentName", "InvokedAfter", "InvokedBefore"].includes(key)) {
      throw new AwsFault("InvalidFilterKey", 400, `The filter key '${key}' is not valid here.`);
    }
    return [key, neededText(filter, "value")] as const;
  });
}

function listedInvocation(command: Command, invocation: Invocation, details: boolean): JsonObject {
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    InstanceName: "",
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    RequestedDateTime: command.requestedAt / 1000,
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputUrl: invocation.stdoutUrl,
    StandardErrorUrl: invocation.stderrUrl,
    CommandPlugins: details ? [plugin(command, invocation)] : [],
    ServiceRole: "",
    NotificationConfig: { NotificationArn: "", NotificationEvents: [], NotificationType: "" },
    CloudWatchOutputConfig: cloudWatchOutput(command),
  };
}

function plugin(command: Command, invocation: Invocation): JsonObject {
  const errors = invocation.stderr === "" ? "" : `\n----------ERROR-------\n${invocation.stderr}`;
  return {
    Name: PLUGIN,
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    ResponseCode: invocation.responseCode,
    ...(invocation.startedAt === undefined ? {} : { ResponseStartDateTime: invocation.startedAt / 1000 }),
    ...(invocation.endedAt === undefined ? {} : { ResponseFinishDateTime: invocation.endedAt / 1000 }),
    Output: isFinal(invocation) ? `${invocation.stdout}${errors}`.slice(0, LISTED_CHARACTERS) : "",
    StandardOutputUrl: invocation.stdoutUrl,
    StandardErrorUrl: invocation.stderrUrl,
    OutputS3Region: "",
    OutputS3BucketName: command.outputBucket,
    OutputS3KeyPrefix: command.outputPrefix,
  };
}

function cloudWatchOutput({ logGroup }: Command): JsonObject {
  return { CloudWatchLogGroupName: logGroup ?? "", CloudWatchOutputEnabled: logGroup !== undefined };
}

function isoTime(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString();
}

/** An ISO duration, e.g. `PT1.204S`. */
function elapsed(invocation: Invocation): string {
  if (invocation.startedAt === undefined || invocation.endedAt === undefined) {
    return "";
  }
  return `PT${((invocation.endedAt - invocation.startedAt) / 1000).toString()}S`;
}
