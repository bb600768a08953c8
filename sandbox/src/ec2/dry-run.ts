import { AwsFault } from "../aws/aws-fault.ts";
import type { Query } from "./form-query.ts";

/** A dry run is always answered by an error, for reads and changes alike; this one means that the request would have succeeded. */
export function refuseDryRun(query: Query): void {
  if (query.flag("DryRun")) {
    throw new AwsFault("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.");
  }
}
