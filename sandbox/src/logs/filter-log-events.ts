import { AwsFault } from "../aws/aws-fault.ts";
import { type JsonObject, numberField, textField, textList } from "../ssm/json-request.ts";
import { groupOf, inTimes, type LogsParts, notFound } from "./get-log-events.ts";
import type { LogEvent } from "./log-store.ts";

const MAX_EVENTS = 10_000;

/** FilterLogEvents: the events of several streams by time. A filter pattern is a text that the message contains. */
export function filterLogEvents(from: JsonObject, { store }: LogsParts): JsonObject {
  const group = groupOf(from);
  if (!store.hasGroup(group)) {
    throw notFound("group");
  }
  const names = textList(from, "logStreamNames");
  const prefix = textField(from, "logStreamNamePrefix");
  if (names.length > 0 && prefix !== undefined) {
    throw new AwsFault("InvalidParameterException", 400, "logStreamNames and logStreamNamePrefix exclude each other.");
  }
  const pattern = (textField(from, "filterPattern") ?? "").replace(/^"(.*)"$/s, "$1");
  const isWanted = inTimes(from);
  const all = store
    .streams(group)
    .filter(({ name }) => (names.length === 0 || names.includes(name)) && name.startsWith(prefix ?? ""))
    .flatMap(({ name, events }) =>
      events.map((event, index) => ({ ...event, logStreamName: name, eventId: eventId(event, name, index) })),
    )
    .filter((event) => isWanted(event) && event.message.includes(pattern))
    .sort((one, other) => one.timestamp - other.timestamp);
  const limit = numberField(from, "limit", { least: 1, most: MAX_EVENTS }) ?? MAX_EVENTS;
  const start = startOf(textField(from, "nextToken"));
  const end = start + limit;
  return {
    events: all.slice(start, end),
    searchedLogStreams: [],
    ...(end < all.length ? { nextToken: Buffer.from(`from:${end}`).toString("base64url") } : {}),
  };
}

function eventId({ timestamp }: LogEvent, stream: string, index: number): string {
  return `${timestamp}${Buffer.from(stream).toString("hex").slice(-16)}${String(index).padStart(10, "0")}`;
}

function startOf(token: string | undefined): number {
  if (token === undefined) {
    return 0;
  }
  const [, position] = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (position === undefined) {
    throw new AwsFault("InvalidParameterException", 400, "The specified nextToken is invalid.");
  }
  return Number(position);
}
