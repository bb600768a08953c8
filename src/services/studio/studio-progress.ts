/** The phases of the script, in their order. */
export const STUDIO_PHASES = [
  "install",
  "wait",
  "start",
  "index",
  "select",
  "export",
  "save",
  "done",
  "failed",
] as const;

export type StudioPhase = (typeof STUDIO_PHASES)[number];

/** What the script does now. */
export interface StudioProgress {
  readonly phase: StudioPhase;
  readonly done: number;
  readonly of: number;
  /** Frames read so far. */
  readonly frames?: number;
  /** Frames read of the current video. */
  readonly videoFrames?: number;
  /** The expected number, according to the header of the video; absent if it is unknown. */
  readonly videoOf?: number;
  /** What the installation has written so far. */
  readonly megabytes?: number;
  /** Videos that could not be decoded. */
  readonly broken?: number;
  /** The phases so far, each with its begin in milliseconds since 1970 on the clock of the instance. */
  readonly phases?: ReadonlyArray<{ readonly name: StudioPhase; readonly startedAt: number }>;
  /** When a lease of another run ends, which the script waits for, in milliseconds since 1970. */
  readonly until?: number;
  /** The reason of a failure, or of waiting. */
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
  const phase = phaseOf(value.phase);
  return phase === undefined
    ? undefined
    : {
        phase,
        done: countOf(value.done) ?? 0,
        of: countOf(value.of) ?? 0,
        ...optional("frames", countOf(value.frames)),
        ...optional("videoFrames", countOf(value.videoFrames)),
        ...optional("videoOf", countOf(value.videoOf)),
        ...optional("megabytes", countOf(value.megabytes)),
        ...optional("broken", countOf(value.broken)),
        ...optional("until", inMilliseconds(countOf(value.until))),
        ...optional("phases", readPhases(value.phases)),
        ...optional("message", typeof value.message === "string" ? value.message : undefined),
      };
}

function phaseOf(value: unknown): StudioPhase | undefined {
  return STUDIO_PHASES.find((known) => known === value);
}

/** Reads the phases of progress or manifest. */
export function readPhases(value: unknown): StudioProgress["phases"] {
  return Array.isArray(value)
    ? value.flatMap((entry: unknown) => {
        const { phase, at } = Object(entry) as { phase?: unknown; at?: unknown };
        const [name, startedAt] = [phaseOf(phase), inMilliseconds(countOf(at))];
        return name === undefined || startedAt === undefined ? [] : [{ name, startedAt }];
      })
    : undefined;
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
