import { appendFileSync, renameSync, rmSync, statSync } from "node:fs";

/** An event in the sandbox; `kind` is e.g. `instance`, `command`, `object`, `worker`. */
export interface SandboxEvent {
  readonly id: number;
  /** ISO time. */
  readonly time: string;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** The sandbox's own event log, independent of the responses that clients received. */
export interface EventLog {
  record(kind: string, details: Readonly<Record<string, unknown>>): void;
  /** Events after the one with id `after`, oldest first, perhaps of one kind only. */
  list(o?: { readonly after?: number; readonly kind?: string }): readonly SandboxEvent[];
}

const MAX_EVENTS_IN_MEMORY = 10_000;
const MAX_FILE_BYTES = 20 * 1024 * 1024;

/**
 * Stores the newest events in memory and, with a file, appends each to it as one line of JSON.
 * `secrets` never appear in an event, even when a command line contains them.
 */
export function createEventLog(
  options: { file?: string; log?: (line: string) => void; secrets?: readonly string[] } = {},
): EventLog {
  const events: SandboxEvent[] = [];
  let lastId = 0;
  if (options.file !== undefined) {
    rotate(options.file);
  }
  return {
    record(kind, details) {
      lastId += 1;
      const clean = withoutSecrets(details, options.secrets ?? []);
      const event: SandboxEvent = { ...clean, id: lastId, time: new Date().toISOString(), kind };
      events.push(event);
      if (events.length > MAX_EVENTS_IN_MEMORY) {
        events.shift();
      }
      if (options.file !== undefined) {
        appendFileSync(options.file, `${JSON.stringify(event)}\n`);
      }
      options.log?.(`${kind}: ${describe(clean)}`);
    },
    list: ({ after = 0, kind } = {}) =>
      events.filter((event) => event.id > after && (kind === undefined || event.kind === kind)),
  };
}

function withoutSecrets(details: Details, secrets: readonly string[]): Details {
  const text = JSON.stringify(details);
  const found = secrets.filter((secret) => text.includes(secret));
  return found.length === 0
    ? details
    : (JSON.parse(found.reduce((clean, secret) => clean.replaceAll(secret, "***"), text)) as Details);
}

type Details = Readonly<Record<string, unknown>>;

function describe(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

/** Only one previous file is kept, so that a sandbox that is used daily does not fill the disk. */
function rotate(file: string): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > MAX_FILE_BYTES) {
    rmSync(`${file}.1`, { force: true });
    renameSync(file, `${file}.1`);
  }
}
