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

  /** By name and revision, or by name alone, which means the newest active revision; both also as an ARN. */
  definition(reference: string): JobDefinition | undefined {
    const short = reference.replace(/^arn:[^/]*:job-definition\//, "");
    const exact = this.definitions.find((one) => `${one.jobDefinitionName}:${one.revision}` === short);
    const named = this.definitions.filter((one) => one.jobDefinitionName === short && one.status === "ACTIVE");
    return exact ?? named.sort((one, other) => other.revision - one.revision)[0];
  }

  add(resource: { readonly [Kind in keyof Resources]?: Resources[Kind][number] }): void {
    const { environments, queues, definitions } = this.#resources;
    environments.push(...(resource.environments === undefined ? [] : [resource.environments]));
    queues.push(...(resource.queues === undefined ? [] : [resource.queues]));
    definitions.push(...(resource.definitions === undefined ? [] : [resource.definitions]));
    this.save();
  }

  /** Removes a queue or an environment. */
  remove(arn: string): void {
    const { environments, queues, definitions } = this.#resources;
    this.#resources = {
      environments: environments.filter((one) => one.computeEnvironmentArn !== arn),
      queues: queues.filter((one) => one.jobQueueArn !== arn),
      definitions,
    };
    this.save();
  }

  save(): void {
    writeJson(this.#file, this.#resources);
  }
}
