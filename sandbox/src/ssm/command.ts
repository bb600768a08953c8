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
  /** Seconds within which it has to reach the instance. */
  readonly deliverySeconds: number;
  /** Seconds it may run: what the agent makes of the parameter `executionTimeout`. */
  readonly executionSeconds: number;
  readonly outputBucket: string;
  readonly outputPrefix: string;
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  readonly invocations: Invocation[];
}

/** Where a script's whole output is; empty texts when nowhere. */
export interface OutputUrls {
  readonly stdoutUrl: string;
  readonly stderrUrl: string;
}

/** A command on one of its instances. */
export interface Invocation {
  readonly instanceId: string;
  status: InvocationStatus;
  /** Finer than the status, without blanks: `ExecutionTimedOut`, `DeliveryTimedOut`, `InvalidPlatform`, ... */
  statusDetails: string;
  /** Exit code; -1 as long as there is none. */
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

/** Whether nothing can happen to it any more. */
export function isFinal(invocation: Invocation): boolean {
  return FINAL.includes(invocation.status);
}

/** What all invocations of a command make of its own status. */
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

/** What the agent makes of `executionTimeout`: anything but 5 to 172,800 seconds silently becomes an hour. */
export function executionSeconds(text: string | undefined): number {
  const seconds = Number(text);
  return text !== undefined && /^\d+$/.test(text) && seconds >= 5 && seconds <= 172_800 ? seconds : 3_600;
}
