import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly createdAt: number;
  readonly events: readonly LogEvent[];
}

interface GrowingStream extends LogStream {
  readonly events: LogEvent[];
  /** Of all messages, including those that were not kept. */
  bytes: number;
}

/** Maximum size of a stream, so that an endless output fills neither memory nor disk. What follows is not kept. */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;

/** Log streams, one file each: a line that names it, then a line for each event. */
export interface LogStore {
  /** Appends an event; the stream exists from its first event on. */
  write(group: string, stream: string, message: string): void;
  /** A group exists with its first stream, or earlier by this: that of a job before the first line of its container. */
  createGroup(group: string): void;
  hasGroup(group: string): boolean;
  find(group: string, stream: string): LogStream | undefined;
  /** The streams of a group, by name. */
  streams(group: string): LogStream[];
}

/**
 * Opens (or creates) the store in `dir`. A group without a stream is not on disk.
 *
 * @param lagMs - how long after it was written an event can be read
 */
export function openLogStore(dir: string, now: () => number, lagMs = 0): LogStore {
  mkdirSync(dir, { recursive: true });
  const streams = new Map<string, GrowingStream>();
  const groups = new Set<string>();
  const keyOf = (group: string, stream: string): string => `${group}:${stream}`;
  const fileOf = (key: string): string =>
    join(dir, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.jsonl`);
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".jsonl"))) {
    const stream = readStream(join(dir, file));
    if (stream !== undefined) {
      streams.set(keyOf(stream.group, stream.name), stream);
    }
  }
  /** The stream with what can be read of it; `undefined` if that is nothing. */
  const visible = (stream: LogStream): LogStream | undefined => {
    const end = stream.events.findLastIndex(({ ingestionTime }) => ingestionTime <= now()) + 1;
    return end === 0 ? undefined : { ...stream, events: stream.events.slice(0, end) };
  };
  return {
    write(group, name, message) {
      const key = keyOf(group, name);
      const timestamp = now();
      let stream = streams.get(key);
      if (stream === undefined) {
        stream = { group, name, createdAt: timestamp, events: [], bytes: 0 };
        streams.set(key, stream);
        appendFileSync(fileOf(key), `${JSON.stringify({ group, name, createdAt: timestamp })}\n`);
      }
      stream.bytes += Buffer.byteLength(message);
      if (stream.bytes > MAX_STREAM_BYTES) {
        return;
      }
      const event = { timestamp, ingestionTime: timestamp + lagMs, message };
      stream.events.push(event);
      appendFileSync(fileOf(key), `${JSON.stringify(event)}\n`);
    },
    createGroup: (group) => void groups.add(group),
    hasGroup: (group) =>
      groups.has(group) || [...streams.values()].some((stream) => stream.group === group && visible(stream)),
    find(group, name) {
      const stream = streams.get(keyOf(group, name));
      return stream && visible(stream);
    },
    streams: (group) =>
      [...streams.values()]
        .filter((stream) => stream.group === group)
        .flatMap((stream) => visible(stream) ?? [])
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

function readStream(file: string): GrowingStream | undefined {
  const lines = readFileSync(file, "utf8").split("\n").flatMap(parse);
  const [head, ...events] = lines as [Omit<LogStream, "events"> | undefined, ...LogEvent[]];
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
  return head === undefined ? undefined : { ...head, events, bytes };
}

/** The last line is incomplete when the sandbox was killed while it wrote. */
function parse(line: string): unknown[] {
  try {
    return line === "" ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}
