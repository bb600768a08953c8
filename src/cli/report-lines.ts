import type { FlowReport } from "../check/check-flow.ts";
import type { CheckName, FindingStatus } from "../check/finding.ts";

const MARKS: Readonly<Record<FindingStatus, string>> = {
  ok: "ok",
  warning: "warning",
  problem: "PROBLEM",
  unchecked: "-",
};

const TITLES: Readonly<Record<CheckName, string>> = {
  values: "Values",
  region: "Region",
  credentials: "Credentials",
  clock: "Clock",
  permissions: "Permissions",
  bucket: "Buckets",
  queue: "Job queues",
  definition: "Job definitions",
  log: "Log of jobs",
  instance: "Instances",
  shutdown: "Shutdown behavior",
  agent: "SSM agent",
  script: "Script",
  docker: "Docker",
  gpu: "GPU",
  disk: "Disk",
  studio: "LightlyStudio",
  token: "Lightly token",
  worker: "Workers",
  datasources: "Datasources",
  pexels: "Pexels key",
};

const DEFAULT_WIDTH = 100;
const INDENT = 10;

/** A report as lines of text: what is missing first, then each finding with its resource. */
export function reportLines(
  { status, missing, findings }: FlowReport,
  { file, width = DEFAULT_WIDTH }: { readonly file: string; readonly width?: number | undefined },
): string[] {
  const lines = [file];
  if (missing.length > 0) {
    lines.push("", "Missing values");
    for (const { variable, neededBy } of missing) {
      const users = neededBy.map(({ node, field }) => `${field} of ${node}`).join(", ");
      lines.push(
        ...wrap("PROBLEM", variable === undefined ? `Fill in ${users}.` : `Set ${variable} (${users}).`, width),
      );
    }
  }
  let title = "";
  for (const { check, status: found, resource, message } of findings) {
    if (TITLES[check] !== title) {
      title = TITLES[check];
      lines.push("", title);
    }
    lines.push(...wrap(MARKS[found], `${resource}: ${message}`, width));
  }
  const count = (wanted: FindingStatus): number => findings.filter((one) => one.status === wanted).length;
  lines.push(
    "",
    `${status === "problem" ? `Problems: ${count("problem") + missing.length}` : "No problems"}. Warnings: ${count("warning")}. Not checked: ${count("unchecked")}.`,
  );
  return lines;
}

function wrap(mark: string, text: string, width: number): string[] {
  const room = Math.max(width - INDENT, 30);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((line, index) => `${(index === 0 ? `  ${mark}` : "").padEnd(INDENT)}${line}`);
}
