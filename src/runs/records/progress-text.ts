/** A text of the Runs view in the language of its user: a key of its catalogue, and the values in the text. */
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
