import type { CommandReport } from "../../services/ssm/command-report.ts";

/** What a script run puts on the message; the first fields speak of the instance that fared worst. */
export interface SsmResult extends CommandReport {
  readonly commandId: string;
  readonly invocations: readonly CommandReport[];
}

/** The reports of all instances of one command as one object. */
export function toSsmResult(commandId: string, reports: readonly CommandReport[]): SsmResult {
  const [first] = reports;
  const worst = reports.find((report) => report.status !== "Success" && report.status !== "InProgress") ?? first;
  if (!worst) {
    throw new Error(`Command ${commandId} has no invocation.`);
  }
  return { commandId, ...worst, invocations: reports };
}
