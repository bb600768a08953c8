import { AwsFault } from "../aws/aws-fault.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { InstanceRecord } from "../instances/instance.ts";
import { refuseDryRun } from "./dry-run.ts";
import type { XmlValue } from "./ec2-xml.ts";
import { type Query, required } from "./form-query.ts";
import { findInstances } from "./instance-ids.ts";

interface Attribute {
  read(record: InstanceRecord): string | boolean;
  write(record: InstanceRecord, value: string): void;
}

/** The attributes that can be read and changed one at a time. */
const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  instanceInitiatedShutdownBehavior: {
    read: (record) => record.shutdownBehavior,
    write(record, value) {
      if (value !== "stop" && value !== "terminate") {
        throw invalid("instanceInitiatedShutdownBehavior", value);
      }
      record.shutdownBehavior = value;
    },
  },
  disableApiStop: {
    read: (record) => record.stopProtected,
    write(record, value) {
      record.stopProtected = booleanOf("disableApiStop", value);
    },
  },
  disableApiTermination: {
    read: (record) => record.terminationProtected,
    write(record, value) {
      record.terminationProtected = booleanOf("disableApiTermination", value);
    },
  },
  instanceType: {
    read: (record) => record.instanceType,
    write(record, value) {
      if (record.state !== "stopped") {
        throw new AwsFault(
          "IncorrectInstanceState",
          400,
          `The instance '${record.instanceId}' is not in the 'stopped' state.`,
        );
      }
      if (!/^[a-z0-9-]+\.[a-z0-9-]+$/.test(value)) {
        throw invalid("instanceType", value);
      }
      record.instanceType = value;
    },
  },
};

/** DescribeInstanceAttribute. */
export function describeInstanceAttribute(fleet: Fleet, query: Query): Record<string, XmlValue> {
  const name = required(query, "Attribute");
  const record = theInstance(fleet, query);
  refuseDryRun(query);
  return { instanceId: record.instanceId, [name]: { value: attribute(name).read(record) } };
}

/** ModifyInstanceAttribute, in both of its formats: `Attribute` and `Value`, or the attribute's own parameter. */
export function modifyInstanceAttribute(fleet: Fleet, query: Query): Record<string, XmlValue> {
  const record = theInstance(fleet, query);
  refuseDryRun(query);
  const named = query.text("Attribute");
  const wishes = Object.keys(ATTRIBUTES).flatMap((name) => {
    const own = `${name.charAt(0).toUpperCase()}${name.slice(1)}.Value`;
    const value = query.text(own) ?? (named === name ? query.text("Value") : undefined);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (named !== undefined) {
    attribute(named);
  }
  if (wishes.length !== 1) {
    throw new AwsFault(
      "InvalidParameterCombination",
      400,
      "Fields for multiple attribute types specified, or for none",
    );
  }
  for (const [name, value] of wishes) {
    attribute(name).write(record, value);
  }
  fleet.save(record);
  return { return: true };
}

function theInstance(fleet: Fleet, query: Query): InstanceRecord {
  const [record] = findInstances(fleet, [required(query, "InstanceId")]);
  if (record === undefined) {
    throw new AwsFault("MissingParameter", 400, "The request must contain the parameter InstanceId");
  }
  return record;
}

function attribute(name: string): Attribute {
  const known = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (known === undefined) {
    throw new AwsFault(
      "InvalidParameterValue",
      400,
      `Value (${name}) for parameter attribute is invalid. The sandbox supports: ${Object.keys(ATTRIBUTES).join(", ")}.`,
    );
  }
  return known;
}

function booleanOf(name: string, value: string): boolean {
  if (value !== "true" && value !== "false") {
    throw invalid(name, value);
  }
  return value === "true";
}

function invalid(name: string, value: string): AwsFault {
  return new AwsFault("InvalidParameterValue", 400, `Value (${value}) for parameter ${name} is invalid.`);
}
