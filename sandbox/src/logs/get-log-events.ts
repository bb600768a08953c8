import { AwsFault } from "../aws/aws-fault.ts";
import type { Faults } from "../faults/faults.ts";
import { type JsonObject, neededText, numberField, textField } from "../ssm/json-request.ts";
import type { LogEvent, LogStore, LogStream } from "./log-store.ts";

const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** Added to the size of each message. */
const EVENT_BYTES = 26;

/** What the operations of CloudWatch Logs use. */
export interface LogsParts {
  readonly store: LogStore;
  readonly faults: Faults;
}

/**
 * GetLogEvents: a page of one stream, oldest first. Both tokens name a position between two events; at an end of the stream the returned token
 * equals the given one.
 */
export function getLogEvents(from: JsonObject, { store, faults }: LogsParts): JsonObject {
  const { events } = streamOf(from, store);
  const limit = numberField(from, "limit", { least: 1, most: MAX_EVENTS }) ?? MAX_EVENTS;
  const token = tokenOf(textField(from, "nextToken"));
  const fromHead = from.startFromHead === true;
  if (token?.direction === "f" && !fromHead) {
    throw new AwsFault("InvalidParameterException", 400, "startFromHead must be true with a nextForwardToken.");
  }
  const forward = token === undefined ? fromHead : token.direction === "f";
  const position = Math.min(token?.position ?? (forward ? 0 : events.length), events.length);
  if (faults.emptyLogPages > 0 && forward && position < events.length) {
    faults.emptyLogPages -= 1;
    const turn = (token?.turn ?? 0) + 1;
    return {
      events: [],
      nextForwardToken: tokenText("f", position, turn),
      nextBackwardToken: tokenText("b", position),
    };
  }
  const isWanted = inTimes(from);
  const found: LogEvent[] = [];
  let bytes = 0;
  let at = position;
  for (const step = forward ? 1 : -1; forward ? at < events.length : at > 0; at += step) {
    const event = events[forward ? at : at - 1];
    if (event !== undefined && isWanted(event)) {
      bytes += Buffer.byteLength(event.message) + EVENT_BYTES;
      if (found.length === limit || bytes > MAX_BYTES) {
        break;
      }
      found.push(event);
    }
  }
  const [first, last] = forward ? [position, at] : [at, position];
  return {
    events: forward ? found : found.reverse(),
    nextForwardToken: token?.direction === "f" && last === position ? token.text : tokenText("f", last),
    nextBackwardToken: token?.direction === "b" && first === position ? token.text : tokenText("b", first),
  };
}

/** @throws AwsFault `ResourceNotFoundException`: a stream does not exist before its first line */
function streamOf(from: JsonObject, store: LogStore): LogStream {
  const group = groupOf(from);
  if (!store.hasGroup(group)) {
    throw notFound("group");
  }
  const stream = store.find(group, neededText(from, "logStreamName"));
  if (stream === undefined) {
    throw notFound("stream");
  }
  return stream;
}

/** The group by its name, or by its ARN. */
export function groupOf(from: JsonObject): string {
  const name = textField(from, "logGroupName");
  const identifier = textField(from, "logGroupIdentifier");
  if ((name === undefined) === (identifier === undefined)) {
    throw new AwsFault(
      "InvalidParameterException",
      400,
      "Exactly one of logGroupName and logGroupIdentifier is required.",
    );
  }
  return name ?? identifier?.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, "").replace(/:\*$/, "") ?? "";
}

export function notFound(what: "group" | "stream"): AwsFault {
  return new AwsFault("ResourceNotFoundException", 400, `The specified log ${what} does not exist.`);
}

/** Whether an event is in the times of a request: from `startTime`, before `endTime`. */
export function inTimes(from: JsonObject): (event: LogEvent) => boolean {
  const limits = { least: 0, most: Number.MAX_SAFE_INTEGER };
  const start = numberField(from, "startTime", limits) ?? 0;
  const end = numberField(from, "endTime", limits) ?? Number.POSITIVE_INFINITY;
  return ({ timestamp }) => timestamp >= start && timestamp < end;
}

interface Token {
  readonly text: string;
  readonly direction: "f" | "b";
  readonly position: number;
  readonly turn: number;
}

/** @param turn - distinguishes tokens of the same position */
function tokenText(direction: "f" | "b", position: number, turn = 0): string {
  return `${direction}/${String(turn).padStart(28, "0")}${String(position).padStart(28, "0")}/s`;
}

function tokenOf(text: string | undefined): Token | undefined {
  if (text === undefined) {
    return undefined;
  }
  const [, direction, turn, position] = /^([fb])\/(\d{28})(\d{28})\/s$/.exec(text) ?? [];
  if (position === undefined) {
    throw new AwsFault("InvalidParameterException", 400, "The specified nextToken is invalid.");
  }
  return { text, direction: direction === "f" ? "f" : "b", position: Number(position), turn: Number(turn) };
}
