import { AwsFault } from "../aws/aws-fault.ts";
import { wildcard } from "../ec2/instance-filters.ts";
import type { Fleet } from "../instances/fleet.ts";
import type { InstanceRecord } from "../instances/instance.ts";
import { type JsonObject, jsonPage, neededText, numberField, objectList, textList } from "./json-request.ts";

/** The agent reports its health every five minutes. */
const HEALTH_REPORT_MS = 300_000;
const AGENT_VERSION = "3.3.0.0";

/** DescribeInstanceInformation: only instances with a running agent; stopped and terminated ones are not listed. */
export function describeInstanceInformation(fleet: Fleet, request: JsonObject): JsonObject {
  const filters = objectList(request, "Filters").map((one) =>
    filterOf(neededText(one, "Key"), textList(one, "Values")),
  );
  const legacy = objectList(request, "InstanceInformationFilterList").map((one) =>
    filterOf(neededText(one, "key"), textList(one, "valueSet")),
  );
  if (filters.length > 0 && legacy.length > 0) {
    throw new AwsFault(
      "ValidationException",
      400,
      "Filters and InstanceInformationFilterList cannot be used together in one request.",
    );
  }
  const size = numberField(request, "MaxResults", { least: 5, most: 50 }) ?? 10;
  const online = fleet.list().filter((record) => fleet.onlineSince(record.instanceId) !== undefined);
  const wanted = online.filter((record) => [...filters, ...legacy].every((filter) => filter(record)));
  const { items, next } = jsonPage(wanted, request, size);
  return { InstanceInformationList: items.map((record) => row(fleet, record)), ...next };
}

function row(fleet: Fleet, record: InstanceRecord): JsonObject {
  const since = fleet.onlineSince(record.instanceId) ?? Date.now();
  const lastPing = since + Math.floor((Date.now() - since) / HEALTH_REPORT_MS) * HEALTH_REPORT_MS;
  return {
    InstanceId: record.instanceId,
    PingStatus: "Online",
    LastPingDateTime: lastPing / 1000,
    AgentVersion: AGENT_VERSION,
    IsLatestVersion: true,
    PlatformType: "Linux",
    PlatformName: "Lightly sandbox",
    PlatformVersion: "1",
    ResourceType: "EC2Instance",
    IPAddress: record.privateIp,
    ComputerName: `ip-${record.privateIp.replaceAll(".", "-")}`,
    SourceId: record.instanceId,
    SourceType: "AWS::EC2::Instance",
  };
}

function filterOf(key: string, values: readonly string[]): (record: InstanceRecord) => boolean {
  if (values.length === 0) {
    throw invalidValue(`The filter ${key} has no value.`);
  }
  switch (key) {
    case "InstanceIds": {
      const bad = values.find((value) => !/^(?:i-(?:[0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/.test(value));
      if (bad !== undefined) {
        throw invalidValue(`'${bad}' is not an instance id.`);
      }
      return (record) => values.includes(record.instanceId);
    }
    case "PingStatus":
      return () => values.includes("Online");
    case "PlatformTypes":
      return () => values.includes("Linux");
    case "ResourceType":
      return () => values.some((value) => value === "EC2Instance" || value === "ManagedInstance");
    case "AgentVersion":
      return () => values.includes(AGENT_VERSION);
    case "tag-key":
      return (record) => values.some((value) => Object.hasOwn(record.tags, value));
    default:
      if (key.startsWith("tag:")) {
        return (record) => tagMatches(record, key.slice(4), values);
      }
      throw new AwsFault("InvalidFilterKey", 400, `The filter key '${key}' is not valid.`);
  }
}

/** Whether an instance has the tag with one of the values. */
export function tagMatches(record: InstanceRecord, key: string, values: readonly string[]): boolean {
  const tag = Object.hasOwn(record.tags, key) ? record.tags[key] : undefined;
  return tag !== undefined && values.some((value) => wildcard(value).test(tag));
}

function invalidValue(message: string): AwsFault {
  return new AwsFault("InvalidInstanceInformationFilterValue", 400, message);
}
