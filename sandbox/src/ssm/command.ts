/** The states of one command on one instance. */
export type InvocationStatus =
  | "Pending"
  | "InProgress"
  | "Delayed"
  | "Cancelling"
  | "Success"
  | "Failed"
  | "TimedOut"
  | "Cancelled";

/** A command as it was sent. */
export interface Command {
  readonly commandId: string;
  readonly documentName: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string;
  /** As named in the request; empty when targets were given. */
  readonly instanceIds: readonly string[];
  readonly targets: ReadonlyArray<{ readonly Key: string; readonly Values: readonly string[] }>;
  /** Seconds within which it must reach the instance. */
  readonly deliverySeconds: number;
  /** Maximum duration in seconds, as the agent interprets the parameter `executionTimeout`. */
  readonly executionSeconds: number;
  readonly outputBucket: string;
  readonly outputPrefix: string;
  /** The CloudWatch log group of the output; absent when it is not written there. The sandbox has no CloudWatch: it only records it. */
  readonly logGroup?: string;
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly invocations: Invocation[];
}

/** URLs of a script's complete output; empty when it was not saved. */
export interface OutputUrls {
  readonly stdoutUrl: string;
  readonly stderrUrl: string;
}

/** A command on one of its instances. */
export interface Invocation {
  readonly instanceId: string;
  status: InvocationStatus;
  /** More precise than the status, without spaces: `ExecutionTimedOut`, `DeliveryTimedOut`, `InvalidPlatform`, ... */
  statusDetails: string;
  /** When it was sent to the agent, in epoch milliseconds: then its delivery limit begins. Others wait for `MaxConcurrency`. */
  sentAt?: number;
  /** Exit code; -1 until there is one. */
  responseCode: number;
  /** Epoch milliseconds. */
  startedAt?: number;
  endedAt?: number;
  stdout: string;
  stderr: string;
  stdoutUrl: string;
  stderrUrl: string;
}

const FINAL: readonly InvocationStatus[] = ["Success", "Failed", "TimedOut", "Cancelled"];

/** Whether its state is final. */
export function isFinal(invocation: Invocation): boolean {
  return FINAL.includes(invocation.status);
}

/** The status of a command, derived from its invocations. */
export function commandStatus(command: Command): { status: InvocationStatus; details: string } {
  const statuses = command.invocations.map((invocation) => invocation.status);
  if (statuses.length === 0) {
    return { status: "Failed", details: "NoInstancesInTag" };
  }
  if (statuses.every((status) => status === "Pending")) {
    return { status: "Pending", details: "Pending" };
  }
  for (const status of ["Cancelling", "InProgress", "Pending"] as const) {
    if (statuses.includes(status)) {
      const shown = status === "Pending" ? "InProgress" : status;
      return { status: shown, details: shown };
    }
  }
  const worst = (["Failed", "TimedOut", "Cancelled", "Success"] as const).find((status) => statuses.includes(status));
  const details = command.invocations.find((invocation) => invocation.status === worst)?.statusDetails;
  return { status: worst ?? "Success", details: details ?? "Success" };
}

/** The execution limit as the agent interprets it: values outside 5 to 172,800 seconds silently become an hour. */
export function executionSeconds(text: string | undefined): number {
  const seconds = Number(text);
  return text !== undefined && /^\d+$/.test(text) && seconds >= 5 && seconds <= 172_800 ? seconds : 3_600;
}
