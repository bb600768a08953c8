/** The delays of the sandbox in milliseconds. */
export interface Delays {
  /** `pending` to `running`. */
  startMs: number;
  /** `running` until the SSM agent is `Online`. */
  onlineMs: number;
  /** `stopping` to `stopped`, and `shutting-down` to `terminated`; processes have this time to end. */
  stopMs: number;
  /** A command from `Pending` to `InProgress`. */
  deliveryMs: number;
  /** Poll interval of the worker. */
  workerPollMs: number;
  /** Batch's scheduler looks at its jobs this often. */
  scheduleMs: number;
  /** Pull of an image that an instance of Batch does not have yet. */
  pullMs: number;
  /** An instance of Batch without a job is kept this long. */
  idleMs: number;
  /** A job that was submitted is not described and listed yet. */
  visibleMs: number;
  /** A line of a job's output is not in its log yet. */
  logMs: number;
  /** Duration of a second of every time limit in seconds or minutes (`executionTimeout`, `shutdown -h +5`); 1000 except in tests. */
  secondMs: number;
}

/** Short enough for a demo, long enough to see every state. */
export const DEFAULT_DELAYS: Readonly<Delays> = {
  startMs: 1500,
  onlineMs: 1500,
  stopMs: 800,
  deliveryMs: 200,
  workerPollMs: 500,
  scheduleMs: 200,
  pullMs: 500,
  idleMs: 3000,
  visibleMs: 0,
  logMs: 0,
  secondMs: 1000,
};

/** The maximum delay of `setTimeout`; a longer one would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that does not keep the process alive. */
export function after(ms: number, action: () => void): NodeJS.Timeout {
  return setTimeout(action, Math.min(Math.max(ms, 0), MAX_TIMER_MS)).unref();
}
