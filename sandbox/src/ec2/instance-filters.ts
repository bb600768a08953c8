import { AwsFault } from "../aws/aws-fault.ts";
import { type InstanceRecord, STATE_CODES } from "../instances/instance.ts";
import type { Query } from "./form-query.ts";

/** The values that each filter compares; a filter matches when one of its values matches one of these. */
const FILTERS: Readonly<Record<string, (record: InstanceRecord) => readonly string[]>> = {
  "instance-id": (record) => [record.instanceId],
  "instance-type": (record) => [record.instanceType],
  "instance-state-name": (record) => [record.state],
  "instance-state-code": (record) => [String(STATE_CODES[record.state])],
  "image-id": (record) => [record.imageId],
  "key-name": (record) => (record.keyName === undefined ? [] : [record.keyName]),
  "private-ip-address": (record) => [record.privateIp],
  "ip-address": (record) => (record.publicIp === undefined ? [] : [record.publicIp]),
  "reservation-id": (record) => [record.reservationId],
  "state-reason-code": (record) => (record.stateReason === undefined ? [] : [record.stateReason.code]),
  "hibernation-options.configured": (record) => [String(record.hibernationConfigured)],
  "tag-key": (record) => Object.keys(record.tags),
  "tag-value": (record) => Object.values(record.tags),
};

/** A test of all `Filter.N`: values of one filter are alternatives, and all filters must match. */
export function instanceFilter(query: Query): (record: InstanceRecord) => boolean {
  const tests = query.structures("Filter").map((filter) => {
    const name = filter.text("Name") ?? "";
    const look = lookFor(name);
    const patterns = filter.list("Value").map(wildcard);
    if (patterns.length === 0) {
      throw new AwsFault("InvalidParameterValue", 400, `The filter '${name}' has no value`);
    }
    return (record: InstanceRecord) => look(record).some((value) => patterns.some((pattern) => pattern.test(value)));
  });
  return (record) => tests.every((test) => test(record));
}

function lookFor(name: string): (record: InstanceRecord) => readonly string[] {
  if (name.startsWith("tag:")) {
    const key = name.slice(4);
    return (record) => (Object.hasOwn(record.tags, key) ? [record.tags[key] ?? ""] : []);
  }
  const look = FILTERS[name];
  if (look === undefined) {
    throw new AwsFault("InvalidParameterValue", 400, `The filter '${name}' is invalid`);
  }
  return look;
}

/** EC2's wildcards: `*` any string, `?` one character; a backslash escapes both. Case-sensitive. */
export function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([*?\\])|([*?])|([.+^${}()|[\]\\])/g, (_all, literal, wild, special) =>
    literal !== undefined ? `\\${literal}` : wild !== undefined ? (wild === "*" ? "[^]*" : "[^]") : `\\${special}`,
  );
  return new RegExp(`^${source}$`);
}
