import { readdir } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { SandboxEvent } from "lightly-aws-sandbox";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { Ending } from "./ending.ts";
import type { VideoSize } from "./video-files.ts";
import type { World } from "./world.ts";

/** A time span in milliseconds since 1970. Without an end it has not ended. */
export interface Span {
  readonly from: number;
  readonly to?: number;
}

/** The results of a round, most of them from the sandbox's record. */
export interface Evidence {
  /** The runs according to Node-RED: the only evidence that is not from the sandbox. */
  readonly ending: Ending;
  readonly runs: readonly RunRecord[];
  readonly instance: { readonly state: string; readonly processes: number };
  /** How often the instance was started. */
  readonly starts: number;
  /** When the pipeline requested a start, in milliseconds since 1970. */
  readonly startRequests: readonly number[];
  /** When a stop was requested, or it shut down by itself, with EC2's reason. */
  readonly stops: ReadonlyArray<{ readonly at: number; readonly reason: string }>;
  /** When a shutdown timer was set on it. */
  readonly timers: readonly number[];
  readonly scheduled: ReadonlyArray<{ readonly id: string; readonly state: string }>;
  /** The worker runs of scheduled runs. */
  readonly lightlyRuns: ReadonlyArray<Span & { readonly scheduledId: string | undefined; readonly state: string }>;
  readonly configs: number;
  /** Commands that run the worker's script. */
  readonly workerCommands: readonly string[];
  /** When each of them was accepted, in milliseconds since 1970. */
  readonly workerCommandTimes: readonly number[];
  readonly workers: readonly Span[];
  readonly objects: ReadonlyArray<{ readonly key: string; readonly bytes: number; readonly isWhole: boolean }>;
  /** Keys of open multipart uploads in all buckets. */
  readonly openUploads: readonly string[];
  /** Partial files below Node-RED's user directory and its temporary folder. */
  readonly partFiles: readonly string[];
  /** Warnings of Node-RED about its journal, and renamed files. */
  readonly journalTrouble: readonly string[];
  /** Warnings of Node-RED that an instance may still be running. */
  readonly alarms: readonly string[];
}

/** The state before a round. */
export interface Before {
  readonly eventId: number;
  readonly schedules: ReadonlySet<string>;
  readonly lightlyRuns: ReadonlySet<string>;
  readonly configs: number;
  readonly objects: ReadonlySet<string>;
  readonly runs: ReadonlySet<string>;
}

/** Records the state, so that only later changes are checked. */
export async function lookBefore(world: World): Promise<Before> {
  const { record, events, buckets } = world.sandbox;
  return {
    eventId: events.list().at(-1)?.id ?? 0,
    schedules: new Set(record.scheduledRuns().map(({ id }) => id)),
    lightlyRuns: new Set(record.runs().map(({ id }) => id)),
    configs: record.configs().length,
    objects: new Set((await record.objects(buckets.input)).map(({ key, etag }) => `${key} ${etag}`)),
    runs: new Set((await world.runs()).map(({ runId }) => runId)),
  };
}

/** Collects the results of a round. */
export async function gather(
  world: World,
  before: Before,
  round: { readonly ending: Ending; readonly runs: readonly RunRecord[]; readonly video: VideoSize },
): Promise<Evidence> {
  const { sandbox } = world;
  const { record, buckets, instanceId } = sandbox;
  const events = eventsSince(world, before);
  const workerCommands = ofKind(events, "command").filter((event) => !isTimer(event));
  const states = ofKind(events, "instance").filter((event) => event.instanceId === instanceId);
  const video = await world.videos.bytes(round.video);
  const objects = (await record.objects(buckets.input)).filter(
    ({ key, etag }) => !before.objects.has(`${key} ${etag}`),
  );
  const uploads = await Promise.all(Object.values(buckets).map((bucket) => record.uploads(bucket)));
  return {
    ending: round.ending,
    runs: round.runs,
    instance: {
      state: record.instances().find((one) => one.instanceId === instanceId)?.state ?? "gone",
      processes: record.processes(instanceId).length,
    },
    starts: states.filter(({ state }) => state === "pending").length,
    startRequests: world.trace
      .filter(({ operation, phase }) => operation === "StartInstances" && phase === "arrived")
      .map(({ at }) => at),
    stops: states
      .filter(({ state }) => state === "stopping")
      .map((event) => ({ at: timeOf(event), reason: String(event.reason) })),
    timers: ofKind(events, "shutdown").map(timeOf),
    scheduled: record.scheduledRuns().filter(({ id }) => !before.schedules.has(id)),
    lightlyRuns: record
      .runs()
      .filter(({ id }) => !before.lightlyRuns.has(id))
      .map(({ scheduledId, state, createdAt, lastModifiedAt }) => ({
        scheduledId,
        state,
        from: createdAt,
        ...(ENDED.has(state) ? { to: lastModifiedAt } : {}),
      })),
    configs: record.configs().length - before.configs,
    workerCommands: workerCommands.map(({ commandId }) => String(commandId)),
    workerCommandTimes: workerCommands.map(timeOf),
    workers: spansOf(ofKind(events, "worker")),
    objects: await Promise.all(
      objects.map(async ({ key, bytes }) => ({
        key,
        bytes,
        isWhole: video.equals(await buffer(await record.read(buckets.input, key))),
      })),
    ),
    openUploads: uploads.flat().map(({ key, parts }) => `${key} (${parts} parts)`),
    partFiles: await partFiles(world),
    journalTrouble: [
      ...world.log.filter((line) => line.includes("Run journal:")),
      ...(await readdir(world.journalDir)).filter((name) => name.includes(".damaged")),
    ],
    alarms: world.log.filter((line) => ALARM.test(line)),
  };
}

/** The messages of the example's Catch node for ec2 stop, and of the guard of an instance. */
const ALARM = /may still (?:run|be running)/;

/** The sandbox's events of a round. */
export function eventsSince({ sandbox }: World, { eventId }: Before): readonly SandboxEvent[] {
  return sandbox.events.list({ after: eventId });
}

/** Partial files, by their path below the state folder. */
export async function partFiles({ userDir, stateDir }: World): Promise<string[]> {
  const found = await Promise.all(
    [userDir, `${stateDir}/tmp`].map(async (dir) => {
      const names = await readdir(dir, { recursive: true }).catch(() => []);
      return names.filter((name) => name.endsWith(".part")).map((name) => `${dir}/${name}`);
    }),
  );
  return found.flat().map((path) => path.slice(stateDir.length + 1));
}

const ENDED: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CRASHED", "ABORTED"]);

/** Commands of the auto-stop timer only set and clear a shutdown. */
export function isTimer({ commands }: SandboxEvent): boolean {
  return (
    Array.isArray(commands) && commands.length > 0 && commands.every((line) => /^\s*shutdown\b/.test(String(line)))
  );
}

/** The lifetimes of processes, from the events of their start and end. */
export function spansOf(events: readonly SandboxEvent[]): Span[] {
  return events
    .filter(({ state }) => state === "started")
    .map((start) => {
      const end = events.find(({ id, pid, state }) => state === "ended" && pid === start.pid && id > start.id);
      return { from: Number(start.at), ...(end === undefined ? {} : { to: Number(end.at) }) };
    });
}

function ofKind(events: readonly SandboxEvent[], kind: string): SandboxEvent[] {
  return events.filter((event) => event.kind === kind);
}

function timeOf({ time }: SandboxEvent): number {
  return Date.parse(time);
}
