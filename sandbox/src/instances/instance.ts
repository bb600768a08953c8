import { randomBytes } from "node:crypto";

/** The states of an instance with their numbers in EC2's protocol. */
export const STATE_CODES = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

export type InstanceStateName = keyof typeof STATE_CODES;

/** The record of an instance, which survives restarts of the sandbox. */
export interface InstanceRecord {
  readonly instanceId: string;
  readonly reservationId: string;
  /** Idempotency token of the RunInstances request that launched it. */
  readonly clientToken?: string;
  readonly imageId: string;
  readonly keyName?: string;
  readonly privateIp: string;
  /** Hibernation can only be enabled at launch. */
  readonly hibernationConfigured: boolean;
  instanceType: string;
  tags: Record<string, string>;
  state: InstanceStateName;
  /** An instance that has never been `running` cannot be stopped, and is terminated when its launch fails. */
  everRan: boolean;
  /** ISO time of the last start. */
  launchTime: string;
  publicIp?: string;
  stateReason?: { readonly code: string; readonly message: string };
  /** EC2's free text about the last change, e.g. `User initiated (2026-01-02 03:04:05 GMT)`. */
  transitionReason: string;
  terminatedAt?: string;
  shutdownBehavior: "stop" | "terminate";
  stopProtected: boolean;
  terminationProtected: boolean;
}

/** The instance every sandbox starts with. */
export const READY_MADE_INSTANCE_ID = "i-0123456789abcdef0";

/** A record of a stopped instance that has run before. */
export function readyMadeInstance(now: Date): InstanceRecord {
  return {
    instanceId: READY_MADE_INSTANCE_ID,
    reservationId: "r-0123456789abcdef0",
    imageId: "ami-0123456789abcdef0",
    privateIp: "172.31.0.10",
    hibernationConfigured: false,
    instanceType: "g4dn.xlarge",
    tags: { Name: "lightly-worker" },
    state: "stopped",
    everRan: true,
    launchTime: now.toISOString(),
    stateReason: USER_SHUTDOWN,
    transitionReason: transitionText("User initiated", now),
    shutdownBehavior: "stop",
    stopProtected: false,
    terminationProtected: false,
  };
}

export const USER_SHUTDOWN = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
} as const;

export const HIBERNATED = {
  code: "Client.UserInitiatedHibernate",
  message: "Client.UserInitiatedHibernate: User initiated hibernate",
} as const;

export const SHUT_ITSELF_DOWN = {
  code: "Client.InstanceInitiatedShutdown",
  message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
} as const;

export const LAUNCH_FAILED = {
  code: "Client.InternalError",
  message: "Client.InternalError: Client error on launch",
} as const;
export const CAPACITY_LOST = {
  code: "Server.InsufficientInstanceCapacity",
  message: "Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance request",
} as const;

export const POWER_CUT = {
  code: "Server.InternalError",
  message: "Server.InternalError: the sandbox ended while the instance was running",
} as const;

/** `User initiated (2026-01-02 03:04:05 GMT)`, the format of `StateTransitionReason`. */
export function transitionText(what: string, now: Date): string {
  return `${what} (${now.toISOString().slice(0, 19).replace("T", " ")} GMT)`;
}

/** Why and how an instance stops or is terminated. */
export interface Ending {
  readonly to: "stopped" | "terminated";
  readonly reason: { readonly code: string; readonly message: string };
  /** Text of `StateTransitionReason`. */
  readonly text: string;
  /** `true`: processes get SIGTERM and `stopMs` to end; `false`: the power is cut. */
  readonly orderly: boolean;
}

/** A new id such as `i-0a1b2c3d4e5f60718`. */
export function newId(prefix: "i" | "r"): string {
  return `${prefix}-0${randomBytes(8).toString("hex")}`;
}
