/** The latest progress of a running step. */
export interface StepProgress {
  /** The state of what the step waits for, in the words of its service: `pending`, `EMBEDDING`, `InProgress`. */
  readonly state?: string;
  readonly message?: string;
  /** What the step does, in place of `state` and `message` where a person reads it. */
  readonly doing?: ProgressText<DoingKey>;
  /** How much is done. It changes often, so it is not in the log. */
  readonly counts?: ProgressText<CountKey>;
  readonly loadedBytes?: number;
  readonly totalBytes?: number;
  /** Of the last seconds. */
  readonly bytesPerSecond?: number;
}

/** A text of the Runs view in the language of its user: a key of its catalog, and the values in the text. */
export interface ProgressText<TKey extends string> {
  readonly key: TKey;
  readonly values: Readonly<Record<string, number>>;
}

/** What a step does: the keys under `doing` that steps name themselves. Other ones stand for states of services. */
export const DOING_KEYS = [
  ...(["queued", "checking", "capacity", "starting", "connecting", "online", "fetching"] as const),
  ...(["uploading", "readyEarly"] as const),
  ...([
    "jobSubmitted",
    "jobWaits",
    "jobLacksCapacity",
    "jobIsBlocked",
    "jobStarts",
    "jobRuns",
    "finalJobRuns",
  ] as const),
] as const;
export type DoingKey = (typeof DOING_KEYS)[number];

/** How much of it is done: the keys under `counts`. */
export const COUNT_KEYS = [
  "megabytes",
  "fromFrames",
  "frames",
  "videos",
  "framesOfVideo",
  "children",
  "failedChildren",
  "items",
  "failedItems",
] as const;
export type CountKey = (typeof COUNT_KEYS)[number];

/**
 * A state of a service as words: `SAVING_RESULTS` is `saving results`, `InProgress` is `in progress`, `pending` stays.
 *
 * Lightly, LightlyStudio and AWS Batch name states in upper case, Systems Manager in camel case, EC2 in words.
 */
export function plainState(state: string): string {
  const words = /^[A-Z_]+$/.test(state) ? state.replaceAll("_", " ") : state.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return words.toLowerCase();
}

/**
 * Formats a number of bytes: `0.5 MiB`, `12 MiB`, `1.4 GiB`.
 *
 * @param decimals - formats a number with one decimal, in the language of the reader
 */
export function formatBytes(bytes: number, decimals = (value: number): string => value.toFixed(1)): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  // From 0.1 of a unit on, since a file of 500 KiB reads better as 0.5 MiB beside others.
  while (value >= 102.4 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? decimals(value) : Math.round(value)} ${units[unit]}`;
}
