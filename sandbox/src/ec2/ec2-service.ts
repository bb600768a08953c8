import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import type { AwsService } from "../aws/aws-service.ts";
import type { Faults } from "../faults/faults.ts";
import type { Fleet } from "../instances/fleet.ts";
import { describeInstanceAttribute, modifyInstanceAttribute } from "./attributes.ts";
import { startInstances, stopInstances, terminateInstances } from "./change-state.ts";
import { describeInstanceStatus, describeInstances } from "./describe.ts";
import { answerXml, errorXml, type XmlValue } from "./ec2-xml.ts";
import { parseQuery, type Query } from "./form-query.ts";
import { createTags, deleteTags, describeTags } from "./instance-tags.ts";
import { runInstances } from "./launch-instances.ts";

/** EC2's query protocol (version 2016-11-15) for a fleet. */
export function createEc2Service(options: { fleet: Fleet; faults: Faults; region: string }): AwsService {
  const { fleet, faults, region } = options;
  const actions: Readonly<Record<string, (query: Query) => Record<string, XmlValue>>> = {
    DescribeInstances: (query) => describeInstances(fleet, query, region),
    DescribeInstanceStatus: (query) => describeInstanceStatus(fleet, query, region),
    DescribeInstanceAttribute: (query) => describeInstanceAttribute(fleet, query),
    ModifyInstanceAttribute: (query) => modifyInstanceAttribute(fleet, query),
    StartInstances: (query) => startInstances(fleet, faults, query),
    StopInstances: (query) => stopInstances(fleet, query),
    RunInstances: (query) => runInstances(fleet, faults, query, region),
    TerminateInstances: (query) => terminateInstances(fleet, query),
    CreateTags: (query) => createTags(fleet, query),
    DeleteTags: (query) => deleteTags(fleet, query),
    DescribeTags: (query) => describeTags(fleet, query),
  };
  return {
    name: "ec2",
    async handle(request) {
      const query = parseQuery((await request.body()).toString("utf8"));
      const action = query.text("Action") ?? "";
      const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
      if (run === undefined) {
        throw new AwsFault("InvalidAction", 400, `The sandbox's EC2 does not support the action '${action}'.`);
      }
      write(request.response, 200, answerXml(action, request.requestId, run(query)));
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
