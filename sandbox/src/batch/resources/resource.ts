/** A managed compute environment on EC2, as DescribeComputeEnvironments returns it, without `desiredvCpus`. */
export interface ComputeEnvironment {
  readonly computeEnvironmentName: string;
  readonly computeEnvironmentArn: string;
  readonly ecsClusterArn: string;
  tags: Readonly<Record<string, string>>;
  readonly type: "MANAGED";
  state: "ENABLED" | "DISABLED";
  status: "VALID" | "INVALID" | "DELETING";
  statusReason: string;
  computeResources: ComputeResources;
  readonly [member: string]: unknown;
}

export interface ComputeResources {
  readonly type: "EC2" | "SPOT";
  readonly minvCpus: number;
  readonly maxvCpus: number;
  readonly instanceTypes: readonly string[];
  /** Of the instances. */
  readonly tags: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** An action of a queue on jobs that wait for too long. */
export interface TimeLimitAction {
  readonly reason: string;
  readonly state: "RUNNABLE";
  readonly maxTimeSeconds: number;
  readonly action: "CANCEL";
}

/** A job queue, as DescribeJobQueues returns it. */
export interface JobQueue {
  readonly jobQueueName: string;
  readonly jobQueueArn: string;
  tags: Readonly<Record<string, string>>;
  readonly jobQueueType: "ECS";
  state: "ENABLED" | "DISABLED";
  status: "VALID" | "INVALID" | "DELETING";
  statusReason: string;
  priority: number;
  computeEnvironmentOrder: readonly { readonly order: number; readonly computeEnvironment: string }[];
  jobStateTimeLimitActions: readonly TimeLimitAction[];
  schedulingPolicyArn?: string;
}

/** A revision of a job definition, as DescribeJobDefinitions returns it. */
export interface JobDefinition {
  readonly jobDefinitionName: string;
  readonly jobDefinitionArn: string;
  readonly revision: number;
  readonly type: "container";
  status: "ACTIVE" | "INACTIVE";
  readonly containerProperties: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly retryStrategy?: Readonly<Record<string, unknown>>;
  readonly timeout?: Readonly<Record<string, unknown>>;
  readonly platformCapabilities: readonly string[];
  readonly propagateTags: boolean;
  tags: Readonly<Record<string, string>>;
  readonly containerOrchestrationType: "ECS";
}
