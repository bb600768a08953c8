import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsService } from "../aws/aws-service.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { CommandRunner } from "./command-runner.ts";
import type { CommandStore } from "./command-store.ts";
import { describeInstanceInformation } from "./instance-information.ts";
import { commandIdOf, commandItem, getCommandInvocation, listCommandInvocations, listCommands } from "./invocations.ts";
import { type JsonObject, neededText, parseJson, textList } from "./json-request.ts";
import { commandFrom, refuseBadIds } from "./send-command.ts";

export interface SsmServiceOptions {
  readonly fleet: Fleet;
  readonly store: CommandStore;
  readonly runner: CommandRunner;
  readonly bucketExists: (bucket: string) => Promise<boolean>;
}

type Action = (request: JsonObject, options: SsmServiceOptions) => JsonObject | Promise<JsonObject>;

const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeInstanceInformation: (request, { fleet }) => describeInstanceInformation(fleet, request),
  async SendCommand(request, options) {
    const command = await commandFrom(request, options);
    const output = { Command: commandItem(command) };
    options.runner.send(command);
    return output;
  },
  GetCommandInvocation: (request, { store, runner }) => getCommandInvocation(store, runner, request),
  ListCommandInvocations: (request, { store, runner }) => listCommandInvocations(store, runner, request),
  ListCommands: (request, { store }) => listCommands(store, request),
  CancelCommand: (request, options) => cancelCommand(options, request),
};

/** The names of all operations. */
export const SSM_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/** SSM's Run Command in its JSON protocol (version 2014-11-06). */
export function createSsmService(options: SsmServiceOptions): AwsService {
  return {
    name: "ssm",
    async handle(request) {
      const target = String(request.message.headers["x-amz-target"] ?? "");
      const name = target.startsWith("AmazonSSM.") ? target.slice("AmazonSSM.".length) : "";
      const run = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
      if (run === undefined) {
        throw new AwsFault("UnknownOperationException", 400, `The sandbox's SSM does not support '${target}'.`);
      }
      write(request.response, 200, await run(parseJson(await request.body()), options));
    },
    refuse(response, error) {
      response.setHeader("x-amzn-errortype", error.code);
      write(response, error.status, { __type: error.code, message: error.message });
    },
  };
}

function cancelCommand(options: SsmServiceOptions, request: JsonObject): JsonObject {
  const command = options.store.find(commandIdOf(neededText(request, "CommandId")));
  if (command === undefined) {
    throw new AwsFault("InvalidCommandId", 400, "The specified command ID isn't valid.");
  }
  const instanceIds = textList(request, "InstanceIds");
  refuseBadIds(instanceIds);
  const stranger = instanceIds.find((id) => !command.invocations.some((one) => one.instanceId === id));
  if (stranger !== undefined) {
    throw new AwsFault("InvalidInstanceId", 400, `The command was not sent to ${stranger}.`);
  }
  options.runner.cancel(command, instanceIds);
  return {};
}

function write(response: ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
