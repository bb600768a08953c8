import type { ContainerSpec, KeyValue } from "../jobs/job.ts";
import type { JobDefinition } from "../resources/resource.ts";
import {
  clientError,
  type JsonObject,
  neededText,
  numberField,
  objectField,
  objectList,
  textField,
  textList,
  textMap,
} from "./fields.ts";

const DEFAULT_LOG_GROUP = "/aws/batch/job";
/** ECS does not take longer ones; Batch accepts them, and the job fails. */
const MAX_OVERRIDES_CHARACTERS = 8192;

/** The container of a job: its definition's, with the overrides of the request. */
export function containerSpec(
  definition: JobDefinition,
  overrides: JsonObject,
  parameters: Readonly<Record<string, string>>,
): ContainerSpec {
  const { image, command: _own, environment: _also, secrets: _secrets, ...other } = definition.containerProperties;
  const own = definition.containerProperties;
  const command = overrides.command === undefined ? textList(own, "command") : overriddenCommand(overrides);
  const needs = (type: Requirement): number => requirement(own, overrides, type);
  const log = objectField(own, "logConfiguration");
  const options = textMap(log, "options");
  return {
    image: String(image),
    command: command.map((word) => withParameters(word, parameters)),
    environment: merged(keyValues(own), overriddenEnvironment(overrides)),
    vcpus: needs("VCPU"),
    memoryMib: needs("MEMORY"),
    gpus: needs("GPU"),
    secrets: objectList(own, "secrets").map((one) => ({
      name: neededText(one, "name"),
      valueFrom: neededText(one, "valueFrom"),
    })),
    ...((log.logDriver ?? "awslogs") === "awslogs" && { logGroup: options["awslogs-group"] ?? DEFAULT_LOG_GROUP }),
    logPrefix: options["awslogs-stream-prefix"] ?? definition.jobDefinitionName.slice(0, 200),
    other,
  };
}

/** Why ECS is going to refuse the overrides, if it does. */
export function lateRefusal(overrides: JsonObject): string | undefined {
  const { command, environment } = overrides;
  const characters = JSON.stringify({ command, environment }).length;
  return characters > MAX_OVERRIDES_CHARACTERS
    ? `Container Overrides length must be at most ${MAX_OVERRIDES_CHARACTERS}`
    : undefined;
}

/** Lists `name` and `value` of variables. */
function keyValues(from: JsonObject): KeyValue[] {
  return objectList(from, "environment").map((one) => ({
    name: neededText(one, "name"),
    value: textField(one, "value") ?? "",
  }));
}

function overriddenCommand(overrides: JsonObject): string[] {
  const command = textList(overrides, "command");
  if (command.includes("")) {
    throw clientError("containerOverrides.command must not contain empty strings.");
  }
  return command;
}

function overriddenEnvironment(overrides: JsonObject): KeyValue[] {
  const environment = keyValues(overrides);
  const reserved = environment.find(({ name }) => name.startsWith("AWS_BATCH"));
  if (reserved !== undefined) {
    throw clientError(`Environment variable names must not start with AWS_BATCH: ${reserved.name}`);
  }
  return environment;
}

function merged(own: readonly KeyValue[], overriding: readonly KeyValue[]): KeyValue[] {
  return [...own.filter(({ name }) => overriding.every((other) => other.name !== name)), ...overriding];
}

type Requirement = "VCPU" | "MEMORY" | "GPU";

const LEGACY = { VCPU: "vcpus", MEMORY: "memory", GPU: "" } as const;

/** A number from the lists of both; the members of older requests count only for what the definition's list does not have. */
function requirement(own: JsonObject, overrides: JsonObject, type: Requirement): number {
  const inOverrides = listed(overrides, type);
  const inOwn = listed(own, type);
  const legacy = (from: JsonObject): number | undefined => numberField(from, LEGACY[type], 1, 1_000_000);
  const found = inOverrides ?? inOwn ?? legacy(overrides) ?? legacy(own) ?? (type === "GPU" ? 0 : undefined);
  if (found === undefined) {
    throw clientError(`The container has no ${type}.`);
  }
  return found;
}

function listed(from: JsonObject, type: Requirement): number | undefined {
  const value = objectList(from, "resourceRequirements").find((one) => one.type === type)?.value;
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "string" || !/^\d+(\.\d+)?$/.test(value) || Number(value) === 0) {
    throw clientError(`The resource requirement ${type} must be a number in a string.`);
  }
  return Number(value);
}

/** Replaces `Ref::name`; a name without a value stays. */
function withParameters(word: string, parameters: Readonly<Record<string, string>>): string {
  return word.replace(/Ref::([\w-]+)/g, (reference, name: string) =>
    Object.hasOwn(parameters, name) ? (parameters[name] ?? reference) : reference,
  );
}
