import type { RunRecord } from "../../records/run-record.ts";
import { requestsByService } from "../../records/run-usage.ts";

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
export function requestsOf(run: Pick<RunRecord, "steps">): string {
  const counts = requestsByService(run);
  return Object.entries(NAMES)
    .flatMap(([service, name]) => (counts[service] ? [`${name} ${counts[service]}`] : []))
    .join(", ");
}
