import { AwsFault } from "../aws/aws-fault.ts";
import type { Faults } from "../faults/faults.ts";
import type { Fleet } from "../instances/fleet.ts";
import { HIBERNATED, type InstanceRecord, type InstanceStateName, USER_SHUTDOWN } from "../instances/instance.ts";
import { stateItem } from "./describe.ts";
import { refuseDryRun } from "./dry-run.ts";
import type { XmlContent } from "./ec2-xml.ts";
import type { Query } from "./form-query.ts";
import { findInstances } from "./instance-ids.ts";

/** StartInstances: `running` and `pending` are success without a change; nothing changes when one of them is refused. */
export function startInstances(fleet: Fleet, faults: Faults, query: Query): XmlContent {
  const records = named(fleet, query);
  const wrong = records.find((record) => !["stopped", "running", "pending"].includes(record.state));
  refuseDryRun(query);
  if (wrong !== undefined) {
    throw incorrectState(`The instance '${wrong.instanceId}' is not in a state from which it can be started.`);
  }
  const stopped = records.filter((record) => record.state === "stopped");
  if (stopped.length > 0) {
    refuseWithoutCapacity(faults, stopped[0]?.instanceType ?? "");
  }
  return changes(records, () => {
    for (const record of stopped) {
      fleet.start(record);
    }
  });
}

/** StopInstances: `stopped` and `stopping` are success without a change. */
export function stopInstances(fleet: Fleet, query: Query): XmlContent {
  const records = named(fleet, query);
  refuseDryRun(query);
  const hibernate = query.flag("Hibernate");
  for (const record of records) {
    refuseStop(record, hibernate);
  }
  const orderly = !(query.flag("Force") || query.flag("SkipOsShutdown"));
  return changes(records, () => {
    for (const record of records.filter(({ state }) => state !== "stopped")) {
      const reason = hibernate ? HIBERNATED : USER_SHUTDOWN;
      fleet.end(record, { to: "stopped", reason, text: "User initiated", orderly });
    }
  });
}

/** TerminateInstances: a second time is success without a change. */
export function terminateInstances(fleet: Fleet, query: Query): XmlContent {
  const records = named(fleet, query);
  refuseDryRun(query);
  const protectedRecord = records.find((record) => record.terminationProtected);
  if (protectedRecord !== undefined) {
    throw new AwsFault(
      "OperationNotPermitted",
      400,
      `The instance '${protectedRecord.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
  return changes(records, () => {
    for (const record of records.filter(({ state }) => state !== "terminated" && state !== "shutting-down")) {
      fleet.end(record, { to: "terminated", reason: USER_SHUTDOWN, text: "User initiated", orderly: true });
    }
  });
}

/** Consumes one of the injected capacity errors. */
export function refuseWithoutCapacity(faults: Faults, instanceType: string): void {
  if (faults.capacityMissing > 0) {
    faults.capacityMissing -= 1;
    throw new AwsFault(
      "InsufficientInstanceCapacity",
      500,
      `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested. ` +
        "Our system will be working on provisioning additional capacity.",
    );
  }
}

function named(fleet: Fleet, query: Query): InstanceRecord[] {
  const ids = query.list("InstanceId");
  if (ids.length === 0) {
    throw new AwsFault("MissingParameter", 400, "The request must contain the parameter InstanceId");
  }
  return findInstances(fleet, ids);
}

function refuseStop(record: InstanceRecord, hibernate: boolean): void {
  const { instanceId, state } = record;
  if (state === "shutting-down" || state === "terminated") {
    throw incorrectState(`The instance '${instanceId}' is not in a state from which it can be stopped.`);
  }
  if (state === "pending" && !record.everRan) {
    throw incorrectState(`The instance '${instanceId}' cannot be stopped as it has never reached the 'running' state.`);
  }
  if (record.stopProtected) {
    throw new AwsFault(
      "OperationNotPermitted",
      400,
      `The instance '${instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  }
  if (hibernate && !record.hibernationConfigured) {
    throw new AwsFault(
      "UnsupportedHibernationConfiguration",
      400,
      `The instance '${instanceId}' has not been launched with hibernation configured.`,
    );
  }
}

function incorrectState(message: string): AwsFault {
  return new AwsFault("IncorrectInstanceState", 400, message);
}

/** Applies a change, and returns each instance's state before and after it. */
function changes(records: readonly InstanceRecord[], apply: () => void): XmlContent {
  const before = new Map<string, InstanceStateName>(records.map((record) => [record.instanceId, record.state]));
  apply();
  return {
    instancesSet: records.map((record) => ({
      instanceId: record.instanceId,
      currentState: stateItem(record.state),
      previousState: stateItem(before.get(record.instanceId) ?? record.state),
    })),
  };
}
