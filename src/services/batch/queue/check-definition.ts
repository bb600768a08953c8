import type { BatchClient, JobDefinition } from "@aws-sdk/client-batch";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { DescribeJobDefinitionsCommand } from "../../../sdk/batch.ts";
import { awsPages } from "../../aws/aws-pages.ts";
import { DEFAULT_LOG_GROUP } from "../job/job-report.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { RecentResponses } from "./recent-responses.ts";

const recent = new RecentResponses<BatchClient, JobDefinition | undefined>(10_000);

/** A job definition, and the job to run with it. */
export interface CheckDefinitionOptions {
  readonly batch: BatchClient;
  /** Name (its newest active revision), `name:revision` or ARN. */
  readonly definition: string;
  /** The override of the job. */
  readonly gpus?: number | undefined;
  readonly signal: AbortSignal;
}

/** A usable job definition. */
export interface DefinitionReport {
  readonly revision: number;
  /** What is unusual, as sentences: what a job can't override. */
  readonly notes: readonly string[];
  /** In CloudWatch Logs; absent if the log goes elsewhere. */
  readonly logGroup?: string;
  /** The role of the program in the container; absent if it has none. */
  readonly jobRole?: string;
  /** Whether it limits the time of an attempt. */
  readonly hasTimeout: boolean;
}

/**
 * Checks a job definition before a job is submitted with it.
 *
 * @returns what is unusual, as sentences
 * @throws PipelineError like {@link describeDefinition}
 */
export async function checkDefinition(options: CheckDefinitionOptions): Promise<readonly string[]> {
  return (await describeDefinition(options)).notes;
}

/**
 * Describes a job definition.
 *
 * @throws PipelineError `BATCH_DEFINITION_UNUSABLE` (no such definition, inactive, another type), `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function describeDefinition(options: CheckDefinitionOptions): Promise<DefinitionReport> {
  const { definition } = options;
  const found = await recent.get(options.batch, definition, options.signal, (signal) =>
    readDefinition(options.batch, definition, signal),
  );
  if (!found) {
    throw unusable(definition, "has no active revision in this region and account. Check its name and the region.");
  }
  if (found.status !== undefined && found.status !== "ACTIVE") {
    throw unusable(definition, `is ${found.status}. Register it again, or use another revision.`);
  }
  if (found.type !== undefined && found.type !== "container") {
    throw unusable(definition, `has the type ${found.type}. Only definitions of the type container can be used.`);
  }
  const container = found.containerProperties ?? found.ecsProperties?.taskProperties?.[0]?.containers?.[0];
  const ofDefinition = container?.resourceRequirements?.find(({ type }) => type === "GPU")?.value;
  const gpus = options.gpus ?? Number(ofDefinition ?? 0);
  const hasSharedMemory = (container?.linuxParameters?.sharedMemorySize ?? 0) > 0;
  const { logConfiguration: log, secrets = [] } = container ?? {};
  const { jobRole, executionRole } = rolesOf(found);
  const notes = [
    ...(gpus > 0 && !hasSharedMemory
      ? [
          `Job definition ${definition} sets no shared memory, so containers have 64 MiB, which is too little for loading data on a GPU. A job can't change it: set linuxParameters.sharedMemorySize in the definition.`,
        ]
      : []),
    ...(secrets.length > 0 && executionRole === undefined
      ? [
          `Job definition ${definition} has secrets, but no execution role that may read them. Add one to the definition.`,
        ]
      : []),
  ];
  return {
    revision: found.revision ?? 0,
    notes,
    ...((log?.logDriver ?? "awslogs") === "awslogs" && {
      logGroup: log?.options?.["awslogs-group"] || DEFAULT_LOG_GROUP,
    }),
    ...(jobRole !== undefined && { jobRole }),
    hasTimeout: found.timeout?.attemptDurationSeconds !== undefined,
  };
}

/** A definition for several containers has its roles outside of them. */
function rolesOf({
  containerProperties,
  ecsProperties,
}: JobDefinition): Record<"jobRole" | "executionRole", string | undefined> {
  const task = ecsProperties?.taskProperties?.[0];
  return {
    jobRole: containerProperties?.jobRoleArn ?? task?.taskRoleArn,
    executionRole: containerProperties?.executionRoleArn ?? task?.executionRoleArn,
  };
}

async function readDefinition(
  batch: BatchClient,
  definition: string,
  abortSignal: AbortSignal,
): Promise<JobDefinition | undefined> {
  const isExact = definition.startsWith("arn:") || /:\d+$/.test(definition);
  const found: JobDefinition[] = [];
  const pages = awsPages({
    action: "batch:DescribeJobDefinitions",
    read: (nextToken?: string) =>
      batch.send(
        new DescribeJobDefinitionsCommand(
          isExact ? { jobDefinitions: [definition] } : { jobDefinitionName: definition, status: "ACTIVE", nextToken },
        ),
        { abortSignal },
      ),
    next: (page) => page.nextToken,
  });
  try {
    for await (const { jobDefinitions = [] } of pages) {
      found.push(...jobDefinitions);
    }
  } catch (error) {
    throw mapBatchError(error, { action: "batch:DescribeJobDefinitions", resource: `job definition ${definition}` });
  }
  return found.toSorted((one, other) => (other.revision ?? 0) - (one.revision ?? 0))[0];
}

function unusable(definition: string, what: string): PipelineError {
  return new PipelineError("BATCH_DEFINITION_UNUSABLE", `Job definition ${definition} ${what}`, {
    details: { definition },
  });
}
