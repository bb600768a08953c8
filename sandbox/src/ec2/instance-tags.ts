import { AwsFault } from "../aws/aws-fault.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { InstanceRecord } from "../instances/instance.ts";
import { refuseDryRun } from "./dry-run.ts";
import type { XmlValue } from "./ec2-xml.ts";
import type { Query } from "./form-query.ts";
import { wildcard } from "./instance-filters.ts";
import { findInstances } from "./instance-ids.ts";

const MAX_TAGS = 50;

/** CreateTags on instances. */
export function createTags(fleet: Fleet, query: Query): Record<string, XmlValue> {
  const records = findInstances(fleet, query.list("ResourceId"));
  refuseDryRun(query);
  const tags = query.structures("Tag").map((tag) => checkTag(tag.text("Key") ?? "", tag.text("Value") ?? ""));
  for (const record of records) {
    const merged = { ...record.tags, ...Object.fromEntries(tags) };
    if (Object.keys(merged).length > MAX_TAGS) {
      throw new AwsFault("TagLimitExceeded", 400, "The maximum number of Tags for a resource has been reached.");
    }
    record.tags = merged;
    fleet.save(record);
  }
  return { return: true };
}

/** DeleteTags on instances: by key, or by key and value. */
export function deleteTags(fleet: Fleet, query: Query): Record<string, XmlValue> {
  const records = findInstances(fleet, query.list("ResourceId"));
  refuseDryRun(query);
  for (const record of records) {
    for (const tag of query.structures("Tag")) {
      const key = tag.text("Key") ?? "";
      const value = tag.text("Value");
      if (value === undefined || record.tags[key] === value) {
        delete record.tags[key];
      }
    }
    fleet.save(record);
  }
  return { return: true };
}

/** DescribeTags, with the filters `key`, `value`, `resource-id`, `resource-type`. */
export function describeTags(fleet: Fleet, query: Query): Record<string, XmlValue> {
  const filters = query.structures("Filter").map((filter) => ({
    name: filter.text("Name") ?? "",
    patterns: filter.list("Value").map(wildcard),
  }));
  const items = fleet
    .list()
    .flatMap(tagRows)
    .filter((row) =>
      filters.every(({ name, patterns }) => {
        const value = row[FILTERED[name] ?? refuseFilter(name)];
        return patterns.some((pattern) => pattern.test(value));
      }),
    );
  refuseDryRun(query);
  return { tagSet: items };
}

/** Checks one tag and returns it as an entry. */
export function checkTag(key: string, value: string): readonly [key: string, value: string] {
  if (key === "" || key.length > 127 || value.length > 255 || key.toLowerCase().startsWith("aws:")) {
    throw new AwsFault("InvalidParameterValue", 400, `The tag '${key}' is not valid.`);
  }
  return [key, value];
}

type TagRow = {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
};

const FILTERED: Readonly<Record<string, keyof TagRow>> = {
  key: "key",
  value: "value",
  "resource-id": "resourceId",
  "resource-type": "resourceType",
};

function tagRows(record: InstanceRecord): TagRow[] {
  return Object.entries(record.tags).map(([key, value]) => ({
    resourceId: record.instanceId,
    resourceType: "instance",
    key,
    value,
  }));
}

function refuseFilter(name: string): never {
  throw new AwsFault("InvalidParameterValue", 400, `The filter '${name}' is invalid`);
}
