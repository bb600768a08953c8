import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeJson } from "../../instances/instance-store.ts";
import type { ComputeEnvironment, JobDefinition, JobQueue } from "./resource.ts";

/** The three kinds of resources. */
export interface Resources {
  readonly environments: ComputeEnvironment[];
  readonly queues: JobQueue[];
  readonly definitions: JobDefinition[];
}

/** Queues, environments and definitions in one file. */
export class ResourceBook {
  readonly #file: string;
  #resources: Resources = { environments: [], queues: [], definitions: [] };

  /** Opens the file. Environments and queues of `ready` are added when they are missing; its definitions always replace saved ones. */
  constructor(file: string, ready: Resources) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) {
      this.#resources = JSON.parse(readFileSync(file, "utf8")) as Resources;
    }
    const { environments, queues, definitions } = this.#resources;
    this.#resources = {
      environments: [
        ...ready.environments.filter(({ computeEnvironmentArn: arn }) => !this.environment(arn)),
        ...environments,
      ],
      queues: [...ready.queues.filter(({ jobQueueArn: arn }) => !this.queue(arn)), ...queues],
      definitions: [
        ...ready.definitions,
        ...definitions.filter((one) =>
          ready.definitions.every((other) => other.jobDefinitionArn !== one.jobDefinitionArn),
        ),
      ],
    };
    this.save();
  }

  get environments(): readonly ComputeEnvironment[] {
    return this.#resources.environments;
  }

  get queues(): readonly JobQueue[] {
    return this.#resources.queues;
  }

  get definitions(): readonly JobDefinition[] {
    return this.#resources.definitions;
  }

  /** By name or ARN. */
  environment(reference: string): ComputeEnvironment | undefined {
    return this.environments.find((one) => [one.computeEnvironmentName, one.computeEnvironmentArn].includes(reference));
  }

  /** By name or ARN. */
  queue(reference: string): JobQueue | undefined {
    return this.queues.find((one) => [one.jobQueueName, one.jobQueueArn].includes(reference));
  }

  /** By ARN, `name:revision`, or name, which means the newest active revision. */
  definition(reference: string): JobDefinition | undefined {
    const exact = this.definitions.find(
      ({ jobDefinitionArn, jobDefinitionName, revision }) =>
        jobDefinitionArn === reference || `${jobDefinitionName}:${revision}` === reference,
    );
    const named = this.definitions.filter((one) => one.jobDefinitionName === reference && one.status === "ACTIVE");
    return exact ?? named.sort((one, other) => other.revision - one.revision)[0];
  }

  save(): void {
    writeJson(this.#file, this.#resources);
  }
}
