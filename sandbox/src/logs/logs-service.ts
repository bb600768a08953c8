import type { ServerResponse } from "node:http";
import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID, type AwsService } from "../aws/aws-service.ts";
import { type JsonObject, jsonPage, parseJson, textField } from "../ssm/json-request.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents, groupOf, type LogsParts, notFound } from "./get-log-events.ts";

type Action = (request: JsonObject, parts: LogsParts, region: string) => JsonObject;

const ACTIONS: Readonly<Record<string, Action>> = {
  GetLogEvents: getLogEvents,
  FilterLogEvents: filterLogEvents,
  DescribeLogStreams: describeLogStreams,
};

/** The names of all operations. */
export const LOGS_OPERATIONS: readonly string[] = Object.keys(ACTIONS);

/** The reading half of CloudWatch Logs in its JSON protocol (version 2014-03-28). */
export function createLogsService(parts: LogsParts): AwsService {
  return {
    name: "logs",
    async handle(request) {
      const target = String(request.message.headers["x-amz-target"] ?? "");
      const name = target.slice(target.indexOf(".") + 1);
      const run = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
      if (run === undefined) {
        throw new AwsFault(
          "UnknownOperationException",
          400,
          `The sandbox's CloudWatch Logs does not support '${target}'.`,
        );
      }
      write(request.response, 200, run(parseJson(await request.body()), parts, request.region));
    },
    refuse(response, error) {
      response.setHeader("x-amzn-errortype", error.code);
      write(response, error.status, { __type: error.code, message: error.message });
    },
  };
}

/** DescribeLogStreams of one group, by name. */
function describeLogStreams(from: JsonObject, { store }: LogsParts, region: string): JsonObject {
  const group = groupOf(from);
  if (!store.hasGroup(group)) {
    throw notFound("group");
  }
  const prefix = textField(from, "logStreamNamePrefix") ?? "";
  const found = store.streams(group).filter(({ name }) => name.startsWith(prefix));
  const { items, next } = jsonPage(found, { NextToken: from.nextToken }, 50);
  return {
    logStreams: items.map(({ name, createdAt, events }) => ({
      logStreamName: name,
      creationTime: createdAt,
      firstEventTimestamp: events[0]?.timestamp,
      lastEventTimestamp: events.at(-1)?.timestamp,
      lastIngestionTime: events.at(-1)?.ingestionTime,
      arn: `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:${group}:log-stream:${name}`,
      storedBytes: 0,
    })),
    ...(next.NextToken === undefined ? {} : { nextToken: next.NextToken }),
  };
}

function write(response: ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
