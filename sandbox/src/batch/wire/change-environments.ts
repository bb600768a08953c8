import type { BatchCore } from "../batch-core.ts";
import { instanceTypes } from "../capacity/instance-types.ts";
import { batchArn, ecsArn } from "../resources/arns.ts";
import type { ComputeEnvironment, ComputeResources } from "../resources/resource.ts";
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
  wordField,
} from "./fields.ts";
import { checkName, checkTags } from "./names.ts";

const MAX_VCPUS = 10_000;

/** CreateComputeEnvironment: a managed one on EC2, which is VALID at once. */
export function createComputeEnvironment(from: JsonObject, { resources, region }: BatchCore): JsonObject {
  const name = checkName(neededText(from, "computeEnvironmentName"), "Compute environment name");
  if (resources.environment(name) !== undefined) {
    throw clientError(`Compute environment ${name} already exists.`);
  }
  if (wordField(from, "type", ["MANAGED", "UNMANAGED"]) !== "MANAGED") {
    throw clientError("The sandbox only supports the type MANAGED.");
  }
  const serviceRole = textField(from, "serviceRole");
  const environment: ComputeEnvironment = {
    computeEnvironmentName: name,
    computeEnvironmentArn: batchArn(region, `compute-environment/${name}`),
    ecsClusterArn: ecsArn(region, `cluster/AWSBatch-${name}`),
    tags: checkTags(textMap(from, "tags")),
    type: "MANAGED",
    state: wordField(from, "state", ["ENABLED", "DISABLED"]) ?? "ENABLED",
    status: "VALID",
    statusReason: "ComputeEnvironment Healthy",
    computeResources: computeResources(objectField(from, "computeResources")),
    ...(serviceRole === undefined ? {} : { serviceRole }),
    containerOrchestrationType: "ECS",
  };
  resources.add({ environments: environment });
  return { computeEnvironmentName: name, computeEnvironmentArn: environment.computeEnvironmentArn };
}

/** UpdateComputeEnvironment: state and compute resources. */
export function updateComputeEnvironment(from: JsonObject, { resources, poolOf, scheduler }: BatchCore): JsonObject {
  const environment = environmentOf(from, resources);
  const { computeEnvironmentName, computeEnvironmentArn, computeResources: before } = environment;
  const { desiredvCpus, ...changes } = objectField(from, "computeResources");
  const present = poolOf(computeEnvironmentArn)?.desiredvCpus ?? 0;
  if (typeof desiredvCpus === "number" && desiredvCpus < present) {
    throw clientError(`desiredvCpus ${desiredvCpus} must not be less than the present ${present}.`);
  }
  environment.computeResources = computeResources({ ...before, ...changes });
  environment.state = wordField(from, "state", ["ENABLED", "DISABLED"]) ?? environment.state;
  resources.save();
  scheduler.wake();
  return { computeEnvironmentName, computeEnvironmentArn };
}

/** DeleteComputeEnvironment: one that is DISABLED and belongs to no queue; its instances are terminated. */
export function deleteComputeEnvironment(from: JsonObject, { resources, poolOf }: BatchCore): JsonObject {
  const { state, computeEnvironmentArn: arn } = environmentOf(from, resources);
  if (state !== "DISABLED") {
    throw clientError("Cannot delete, compute environment state must be DISABLED.");
  }
  if (resources.queues.some((queue) => queue.computeEnvironmentOrder.some((one) => one.computeEnvironment === arn))) {
    throw clientError("Cannot delete, found existing JobQueue relationship.");
  }
  const pool = poolOf(arn);
  if (pool?.isUsed) {
    throw clientError("Cannot delete, jobs run on the instances of the environment; the sandbox does not end them.");
  }
  pool?.terminateAll();
  resources.remove(arn);
  return {};
}

function environmentOf(from: JsonObject, resources: BatchCore["resources"]): ComputeEnvironment {
  const reference = neededText(from, "computeEnvironment");
  const environment = resources.environment(reference);
  if (environment === undefined) {
    throw clientError(`Compute environment ${reference} does not exist.`);
  }
  return environment;
}

function computeResources(from: JsonObject): ComputeResources {
  const type = wordField(from, "type", ["EC2", "SPOT", "FARGATE", "FARGATE_SPOT"]);
  if (type !== "EC2" && type !== "SPOT") {
    throw clientError("The sandbox only supports compute resources of the types EC2 and SPOT.");
  }
  const maxvCpus = numberField(from, "maxvCpus", 0, MAX_VCPUS);
  const minvCpus = numberField(from, "minvCpus", 0, MAX_VCPUS) ?? 0;
  if (maxvCpus === undefined || minvCpus > maxvCpus) {
    throw clientError("computeResources require maxvCpus, and minvCpus must not be more.");
  }
  const names = textList(from, "instanceTypes");
  if (instanceTypes(names).length === 0) {
    throw clientError(`The sandbox knows none of the instance types ${names.join(", ")}.`);
  }
  const allocationStrategy = textField(from, "allocationStrategy") ?? "BEST_FIT";
  if (type === "SPOT" && allocationStrategy === "BEST_FIT" && from.spotIamFleetRole === undefined) {
    throw clientError("spotIamFleetRole is required for SPOT with BEST_FIT.");
  }
  if (objectList(from, "ec2Configuration").some(({ imageType }) => /^ECS_AL2(_NVIDIA)?$/.test(String(imageType)))) {
    throw clientError("Images of Amazon Linux 2 are no longer supported: use ECS_AL2023 or ECS_AL2023_NVIDIA.");
  }
  return { ...from, type, allocationStrategy, minvCpus, maxvCpus, instanceTypes: names, tags: textMap(from, "tags") };
}
