import type { CommandReport } from "../../services/ssm/command-report.ts";

/** The result on the message. The fields of the invocation that ended worst are at the top level. */
export interface SsmResult extends CommandReport {
  readonly commandId: string;
  readonly invocations: readonly CommandReport[];
}

/** Combines the reports of all instances of a command. */
export function toSsmResult(commandId: string, reports: readonly CommandReport[]): SsmResult {
  const [first] = reports;
  const worst = reports.find((report) => report.status !== "Success" && report.status !== "InProgress") ?? first;
  if (!worst) {
    throw new Error(`Command ${commandId} has no invocation.`);
  }
  return { commandId, ...worst, invocations: reports };
}
