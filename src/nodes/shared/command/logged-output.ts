import { describeOutputLocation } from "../../../services/ssm/command-output.ts";
import type { CommandReport } from "../../../services/ssm/command-report.ts";

/** The output of a command as lines of the step's log. A cut output is noted at the end, because a log keeps the newest lines. */
export function loggedOutput(report: CommandReport): string[] {
  const { instanceId, stdout, stderr } = report;
  return [
    `stdout of ${instanceId}:`,
    ...stdout.split("\n"),
    ...(stderr.trim() === "" ? [] : ["stderr:", ...stderr.split("\n")]),
    ...(["stdout", "stderr"] as const).flatMap((stream) => cutNote(report, stream)),
  ];
}

function cutNote(report: CommandReport, stream: "stdout" | "stderr"): string[] {
  if (!report[`${stream}Truncated`]) {
    return [];
  }
  const location = describeOutputLocation(report, stream);
  return [
    `AWS has cut off the ${stream} of ${report.instanceId}.${location === undefined ? "" : ` All of it is ${location}.`}`,
  ];
}
