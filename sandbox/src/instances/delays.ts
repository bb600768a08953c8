/** How long things take in the sandbox, in milliseconds. */
export interface Delays {
  /** `pending` to `running`. */
  startMs: number;
  /** `running` until the SSM agent is `Online`. */
  onlineMs: number;
  /** `stopping` to `stopped`, and `shutting-down` to `terminated`; meanwhile processes may end by themselves. */
  stopMs: number;
  /** A command from `Pending` to `InProgress`. */
  deliveryMs: number;
  /** How often the worker looks for work. */
  workerPollMs: number;
  /** A second of every time limit given in seconds or minutes (`executionTimeout`, `shutdown -h +5`); 1000 unless a test hurries. */
  secondMs: number;
}

/** Short enough for a demo, long enough for every state to be seen. */
export const DEFAULT_DELAYS: Readonly<Delays> = {
  startMs: 1500,
  onlineMs: 1500,
  stopMs: 800,
  deliveryMs: 200,
  workerPollMs: 500,
  secondMs: 1000,
};

/** The longest wait `setTimeout` takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that does not keep the process alive. */
export function after(ms: number, action: () => void): NodeJS.Timeout {
  return setTimeout(action, Math.min(Math.max(ms, 0), MAX_TIMER_MS)).unref();
}
