import type { RunRecord } from "../../records/run-record.ts";

/** The services by the names that they have in their consoles. */
const NAMES: Readonly<Record<string, string>> = {
  s3: "S3",
  ec2: "EC2",
  ssm: "Systems Manager",
  batch: "Batch",
  logs: "CloudWatch Logs",
  lightly: "Lightly",
  pexels: "Pexels",
};

/** The requests of a run by service, such as `S3 7, EC2 12`; empty if it has sent none. */
export function requestsOf({ steps }: Pick<RunRecord, "steps">): string {
  return Object.entries(NAMES)
    .map(([service, name]) => {
      const count = steps.reduce((sum, { requests }) => sum + (requests?.[service] ?? 0), 0);
      return count === 0 ? undefined : `${name} ${count}`;
    })
    .filter((part) => part !== undefined)
    .join(", ");
}
