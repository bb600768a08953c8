import type { HostPool } from "../capacity/host-pool.ts";
import type { ResourceBook } from "../resources/resource-book.ts";
import { clientError, type JsonObject, numberField, page, textField, textList, wordField } from "./fields.ts";

const MAX_RESULTS = 100;

/** DescribeJobQueues. Names without a queue are left out. */
export function describeJobQueues(from: JsonObject, resources: ResourceBook): JsonObject {
  const named = textList(from, "jobQueues");
  checkCount(named, "jobQueues");
  const found = resources.queues.filter(
    ({ jobQueueName, jobQueueArn }) =>
      named.length === 0 || named.includes(jobQueueName) || named.includes(jobQueueArn),
  );
  const { items, next } = page(found, from, sizeOf(from));
  return { jobQueues: items, ...next };
}

/** DescribeComputeEnvironments, with the vCPUs that each wants to have now. */
export function describeComputeEnvironments(
  from: JsonObject,
  resources: ResourceBook,
  poolOf: (name: string) => HostPool | undefined,
): JsonObject {
  const named = textList(from, "computeEnvironments");
  checkCount(named, "computeEnvironments");
  const found = resources.environments.filter(
    ({ computeEnvironmentName: name, computeEnvironmentArn: arn }) =>
      named.length === 0 || named.includes(name) || named.includes(arn),
  );
  const { items, next } = page(found, from, sizeOf(from));
  const computeEnvironments = items.map((one) => {
    const desiredvCpus = poolOf(one.computeEnvironmentArn)?.desiredvCpus ?? 0;
    return { ...one, computeResources: { ...one.computeResources, desiredvCpus } };
  });
  return { computeEnvironments, ...next };
}

/** DescribeJobDefinitions, by name and status or by ARNs and `name:revision`. */
export function describeJobDefinitions(from: JsonObject, resources: ResourceBook): JsonObject {
  const named = textList(from, "jobDefinitions");
  const name = textField(from, "jobDefinitionName");
  const status = wordField(from, "status", ["ACTIVE", "INACTIVE"]);
  if (named.length > 0 && (name !== undefined || status !== undefined)) {
    throw clientError("jobDefinitions can't be combined with jobDefinitionName or status.");
  }
  checkCount(named, "jobDefinitions");
  const found = resources.definitions.filter(
    (one) =>
      (named.length === 0 ||
        [one.jobDefinitionArn, `${one.jobDefinitionName}:${one.revision}`].some((id) => named.includes(id))) &&
      (name === undefined || one.jobDefinitionName === name) &&
      (status === undefined || one.status === status),
  );
  const { items, next } = page(found, from, sizeOf(from));
  return { jobDefinitions: items, ...next };
}

function sizeOf(from: JsonObject): number {
  return numberField(from, "maxResults", 1, MAX_RESULTS) ?? MAX_RESULTS;
}

function checkCount(names: readonly string[], what: string): void {
  if (names.length > MAX_RESULTS) {
    throw clientError(`${what} can name at most ${MAX_RESULTS}.`);
  }
}
