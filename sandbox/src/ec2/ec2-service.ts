import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsService } from "../aws/aws-service.ts";
import type { Faults } from "../faults/faults.ts";
import type { Fleet } from "../instances/fleet.ts";
import { describeInstanceAttribute, modifyInstanceAttribute } from "./attributes.ts";
import { startInstances, stopInstances, terminateInstances } from "./change-state.ts";
import { describeInstanceStatus, describeInstances } from "./describe.ts";
import { describeRegions } from "./describe-regions.ts";
import { errorXml, responseXml, type XmlContent } from "./ec2-xml.ts";
import { parseQuery, type Query } from "./form-query.ts";
import { createTags, deleteTags, describeTags } from "./instance-tags.ts";
import { runInstances } from "./launch-instances.ts";

interface Ec2Options {
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly region: string;
}

const ACTIONS: Readonly<Record<string, (query: Query, options: Ec2Options) => XmlContent>> = {
  DescribeInstances: (query, { fleet, region }) => describeInstances(fleet, query, region),
  DescribeInstanceStatus: (query, { fleet, region }) => describeInstanceStatus(fleet, query, region),
  DescribeInstanceAttribute: (query, { fleet }) => describeInstanceAttribute(fleet, query),
  ModifyInstanceAttribute: (query, { fleet }) => modifyInstanceAttribute(fleet, query),
  StartInstances: (query, { fleet, faults }) => startInstances(fleet, faults, query),
  StopInstances: (query, { fleet }) => stopInstances(fleet, query),
  RunInstances: (query, { fleet, faults, region }) => runInstances(fleet, faults, query, region),
  TerminateInstances: (query, { fleet }) => terminateInstances(fleet, query),
  DescribeRegions: (query, { region }) => describeRegions(query, region),
  CreateTags: (query, { fleet }) => createTags(fleet, query),
  DeleteTags: (query, { fleet }) => deleteTags(fleet, query),
  DescribeTags: (query, { fleet }) => describeTags(fleet, query),
};

/** The names of all operations. */
export const EC2_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/** EC2's query protocol (version 2016-11-15) for a fleet. */
export function createEc2Service(options: Ec2Options): AwsService {
  return {
    name: "ec2",
    async handle(request) {
      const query = parseQuery((await request.body()).toString("utf8"));
      const action = query.text("Action") ?? "";
      const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
      if (run === undefined) {
        throw new AwsFault("InvalidAction", 400, `The sandbox's EC2 does not support the action '${action}'.`);
      }
      write(request.response, 200, responseXml(action, request.requestId, run(query, options)));
    },
    refuse(response, error) {
      write(response, error.status, errorXml(error.code, error.message, requestIdOf(response)));
    },
  };
}

function write(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { "content-type": "text/xml;charset=UTF-8", "content-length": Buffer.byteLength(xml) });
  response.end(xml);
}

function requestIdOf(response: ServerResponse): string {
  const sent = response.getHeader("x-amzn-requestid") ?? response.getHeader("x-amz-request-id");
  return typeof sent === "string" ? sent : randomUUID();
}
