import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../aws/aws-service.ts";
import type { Fleet } from "../instances/fleet.ts";
import { type InstanceRecord, STATE_CODES } from "../instances/instance.ts";
import { refuseDryRun } from "./dry-run.ts";
import type { XmlContent } from "./ec2-xml.ts";
import type { Query } from "./form-query.ts";
import { instanceFilter } from "./instance-filters.ts";
import { findInstances } from "./instance-ids.ts";
import { page } from "./paging.ts";

/** DescribeInstances: by ids or in pages, never both. */
export function describeInstances(fleet: Fleet, query: Query, region: string): XmlContent {
  const ids = query.list("InstanceId");
  refusePagedIds(query, ids);
  const wanted = (ids.length > 0 ? findInstances(fleet, ids) : fleet.list()).filter(instanceFilter(query));
  refuseDryRun(query);
  const { items, nextToken } = page(wanted, query, { least: 5, most: 1000 });
  return { reservationSet: reservations(items, region), nextToken };
}

/** Instances grouped by the request that launched them. */
export function reservations(records: readonly InstanceRecord[], region: string): XmlContent[] {
  const groups = new Map<string, InstanceRecord[]>();
  for (const record of records) {
    groups.set(record.reservationId, [...(groups.get(record.reservationId) ?? []), record]);
  }
  return [...groups].map(([reservationId, members]) => ({
    reservationId,
    ownerId: ACCOUNT_ID,
    groupSet: [],
    instancesSet: members.map((record, index) => instanceItem(record, index, region)),
  }));
}

/** DescribeInstanceStatus: only running instances unless the request includes all. */
export function describeInstanceStatus(fleet: Fleet, query: Query, region: string): XmlContent {
  const ids = query.list("InstanceId");
  refusePagedIds(query, ids);
  if (ids.length > 100) {
    throw new AwsFault("InvalidParameterValue", 400, "At most 100 instance ids may be given.");
  }
  const all = query.flag("IncludeAllInstances");
  const wanted = (ids.length > 0 ? findInstances(fleet, ids) : fleet.list())
    .filter((record) => all || record.state === "running")
    .filter(instanceFilter(query));
  refuseDryRun(query);
  const { items, nextToken } = page(wanted, query, { least: 5, most: 1000 });
  return {
    instanceStatusSet: items.map((record) => {
      const status = statusOf(fleet, record);
      const check = { status, details: status === "not-applicable" ? undefined : [reachability(status)] };
      return {
        instanceId: record.instanceId,
        availabilityZone: `${region}a`,
        instanceState: stateItem(record.state),
        systemStatus: check,
        instanceStatus: check,
        attachedEbsStatus: check,
      };
    }),
    nextToken,
  };
}

/** `instanceState`, `currentState` and `previousState` have this format. */
export function stateItem(state: InstanceRecord["state"]): XmlContent {
  return { code: STATE_CODES[state], name: state };
}

function statusOf(fleet: Fleet, record: InstanceRecord): string {
  if (record.state !== "running") {
    return "not-applicable";
  }
  return fleet.onlineSince(record.instanceId) === undefined ? "initializing" : "ok";
}

function reachability(status: string): XmlContent {
  return { name: "reachability", status: status === "ok" ? "passed" : "initializing" };
}

function refusePagedIds(query: Query, ids: readonly string[]): void {
  if (ids.length > 0 && query.text("MaxResults") !== undefined) {
    throw new AwsFault(
      "InvalidParameterCombination",
      400,
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
}

function instanceItem(record: InstanceRecord, index: number, region: string): XmlContent {
  const gone = record.state === "terminated";
  const host = (ip: string): string => `ip-${ip.replaceAll(".", "-")}.${region}.compute.internal`;
  return {
    instanceId: record.instanceId,
    imageId: record.imageId,
    instanceState: stateItem(record.state),
    privateDnsName: gone ? "" : host(record.privateIp),
    dnsName:
      record.publicIp === undefined
        ? ""
        : `ec2-${record.publicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`,
    reason: record.transitionReason,
    keyName: record.keyName,
    amiLaunchIndex: index,
    productCodes: [],
    instanceType: record.instanceType,
    launchTime: record.launchTime,
    placement: { availabilityZone: `${region}a`, groupName: "", tenancy: "default" },
    monitoring: { state: "disabled" },
    subnetId: gone ? undefined : "subnet-0123456789abcdef0",
    vpcId: gone ? undefined : "vpc-0123456789abcdef0",
    privateIpAddress: gone ? undefined : record.privateIp,
    ipAddress: record.publicIp,
    groupSet: gone ? [] : [{ groupId: "sg-0123456789abcdef0", groupName: "default" }],
    stateReason: record.stateReason === undefined ? undefined : { ...record.stateReason },
    architecture: "x86_64",
    rootDeviceType: "ebs",
    rootDeviceName: "/dev/xvda",
    blockDeviceMapping: [],
    virtualizationType: "hvm",
    clientToken: record.clientToken ?? "",
    tagSet: tagItems(record),
    hypervisor: "xen",
    ebsOptimized: false,
    enaSupport: true,
    hibernationOptions: { configured: record.hibernationConfigured },
    platformDetails: "Linux/UNIX",
    usageOperation: "RunInstances",
  };
}

/** `tagSet`. */
function tagItems(record: InstanceRecord): XmlContent[] {
  return Object.entries(record.tags).map(([key, value]) => ({ key, value }));
}
