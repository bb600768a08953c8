import { randomInt } from "node:crypto";
import type { Faults } from "../../faults/faults.ts";
import type { Fleet } from "../../instances/fleet.ts";
import { type InstanceRecord, newId, USER_SHUTDOWN } from "../../instances/instance.ts";
import type { InstanceType } from "./instance-types.ts";
import type { MachineState, Machines } from "./machines.ts";

/** Marks the instances of environments. Users can't set tags that begin with `aws:`. */
const OWNER_TAG = "aws:batch:managed";

const SPOT_RECLAIMED = {
  code: "Server.SpotInstanceTermination",
  message: "Server.SpotInstanceTermination: Spot instance termination",
} as const;

/** Instances of the sandbox's EC2; those that a previous sandbox left are terminated. */
export function fleetMachines(fleet: Fleet, faults: Faults): Machines {
  const find = (instanceId: string): InstanceRecord | undefined => fleet.find(instanceId);
  const terminate = (instanceId: string, reason: { readonly code: string; readonly message: string }): void => {
    const record = find(instanceId);
    if (record !== undefined && !["shutting-down", "terminated"].includes(record.state)) {
      fleet.end(record, { to: "terminated", reason, text: "User initiated", orderly: true });
    }
  };
  for (const { instanceId, tags } of fleet.list()) {
    if (tags[OWNER_TAG] !== undefined) {
      terminate(instanceId, USER_SHUTDOWN);
    }
  }
  return {
    launch(type, tags) {
      if (faults.capacityMissing > 0) {
        faults.capacityMissing -= 1;
        return undefined;
      }
      const record = newRecord(type, tags);
      fleet.add(record);
      fleet.start(record);
      return record.instanceId;
    },
    stateOf(instanceId): MachineState {
      switch (find(instanceId)?.state) {
        case "pending":
          return "starting";
        case "running":
          return fleet.onlineSince(instanceId) === undefined ? "starting" : "ready";
        case "stopping":
        case "shutting-down":
          return "ending";
        default:
          return "gone";
      }
    },
    terminate: (instanceId) => terminate(instanceId, USER_SHUTDOWN),
    reclaim: (instanceId) => terminate(instanceId, SPOT_RECLAIMED),
    isMute: (instanceId) =>
      faults.neverOnline && find(instanceId)?.state === "running" && fleet.onlineSince(instanceId) === undefined,
  };
}

function newRecord(type: InstanceType, tags: Readonly<Record<string, string>>): InstanceRecord {
  return {
    instanceId: newId("i"),
    reservationId: newId("r"),
    imageId: "ami-0fedcba9876543210",
    privateIp: `172.31.${randomInt(1, 255)}.${randomInt(1, 255)}`,
    hibernationConfigured: false,
    instanceType: type.name,
    tags: { ...tags, AWSBatchServiceTag: "batch", [OWNER_TAG]: "true" },
    state: "pending",
    everRan: false,
    launchTime: new Date().toISOString(),
    transitionReason: "",
    shutdownBehavior: "terminate",
    stopProtected: false,
    terminationProtected: false,
  };
}
