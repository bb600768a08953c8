import { ACCOUNT_ID } from "../../aws/aws-service.ts";
import { batchArn, ecsArn } from "./arns.ts";
import type { ComputeEnvironment, JobDefinition, JobQueue } from "./resource.ts";
import type { Resources } from "./resource-book.ts";

/** The names of what every sandbox has. */
export const READY_MADE = {
  queue: "lightly-queue",
  environment: "lightly-environment",
  spotQueue: "lightly-spot-queue",
  spotEnvironment: "lightly-spot-environment",
  worker: "lightly-worker",
  studio: "lightly-studio",
  shell: "sandbox-shell",
} as const;

/** Two queues, on demand and spot, and the definitions of both engines, as the CloudFormation template of the nodes would make them. */
export function readyMadeResources(region: string, workerId: string): Resources {
  const environments = [
    environment(region, READY_MADE.environment, "EC2"),
    environment(region, READY_MADE.spotEnvironment, "SPOT"),
  ];
  return {
    environments,
    queues: [
      queue(region, READY_MADE.queue, READY_MADE.environment),
      queue(region, READY_MADE.spotQueue, READY_MADE.spotEnvironment),
    ],
    definitions: [
      definition(region, READY_MADE.worker, {
        ...GPU_CONTAINER,
        image: "lightly/worker:latest",
        command: [`worker.worker_id=${workerId}`],
        secrets: [
          { name: "LIGHTLY_TOKEN", valueFrom: `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:lightly-token` },
        ],
      }),
      definition(region, READY_MADE.studio, {
        ...GPU_CONTAINER,
        image: `${ACCOUNT_ID}.dkr.ecr.${region}.amazonaws.com/lightly-studio:latest`,
        command: [],
      }),
      definition(region, READY_MADE.shell, {
        image: "public.ecr.aws/amazonlinux/amazonlinux:2023",
        command: ["true"],
        resourceRequirements: [
          { type: "VCPU", value: "1" },
          { type: "MEMORY", value: "512" },
        ],
      }),
    ],
  };
}

const ROLE = `arn:aws:iam::${ACCOUNT_ID}:role`;

const GPU_CONTAINER = {
  jobRoleArn: `${ROLE}/lightly-job`,
  executionRoleArn: `${ROLE}/lightly-execution`,
  resourceRequirements: [
    { type: "VCPU", value: "4" },
    { type: "MEMORY", value: "12288" },
    { type: "GPU", value: "1" },
  ],
  linuxParameters: { devices: [], initProcessEnabled: true, sharedMemorySize: 1024, tmpfs: [] },
};

function environment(region: string, name: string, type: "EC2" | "SPOT"): ComputeEnvironment {
  return {
    computeEnvironmentName: name,
    computeEnvironmentArn: batchArn(region, `compute-environment/${name}`),
    ecsClusterArn: ecsArn(region, `cluster/AWSBatch-${name}`),
    tags: {},
    type: "MANAGED",
    state: "ENABLED",
    status: "VALID",
    statusReason: "ComputeEnvironment Healthy",
    computeResources: {
      type,
      allocationStrategy: type === "SPOT" ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE",
      minvCpus: 0,
      maxvCpus: 16,
      instanceTypes: ["g4dn.xlarge", "g5.xlarge"],
      subnets: ["subnet-0123456789abcdef0"],
      securityGroupIds: ["sg-0123456789abcdef0"],
      instanceRole: `arn:aws:iam::${ACCOUNT_ID}:instance-profile/lightly-instance`,
      tags: { Name: "lightly-batch" },
      ec2Configuration: [{ imageType: "ECS_AL2023_NVIDIA" }],
    },
    serviceRole: `${ROLE}/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch`,
    containerOrchestrationType: "ECS",
  };
}

function queue(region: string, name: string, environmentName: string): JobQueue {
  return {
    jobQueueName: name,
    jobQueueArn: batchArn(region, `job-queue/${name}`),
    tags: {},
    jobQueueType: "ECS",
    state: "ENABLED",
    status: "VALID",
    statusReason: "JobQueue Healthy",
    priority: 1,
    computeEnvironmentOrder: [
      { order: 1, computeEnvironment: batchArn(region, `compute-environment/${environmentName}`) },
    ],
    jobStateTimeLimitActions: [],
  };
}

function definition(region: string, name: string, container: Record<string, unknown>): JobDefinition {
  return {
    jobDefinitionName: name,
    jobDefinitionArn: batchArn(region, `job-definition/${name}:1`),
    revision: 1,
    type: "container",
    status: "ACTIVE",
    containerProperties: {
      environment: [],
      secrets: [],
      mountPoints: [],
      volumes: [],
      ulimits: [],
      logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "/aws/batch/job" }, secretOptions: [] },
      ...container,
    },
    parameters: {},
    retryStrategy: {
      attempts: 3,
      evaluateOnExit: [
        { onStatusReason: "Host EC2*", action: "RETRY" },
        { onReason: "*", action: "EXIT" },
      ],
    },
    platformCapabilities: ["EC2"],
    propagateTags: false,
    tags: {},
    containerOrchestrationType: "ECS",
  };
}
