import type { BatchCore } from "../batch-core.ts";
import { batchArn } from "../resources/arns.ts";
import type { JobDefinition } from "../resources/resource.ts";
import { containerSpec } from "./container-spec.ts";
import {
  clientError,
  flagField,
  type JsonObject,
  listField,
  neededText,
  objectField,
  textList,
  textMap,
  wordField,
} from "./fields.ts";
import { checkName, checkTags } from "./names.ts";
import { retryStrategy } from "./retry-strategy.ts";

const MAX_BYTES = 24 * 1024;
const LISTS = [
  "command",
  "environment",
  "secrets",
  "mountPoints",
  "volumes",
  "ulimits",
  "resourceRequirements",
] as const;

/** RegisterJobDefinition: a new revision of a definition with one container on EC2. */
export function registerJobDefinition(from: JsonObject, { resources, region }: BatchCore): JsonObject {
  const jobDefinitionName = checkName(neededText(from, "jobDefinitionName"), "Job definition name");
  if (wordField(from, "type", ["container", "multinode"]) !== "container" || from.containerProperties === undefined) {
    throw clientError("The sandbox only supports definitions of the type container with containerProperties.");
  }
  if (JSON.stringify(from).length > MAX_BYTES) {
    throw clientError("Job definition size must be less than 24 KiB.");
  }
  const platforms = textList(from, "platformCapabilities");
  if (platforms.some((platform) => platform !== "EC2")) {
    throw clientError("The sandbox only supports the platform EC2.");
  }
  const earlier = resources.definitions.filter((one) => one.jobDefinitionName === jobDefinitionName);
  const revision = 1 + Math.max(0, ...earlier.map((one) => one.revision));
  const definition: JobDefinition = {
    jobDefinitionName,
    jobDefinitionArn: batchArn(region, `job-definition/${jobDefinitionName}:${revision}`),
    revision,
    type: "container",
    status: "ACTIVE",
    containerProperties: containerProperties(from),
    parameters: textMap(from, "parameters"),
    ...strategies(from),
    platformCapabilities: platforms.length === 0 ? ["EC2"] : platforms,
    propagateTags: flagField(from, "propagateTags"),
    tags: checkTags(textMap(from, "tags")),
    containerOrchestrationType: "ECS",
  };
  containerSpec(definition, {}, definition.parameters);
  resources.add({ definitions: definition });
  return { jobDefinitionName, jobDefinitionArn: definition.jobDefinitionArn, revision };
}

/** DeregisterJobDefinition: the revision becomes INACTIVE. */
export function deregisterJobDefinition(from: JsonObject, { resources }: BatchCore): JsonObject {
  const reference = neededText(from, "jobDefinition");
  const definition = resources.definition(reference);
  if (definition === undefined || !reference.endsWith(`:${definition.revision}`)) {
    throw clientError(`The revision ${reference} of a job definition does not exist.`);
  }
  definition.status = "INACTIVE";
  resources.save();
  return {};
}

function containerProperties(from: JsonObject): JsonObject {
  const given = objectField(from, "containerProperties");
  neededText(given, "image");
  return { ...given, ...Object.fromEntries(LISTS.map((name) => [name, listField(given, name)])) };
}

function strategies(from: JsonObject): Pick<JobDefinition, "retryStrategy" | "timeout"> {
  const { attempts, exitRules, timeoutSeconds } = retryStrategy(from);
  return {
    ...(attempts === undefined ? {} : { retryStrategy: { attempts, evaluateOnExit: exitRules } }),
    ...(timeoutSeconds === undefined ? {} : { timeout: { attemptDurationSeconds: timeoutSeconds } }),
  };
}
