import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type LightlyApi } from "./lightly-api.ts";

/** How a run ends, in Lightly's API. */
export type EndState = "COMPLETED" | "FAILED" | "CRASHED" | "ABORTED";

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
  | EndState;

export type LogLevel = "INFO" | "WARNING" | "ERROR";

/** Reports the progress of a run to the API, the run's log and standard output. */
export interface RunProgress {
  /** Enters a state. */
  enter(state: Exclude<RunState, EndState>, message: string): Promise<void>;
  /**
   * Reports the final state until the API accepts it, even when the worker is being stopped.
   *
   * @param afterLog - called between the last line of the log and the report, after which clients read the run
   * @throws UnconfirmedEnd when the API has not accepted it
   */
  end(state: EndState, message: string, afterLog?: () => Promise<void>): Promise<void>;
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
  /** Aborted when the worker is to stop. */
  readonly stop: AbortSignal;
  /** Aborted when a worker that is to stop must no longer report anything. */
  readonly finalSignal: AbortSignal;
  /** Called before each state but the final one, so that a fault can be injected. */
  readonly beforeState?: (state: RunState) => Promise<void>;
  /** How long the final state is reported again and again; a minute by default. */
  readonly endLimitMs?: number;
}

/** The final state of a run is not known to have reached the API. */
export class UnconfirmedEnd extends Error {
  override readonly name = "UnconfirmedEnd";
  /** Whether a request was not answered, so that the API may still process it. */
  readonly isPending: boolean;

  constructor(message: string, isPending: boolean) {
    super(message);
    this.isPending = isPending;
  }
}

const PAUSE_MS = 500;
const END_LIMIT_MS = 60_000;
const END_PAUSE_MS = 1000;

export function trackProgress(options: TrackProgressOptions): RunProgress {
  const { api, runId, print, stop, finalSignal, beforeState, endLimitMs = END_LIMIT_MS } = options;
  const lines: string[] = [];
  const unsent: object[] = [];
  let current: RunState = "STARTED";
  let saidAt = 0;

  async function report(state: RunState, message: string, signal = stop): Promise<void> {
    saidAt = Date.now();
    await api("PUT", `/v1/docker/runs/${runId}`, { body: { state, ts: saidAt, message }, signal });
  }

  /** Lines that can't be sent now are sent with the next one: a log is not worth a run. */
  async function log(level: LogLevel, message: string, signal = stop): Promise<void> {
    const ts = Date.now();
    const line = `${new Date(ts).toISOString()} ${level} ${current}: ${message}`;
    lines.push(line);
    print(line);
    unsent.push({ ts, level, group: "worker", msg: message, state: current });
    const batch = [...unsent];
    await unlessStopped(signal, async () => {
      await api("PUT", `/v1/docker/runs/${runId}/logs`, { body: batch, signal });
      unsent.splice(0, batch.length);
    });
  }

  async function reportEnd(state: EndState, message: string): Promise<void> {
    const startedAt = Date.now();
    for (;;) {
      try {
        await report(state, message, finalSignal);
        return;
      } catch (error) {
        const { status, message: why } = error instanceof ApiError ? error : new ApiError(0, String(error));
        const isFinal = finalSignal.aborted || (status >= 400 && status < 500 && status !== 408 && status !== 429);
        if (isFinal || Date.now() - startedAt >= endLimitMs) {
          throw new UnconfirmedEnd(`Lightly's API did not confirm that run ${runId} is ${state}: ${why}`, status === 0);
        }
      }
      await sleep(END_PAUSE_MS, undefined, { signal: finalSignal }).catch(() => {});
    }
  }

  return {
    async enter(state, message) {
      await beforeState?.(state);
      current = state;
      await log("INFO", message);
      await report(state, message);
    },
    async end(state, message, afterLog) {
      current = state;
      await log(state === "COMPLETED" ? "INFO" : "ERROR", message, finalSignal).catch(() => {});
      // The end of the run matters more than its log.
      await afterLog?.().catch(() => {});
      await reportEnd(state, message);
    },
    async say(message) {
      if (Date.now() - saidAt >= PAUSE_MS) {
        await unlessStopped(stop, () => report(current, message));
      }
    },
    log: (level, message) => log(level, message),
    lines: () => lines,
  };
}

/** Ignores refusals and missing responses of the API, but not the stop of the worker. */
async function unlessStopped(signal: AbortSignal, send: () => Promise<void>): Promise<void> {
  await send().catch((error: unknown) => {
    if (signal.aborted) {
      throw error;
    }
  });
}
