import type { LightlyApi } from "./lightly-api.ts";

/** A run state of Lightly's API. */
export type RunState =
  | "STARTED"
  | "INITIALIZING"
  | "LOADING_DATASET"
  | "COMPUTING_METADATA"
  | "EMBEDDING"
  | "SAMPLING"
  | "SAVING_RESULTS"
  | "UPLOADING_DATASET"
  | "GENERATING_REPORT"
  | "UPLOADING_REPORT"
  | "UPLOADED_REPORT"
  | "UPLOADING_ARTIFACTS"
  | "UPLOADED_ARTIFACTS"
  | "COMPLETED"
  | "FAILED"
  | "CRASHED"
  | "ABORTED";

export type LogLevel = "INFO" | "WARNING" | "ERROR";

/** Reports the progress of a run to the API, the run's log and standard output. */
export interface RunProgress {
  /** Enters a state. */
  enter(state: RunState, message: string): Promise<void>;
  /** A new message in the same state, such as `120/300 frames`; sent at most twice a second. */
  say(message: string): Promise<void>;
  log(level: LogLevel, message: string): Promise<void>;
  /** Everything that was logged, one line each. */
  lines(): string[];
}

export interface TrackProgressOptions {
  readonly api: LightlyApi;
  readonly runId: string;
  readonly print: (line: string) => void;
  /** Called before each state, so that a fault can be injected. */
  readonly beforeState?: (state: RunState) => Promise<void>;
}

const PAUSE_MS = 500;
const LAST_WORDS_MS = 4000;
const ENDS: readonly RunState[] = ["COMPLETED", "FAILED", "CRASHED", "ABORTED"];

export function trackProgress({ api, runId, print, beforeState }: TrackProgressOptions): RunProgress {
  const lines: string[] = [];
  let current: RunState = "STARTED";
  let saidAt = 0;

  async function report(state: RunState, message: string): Promise<void> {
    saidAt = Date.now();
    // The final state of a run is reported even when the worker is being stopped.
    const last = ENDS.includes(state) ? { signal: AbortSignal.timeout(LAST_WORDS_MS) } : {};
    await api("PUT", `/v1/docker/runs/${runId}`, {
      body: { state, ts: saidAt, message },
      ...last,
    });
  }

  async function log(level: LogLevel, message: string, signal?: AbortSignal): Promise<void> {
    const ts = Date.now();
    const line = `${new Date(ts).toISOString()} ${level} ${current}: ${message}`;
    lines.push(line);
    print(line);
    await api("PUT", `/v1/docker/runs/${runId}/logs`, {
      body: [{ ts, level, group: "worker", msg: message, state: current }],
      ...(signal === undefined ? {} : { signal }),
    });
  }

  return {
    async enter(state, message) {
      await beforeState?.(state);
      current = state;
      const isBad = state !== "COMPLETED" && ENDS.includes(state);
      await log(
        isBad ? "ERROR" : "INFO",
        message,
        ENDS.includes(state) ? AbortSignal.timeout(LAST_WORDS_MS) : undefined,
      );
      await report(state, message);
    },
    async say(message) {
      if (Date.now() - saidAt >= PAUSE_MS) {
        await report(current, message);
      }
    },
    log: (level, message) => log(level, message),
    lines: () => lines,
  };
}
