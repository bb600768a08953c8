/** The phases of the script, in their order. */
export const STUDIO_PHASES = ["install", "start", "index", "select", "export", "save", "done", "failed"] as const;

/** What the script does now. */
export interface StudioProgress {
  readonly phase: (typeof STUDIO_PHASES)[number];
  readonly done: number;
  readonly of: number;
  /** Frames read so far. */
  readonly frames?: number;
  /** Videos that could not be decoded. */
  readonly broken?: number;
  /** The reason of a failure. */
  readonly message?: string;
}

/** Reads `progress.json`, or a line of the script's output; `undefined` for anything else. */
export function readProgress(text: string): StudioProgress | undefined {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const phase = STUDIO_PHASES.find((known) => known === value.phase);
  return phase === undefined
    ? undefined
    : {
        phase,
        done: countOf(value.done) ?? 0,
        of: countOf(value.of) ?? 0,
        ...optional("frames", countOf(value.frames)),
        ...optional("broken", countOf(value.broken)),
        ...optional("message", typeof value.message === "string" ? value.message : undefined),
      };
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
