import type { CheckName, Finding, FindingStatus } from "../../check/finding.ts";

/** The findings about one subject. */
export interface FindingGroup {
  /** A key under `check.group` of the catalog. */
  readonly key: string;
  readonly status: FindingStatus;
  readonly findings: readonly Finding[];
}

const GROUPS: Readonly<Record<string, readonly CheckName[]>> = {
  values: ["values"],
  account: ["region", "credentials", "clock"],
  permissions: ["permissions"],
  buckets: ["bucket"],
  batch: ["queue", "definition", "log"],
  instance: ["instance", "shutdown", "agent"],
  onInstance: ["script", "docker", "gpu", "disk", "studio"],
  lightly: ["token", "worker", "datasources"],
  pexels: ["pexels"],
};

/** From the worst to the best. */
const STATUSES: readonly FindingStatus[] = ["problem", "warning", "unchecked", "ok"];

/** Groups findings by subject, each with its worst status. In a group, the worst findings come first. */
export function groupsOf(findings: readonly Finding[]): FindingGroup[] {
  return Object.entries(GROUPS).flatMap(([key, checks]) => {
    const own = findings
      .filter(({ check }) => checks.includes(check))
      .sort((one, other) => STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status));
    const [worst] = own;
    return worst ? [{ key, status: worst.status, findings: own }] : [];
  });
}
