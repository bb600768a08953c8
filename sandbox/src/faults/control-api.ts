import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fleet } from "../instances/fleet.ts";
import { instanceProcesses, isProcessOf } from "../instances/processes.ts";
import type { EventLog } from "./event-log.ts";
import { isSwitch, readSwitches, setSwitch } from "./fault-switches.ts";
import type { Faults } from "./faults.ts";
import { checkFaultRule } from "./parse-fault.ts";
import type { WorkerLifetimes } from "./worker-lifetime.ts";

export interface ControlApiOptions {
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly events: EventLog;
  readonly lifetimes: WorkerLifetimes;
  /** Duration of a minute of `shutdown -h +5`. */
  readonly minuteMs: number;
}

const PREFIX = "/_sandbox/";
const MAX_BODY_BYTES = 64 * 1024;

/** An invalid request with its HTTP status. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The sandbox's control API below `/_sandbox/`: `GET state`, `GET events?after=ID&kind=K`, `GET|POST|DELETE faults`,
 * `DELETE faults/ID`, `POST|DELETE instances/ID/shutdown`, `POST instances/ID/workers`. Each request needs the header `x-sandbox-control: yes`,
 * which a web page of another origin can't send.
 */
export function createControlApi(
  options: ControlApiOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  return async (req, res) => {
    const url = new URL(req.url ?? "/", "http://127.0.0.1");
    if (!url.pathname.startsWith(PREFIX)) {
      return false;
    }
    try {
      if (req.headers["x-sandbox-control"] !== "yes") {
        throw new Refusal(403, "The sandbox's control API requires the header 'x-sandbox-control: yes'.");
      }
      const path = url.pathname.slice(PREFIX.length).split("/");
      write(
        res,
        200,
        await resultOf(options, `${req.method} ${path[0]}`, path.slice(1), url.searchParams, await readJson(req)),
      );
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 400;
      write(res, status, { error: error instanceof Error ? error.message : String(error) });
    }
    return true;
  };
}

async function resultOf(
  options: ControlApiOptions,
  what: string,
  path: readonly string[],
  query: URLSearchParams,
  body: unknown,
): Promise<unknown> {
  switch (what) {
    case "GET state":
      return {
        instances: options.fleet.list().map((record) => instanceView(options.fleet, record)),
        faults: faultsView(options.faults),
      };
    case "GET events":
      return { events: options.events.list(eventQuery(query)) };
    case "GET faults":
      return faultsView(options.faults);
    case "POST faults":
      return addFault(options.faults, body);
    case "DELETE faults":
      if (path[0] === undefined) {
        options.faults.clear();
      } else {
        options.faults.remove(path[0]);
      }
      return faultsView(options.faults);
    case "POST instances":
    case "DELETE instances":
      if (path[1] === "shutdown") {
        return shutdown(options, path[0] ?? "", what.startsWith("DELETE"), body);
      }
      if (path[1] === "workers" && what === "POST instances") {
        return watchWorker(options, path[0] ?? "", body);
      }
      break;
    default:
  }
  throw new Refusal(
    404,
    "Unknown path. The control API has state, events, faults, instances/ID/shutdown and instances/ID/workers.",
  );
}

/** Either switches (`{"capacityMissing": 2}`) or one rule (`{"service": "s3", "kind": "throttle"}`). */
function addFault(faults: Faults, body: unknown): unknown {
  const wishes = Object.entries(typeof body === "object" && body !== null ? body : {});
  if (wishes.length > 0 && wishes.every(([name]) => isSwitch(name))) {
    for (const [name, value] of wishes) {
      if (isSwitch(name)) {
        setSwitch(faults, name, value);
      }
    }
    return faultsView(faults);
  }
  return { id: faults.add(checkFaultRule(body)), ...faultsView(faults) };
}

function shutdown(options: ControlApiOptions, instanceId: string, cancel: boolean, body: unknown): unknown {
  const record = options.fleet.find(instanceId);
  if (record === undefined || record.state !== "running") {
    throw new Refusal(409, `${instanceId} is not running.`);
  }
  if (cancel) {
    return { canceled: options.fleet.shutdowns.cancel(instanceId) };
  }
  const minutes = (body as { minutes?: unknown } | undefined)?.minutes;
  if (typeof minutes !== "number" || !(minutes >= 0)) {
    throw new Refusal(400, "A shutdown requires minutes, 0 or more.");
  }
  options.fleet.shutdowns.plan(instanceId, minutes * options.minuteMs);
  return { shutdownAt: options.fleet.shutdowns.at(instanceId) };
}

/** Records the start of a worker that an instance reports, and later the end of its process. */
function watchWorker(options: ControlApiOptions, instanceId: string, body: unknown): unknown {
  const { pid, startedAt } = (body ?? {}) as { pid?: unknown; startedAt?: unknown };
  if (options.fleet.find(instanceId) === undefined) {
    throw new Refusal(404, `There is no instance ${instanceId}.`);
  }
  if (!Number.isInteger(pid) || !Number.isFinite(startedAt)) {
    throw new Refusal(400, "A worker requires a pid, and startedAt in milliseconds.");
  }
  const mark = options.fleet.mark(instanceId);
  const worker = { instanceId, pid: pid as number, startedAt: startedAt as number };
  options.lifetimes.watch({ ...worker, isAlive: () => isProcessOf(mark, worker.pid) });
  return { watched: pid };
}

function instanceView(fleet: Fleet, record: ReturnType<Fleet["list"]>[number]): unknown {
  const { instanceId, state, instanceType, tags, launchTime, stateReason } = record;
  return {
    instanceId,
    state,
    instanceType,
    tags,
    launchTime,
    reason: stateReason?.code,
    onlineSince: fleet.onlineSince(instanceId),
    shutdownAt: fleet.shutdowns.at(instanceId),
    processes: instanceProcesses(fleet.mark(instanceId)).length,
  };
}

function faultsView(faults: Faults): Record<string, unknown> {
  return { ...readSwitches(faults), rules: faults.list() };
}

function eventQuery(query: URLSearchParams): { after?: number; kind?: string } {
  const kind = query.get("kind");
  return { after: Number(query.get("after") ?? 0), ...(kind === null ? {} : { kind }) };
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new Refusal(413, "The request is too large.");
    }
    chunks.push(chunk);
  }
  if (bytes === 0) {
    return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refusal(400, "The request is not JSON.");
  }
}

function write(res: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body, null, 2)}\n`;
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.end(text);
}
