import type { Instance } from "@aws-sdk/client-ec2";

const STATES = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"] as const;

/** One instance as a step reports it: plain JSON. */
export interface InstanceState {
  readonly instanceId: string;
  readonly state: (typeof STATES)[number];
  readonly instanceType?: string;
  /** Its `Name` tag. */
  readonly name?: string;
  /** Why it is in this state, as EC2 says: `Client.UserInitiatedShutdown: User initiated shutdown`. */
  readonly reason?: string;
  /** The code of that reason, where it has one: `Client.UserInitiatedShutdown`, `Server.InsufficientInstanceCapacity`. */
  readonly reasonCode?: string;
  /** When it last started, by EC2's clock (ISO 8601). */
  readonly launchedAt?: string;
}

/** Reads an instance out of an answer; `undefined` when the answer names no id or a state that nobody knows. */
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

/** Whether the instance is gone for good: nothing runs on it and nothing can be started. */
export function isGone({ state }: InstanceState): boolean {
  return state === "terminated" || state === "shutting-down";
}

/** The states as a line for a status: `running`, or `2 running, 1 pending`. */
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

/** The code stands in a field of its own, at the head of a text, or, of what a user has stopped, in words: `User initiated (...)`. */
function readReasonCode({ StateReason, StateTransitionReason = "" }: Instance): string | undefined {
  const texts = [StateReason?.Code ?? "", StateReason?.Message ?? "", StateTransitionReason];
  const code = texts.flatMap((text) => /^(?:Client|Server)\.[\w.]*\w/.exec(text)?.[0] ?? [])[0];
  return code ?? (/^User initiated/.test(StateTransitionReason) ? "Client.UserInitiatedShutdown" : undefined);
}
