import { randomInt } from "node:crypto";
import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../aws/aws-service.ts";
import type { Faults } from "../faults/faults.ts";
import type { Fleet } from "../instances/fleet.ts";
import { type InstanceRecord, newId } from "../instances/instance.ts";
import { refuseWithoutCapacity } from "./change-state.ts";
import { reservations } from "./describe.ts";
import { refuseDryRun } from "./dry-run.ts";
import type { XmlContent } from "./ec2-xml.ts";
import { type Query, required } from "./form-query.ts";
import { checkTag } from "./instance-tags.ts";

/** More would fill the disk and the process table of the user's computer. */
const MAX_INSTANCES = 20;

/** RunInstances: as many as `MaxCount`, each with a disk of its own; requests with the same client token launch once. */
export function runInstances(fleet: Fleet, faults: Faults, query: Query, region: string): XmlContent {
  const imageId = required(query, "ImageId");
  if (!/^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(imageId)) {
    throw new AwsFault("InvalidAMIID.Malformed", 400, `Invalid id: "${imageId}" (expecting "ami-...")`);
  }
  const count = countOf(query);
  refuseDryRun(query);
  const clientToken = query.text("ClientToken");
  const earlier = fleet.list().filter((record) => clientToken !== undefined && record.clientToken === clientToken);
  if (earlier.length > 0) {
    return launched(earlier, region);
  }
  const live = fleet.list().filter((record) => record.state !== "terminated").length;
  if (live + count > MAX_INSTANCES) {
    throw new AwsFault(
      "InstanceLimitExceeded",
      400,
      `You have requested more instances (${live + count}) than your current instance limit of ${MAX_INSTANCES} allows.`,
    );
  }
  const instanceType = query.text("InstanceType") ?? "m1.small";
  refuseWithoutCapacity(faults, instanceType);
  const reservationId = newId("r");
  const records = Array.from({ length: count }, () => {
    const record = newRecord(query, { imageId, instanceType, reservationId, clientToken });
    fleet.add(record);
    fleet.start(record);
    return record;
  });
  return launched(records, region);
}

function countOf(query: Query): number {
  const least = query.number("MinCount");
  const most = query.number("MaxCount");
  if (least === undefined || most === undefined) {
    throw new AwsFault("MissingParameter", 400, "The request must contain the parameters MinCount and MaxCount");
  }
  if (least < 1 || most < least) {
    throw new AwsFault(
      "InvalidParameterValue",
      400,
      `MinCount ${least} is greater than MaxCount ${most}, or one of them is invalid.`,
    );
  }
  return most;
}

function newRecord(
  query: Query,
  options: { imageId: string; instanceType: string; reservationId: string; clientToken: string | undefined },
): InstanceRecord {
  const keyName = query.text("KeyName");
  return {
    instanceId: newId("i"),
    reservationId: options.reservationId,
    ...(options.clientToken === undefined ? {} : { clientToken: options.clientToken }),
    ...(keyName === undefined ? {} : { keyName }),
    imageId: options.imageId,
    privateIp: `172.31.${randomInt(1, 255)}.${randomInt(1, 255)}`,
    hibernationConfigured: query.flag("HibernationOptions.Configured"),
    instanceType: options.instanceType,
    tags: tagsOf(query),
    state: "pending",
    everRan: false,
    launchTime: new Date().toISOString(),
    transitionReason: "",
    shutdownBehavior: query.text("InstanceInitiatedShutdownBehavior") === "terminate" ? "terminate" : "stop",
    stopProtected: query.flag("DisableApiStop"),
    terminationProtected: query.flag("DisableApiTermination"),
  };
}

function tagsOf(query: Query): Record<string, string> {
  const specifications = query.structures("TagSpecification");
  const tags = specifications
    .filter((specification) => specification.text("ResourceType") === "instance")
    .flatMap((specification) => specification.structures("Tag"))
    .map((tag) => checkTag(tag.text("Key") ?? "", tag.text("Value") ?? ""));
  return Object.fromEntries(tags);
}

function launched(records: readonly InstanceRecord[], region: string): XmlContent {
  return reservations(records, region)[0] ?? { ownerId: ACCOUNT_ID };
}
