import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { DEFAULT_LOG_GROUP } from "../../services/batch/job/job-report.ts";
import { tryLog } from "../../services/batch/log/try-log.ts";
import { describeDefinition } from "../../services/batch/queue/check-definition.ts";
import { checkQueue, readQueue } from "../../services/batch/queue/check-queue.ts";
import { type Finding, notPermitted, ok, problem, type Result, warning } from "../finding.ts";
import type { BatchUse } from "../plan/plan.ts";

/** Checks that a queue takes jobs, that an instance can run them, and that nothing is kept on without them. */
export async function checkBatchQueue(
  clients: AwsClients,
  { queue, shareIdentifier }: BatchUse & { readonly queue: string },
  signal: AbortSignal,
): Promise<Result[]> {
  const batch = await clients.batch();
  try {
    const notes = await checkQueue({ batch, queue, shareIdentifier, signal });
    const { environments } = await readQueue(batch, queue, signal);
    const most = environments.reduce((sum, { maxVcpus }) => sum + maxVcpus, 0);
    return [
      ok(queue, `The queue takes jobs: ${environments.map(({ name }) => name).join(", ")}, up to ${most} vCPUs.`),
      ...(environments.every(({ minVcpus }) => minVcpus === 0) ? [ok(queue, "It keeps nothing on without jobs.")] : []),
      ...notes.map((note) => warning(queue, note)),
    ];
  } catch (error) {
    return [notPermitted(queue, error, "batch:DescribeJobQueues and batch:DescribeComputeEnvironments")];
  }
}

/** Checks that a job definition is active, and that Node-RED may read the log of its jobs. */
export async function checkBatchDefinition(
  clients: AwsClients,
  { definition, gpus }: BatchUse & { readonly definition: string },
  signal: AbortSignal,
): Promise<Finding[]> {
  const batch = await clients.batch();
  try {
    const { revision, notes, logGroup, jobRole } = await describeDefinition({ batch, definition, gpus, signal });
    const role = jobRole === undefined ? "Its jobs have no role, and so no access to AWS." : `Its role is ${jobRole}.`;
    return [
      { check: "definition", ...ok(definition, `Revision ${revision} is active. ${role}`) },
      ...notes.map((note): Finding => ({ check: "definition", ...warning(definition, note) })),
      { check: "log", ...(await checkLog(clients, definition, logGroup, signal)) },
    ];
  } catch (error) {
    return [{ check: "definition", ...notPermitted(definition, error, "batch:DescribeJobDefinitions") }];
  }
}

async function checkLog(
  clients: AwsClients,
  definition: string,
  group: string | undefined,
  signal: AbortSignal,
): Promise<Result> {
  if (group === undefined) {
    return warning(definition, "Its log does not go to CloudWatch Logs, so the step can't show it.");
  }
  try {
    const exists = await tryLog(await clients.logs(), group, signal);
    // Batch makes its own group with the first job.
    return exists || group === DEFAULT_LOG_GROUP
      ? ok(group, "Node-RED may read the log.")
      : problem(group, `The log group of ${definition} does not exist, so its jobs can't start. Create it.`);
  } catch (error) {
    return notPermitted(group, error, "logs:GetLogEvents on the log group, with :*, to show the log of jobs");
  }
}
