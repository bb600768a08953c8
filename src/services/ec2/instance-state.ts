import type { Instance } from "@aws-sdk/client-ec2";

const STATES = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"] as const;

/** One instance as a step reports it: plain JSON. */
export interface InstanceState {
  readonly instanceId: string;
  readonly state: (typeof STATES)[number];
  readonly instanceType?: string;
  /** Its `Name` tag. */
  readonly name?: string;
  /** The reason of the state, as EC2 reports it: `Client.UserInitiatedShutdown: User initiated shutdown`. */
  readonly reason?: string;
  /** The code of that reason, if it has one: `Client.UserInitiatedShutdown`, `Server.InsufficientInstanceCapacity`. */
  readonly reasonCode?: string;
  /** When it last started, by EC2's clock (ISO 8601). */
  readonly launchedAt?: string;
}

/** Reads an instance of a response; `undefined` without an id, or with an unknown state. */
export function readInstance(instance: Instance): InstanceState | undefined {
  const state = STATES.find((known) => known === instance.State?.Name);
  if (instance.InstanceId === undefined || state === undefined) {
    return undefined;
  }
  const name = instance.Tags?.find((tag) => tag.Key === "Name")?.Value;
  const reason = readReason(instance);
  const reasonCode = readReasonCode(instance);
  return {
    instanceId: instance.InstanceId,
    state,
    ...(instance.InstanceType !== undefined && { instanceType: instance.InstanceType }),
    ...(name !== undefined && { name }),
    ...(reason !== undefined && { reason }),
    ...(reasonCode !== undefined && { reasonCode }),
    ...(instance.LaunchTime !== undefined && { launchedAt: instance.LaunchTime.toISOString() }),
  };
}

export function isRunning({ state }: InstanceState): boolean {
  return state === "running";
}

/** Whether the instance is running or about to: it needs no start. */
export function isUp({ state }: InstanceState): boolean {
  return state === "running" || state === "pending";
}

/** Whether the instance is terminated, or about to be: it can't be started again. */
export function isGone({ state }: InstanceState): boolean {
  return state === "terminated" || state === "shutting-down";
}

/** The states in a few words for a status: `running`, or `2 running, 1 pending`. */
export function summarizeStates(states: readonly InstanceState[]): string {
  const counts = new Map<string, number>();
  for (const { state } of states) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return states.length === 1
    ? String(states[0]?.state)
    : [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}

function readReason({ StateReason, StateTransitionReason }: Instance): string | undefined {
  const { Code, Message } = StateReason ?? {};
  if (Code || Message) {
    // The message usually begins with the code.
    return Code && Message && !Message.startsWith(Code) ? `${Code}: ${Message}` : (Message ?? Code);
  }
  return StateTransitionReason || undefined;
}

/** The code is in its own field, at the start of a message, or, for a stop by a user, in words: `User initiated (...)`. */
function readReasonCode({ StateReason, StateTransitionReason = "" }: Instance): string | undefined {
  const messages = [StateReason?.Code ?? "", StateReason?.Message ?? "", StateTransitionReason];
  const code = messages.flatMap((message) => /^(?:Client|Server)\.[\w.]*\w/.exec(message)?.[0] ?? [])[0];
  return code ?? (/^User initiated/.test(StateTransitionReason) ? "Client.UserInitiatedShutdown" : undefined);
}
