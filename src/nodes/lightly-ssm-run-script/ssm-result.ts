import { type CommandReport, isFinal } from "../../services/ssm/command-report.ts";

/** The result on the message. The fields of the invocation that ended worst are at the top level. */
export interface SsmResult extends CommandReport {
  readonly commandId: string;
  readonly invocations: readonly CommandReport[];
  /** The instances on which the script has not succeeded. */
  readonly failed: readonly string[];
}

/** Combines the reports of all instances of a command. */
export function toSsmResult(commandId: string, reports: readonly CommandReport[]): SsmResult {
  const [first] = reports;
  // A report of an instance that has run the script has more details than one without the command.
  const worst =
    reports.find((report) => hasFailed(report) && report.exitCode !== null) ?? reports.find(hasFailed) ?? first;
  if (!worst) {
    throw new Error(`Command ${commandId} has no invocation.`);
  }
  const failed = reports.filter(hasFailed).map(({ instanceId }) => instanceId);
  return { commandId, ...worst, invocations: reports, failed };
}

function hasFailed({ status }: CommandReport): boolean {
  return isFinal(status) && status !== "Success";
}
