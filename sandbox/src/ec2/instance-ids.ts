import { AwsFault } from "../aws/aws-fault.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { InstanceRecord } from "../instances/instance.ts";

/** The instances named, in that order; one bad id fails the whole request, as on EC2. */
export function findInstances(fleet: Fleet, ids: readonly string[]): InstanceRecord[] {
  const unique = [...new Set(ids)];
  for (const id of unique) {
    if (!/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
      throw new AwsFault("InvalidInstanceID.Malformed", 400, `Invalid id: "${id}"`);
    }
  }
  const known = new Map(fleet.list().map((record) => [record.instanceId, record]));
  const missing = unique.filter((id) => !known.has(id));
  if (missing.length > 0) {
    const text = missing.length === 1 ? `ID '${missing[0]}' does` : `IDs '${missing.join(", ")}' do`;
    throw new AwsFault("InvalidInstanceID.NotFound", 400, `The instance ${text} not exist`);
  }
  return unique.flatMap((id) => known.get(id) ?? []);
}
