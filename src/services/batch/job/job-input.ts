import type { KeyValuePair, ResourceRequirement, SubmitJobCommandInput } from "@aws-sdk/client-batch";
import { PipelineError } from "../../../errors/pipeline-error.ts";

/** A job to submit. What is absent comes from the job definition. */
export interface JobRequest {
  readonly jobName: string;
  readonly queue: string;
  /** Name, `name:revision` or ARN. */
  readonly definition: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly vcpus?: number | undefined;
  readonly memoryMib?: number | undefined;
  readonly gpus?: number | undefined;
  /** The number of children; 1 is a job without children. */
  readonly size?: number;
  /** 1 to 10. */
  readonly attempts?: number | undefined;
  /** At least a minute. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly shareIdentifier?: string | undefined;
  /** The id of a job that must have succeeded before; with an array, all of its children. */
  readonly dependsOn?: string;
}

/** ECS refuses longer overrides, but only after Batch has accepted the job. */
export const MAX_OVERRIDE_CHARACTERS = 8192;
const MAX_REQUEST_BYTES = 30 * 1024;
const MAX_CHILDREN = 10_000;

/**
 * Creates the parameters of a SubmitJob request, checked as far as possible without AWS: the SDK checks nothing, and Batch accepts some
 * requests whose job then fails.
 *
 * @throws PipelineError `BATCH_REQUEST_INVALID`
 */
export function jobInput(request: JobRequest): SubmitJobCommandInput {
  const { jobName, queue, definition, size = 1, attempts, attemptTimeoutMs, shareIdentifier, dependsOn } = request;
  requireSize(size);
  const containerOverrides = overridesOf(request);
  const input: SubmitJobCommandInput = {
    jobName,
    jobQueue: queue,
    jobDefinition: definition,
    ...(Object.keys(containerOverrides).length > 0 && { containerOverrides }),
    // Batch refuses arrays of one.
    ...(size > 1 && { arrayProperties: { size } }),
    ...(attempts !== undefined && { retryStrategy: { attempts } }),
    ...(attemptTimeoutMs !== undefined && {
      timeout: { attemptDurationSeconds: Math.max(60, Math.round(attemptTimeoutMs / 1000)) },
    }),
    ...(shareIdentifier !== undefined && { shareIdentifier }),
    ...(dependsOn !== undefined && { dependsOn: [{ jobId: dependsOn }] }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > MAX_REQUEST_BYTES) {
    throw invalid(`The request has ${bytes} bytes, and Batch accepts 30 KiB. Put the data into an S3 object.`);
  }
  return input;
}

/** Checks the number of children. @throws PipelineError `BATCH_REQUEST_INVALID` */
export function requireSize(size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > MAX_CHILDREN) {
    throw invalid(`A job can have 1 to ${MAX_CHILDREN} children, not ${size}. Divide the items among several jobs.`);
  }
}

/** The length of command and variables, as ECS counts it: about that of their JSON. */
export function overrideCharacters({
  command = [],
  environment = {},
}: Pick<JobRequest, "command" | "environment">): number {
  return JSON.stringify({ command, environment: pairsOf(environment) }).length;
}

function overridesOf(request: JobRequest): NonNullable<SubmitJobCommandInput["containerOverrides"]> {
  const { command = [], environment = {}, vcpus, memoryMib, gpus } = request;
  if (command.includes("")) {
    throw invalid("The command has an empty word, which Batch refuses. Remove it.");
  }
  const ofBatch = Object.keys(environment).find((name) => name.startsWith("AWS_BATCH"));
  if (ofBatch !== undefined) {
    throw invalid(`The variable ${ofBatch} begins with AWS_BATCH, which Batch keeps for its own. Rename it.`);
  }
  const characters = overrideCharacters(request);
  if (characters > MAX_OVERRIDE_CHARACTERS) {
    throw invalid(
      `Command and variables have ${characters} characters, and a container accepts ${MAX_OVERRIDE_CHARACTERS}: the job would fail. Put the data into an S3 object.`,
    );
  }
  const resources: ResourceRequirement[] = [
    ...(vcpus === undefined ? [] : [{ type: "VCPU" as const, value: String(vcpus) }]),
    ...(memoryMib === undefined ? [] : [{ type: "MEMORY" as const, value: String(memoryMib) }]),
    ...(gpus === undefined ? [] : [{ type: "GPU" as const, value: String(gpus) }]),
  ];
  return {
    ...(command.length > 0 && { command: [...command] }),
    ...(Object.keys(environment).length > 0 && { environment: pairsOf(environment) }),
    ...(resources.length > 0 && { resourceRequirements: resources }),
  };
}

function pairsOf(environment: Readonly<Record<string, string>>): KeyValuePair[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value }));
}

function invalid(message: string): PipelineError {
  return new PipelineError("BATCH_REQUEST_INVALID", message);
}
