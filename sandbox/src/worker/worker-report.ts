import type { EmbeddedFrames, Frame } from "./embed-inputs.ts";
import type { Selected } from "./selection/select-frames.ts";

/** The contents of the run's REPORT_JSON and REPORT_V2_JSON artifacts. The format is the sandbox's own: Lightly's is not published. */
export interface RunReport {
  readonly worker: string;
  readonly embedding: string;
  readonly datasetId: string;
  readonly runId: string;
  readonly tag: string | null;
  readonly framesSeen: number;
  readonly framesSelected: number;
  /** Frames of earlier runs that counted as selected. */
  readonly selectedBefore: number;
  /** Largest distance (0 to 2) of a remaining candidate to the nearest selected frame. */
  readonly largestGap: number;
  /** In the order of selection. */
  readonly selected: ReadonlyArray<{
    readonly fileName: string;
    readonly source: string;
    readonly frameIndex: number;
    readonly timestampSeconds: number;
    /** Distance to the nearest frame selected before it; `null` for the first one. */
    readonly distance: number | null;
    readonly sharpness: number;
    readonly luminance: number;
  }>;
  /** One entry per input, with the indices of its picks. */
  readonly inputs: ReadonlyArray<{
    readonly name: string;
    readonly frames: number;
    readonly durationSeconds: number;
    readonly selectedFrames: readonly number[];
  }>;
  /** Inputs that could not be decoded. */
  readonly broken: EmbeddedFrames["broken"];
}

const WORKER_DESCRIPTION =
  "The sandbox's stand-in for Lightly Worker: real decoding and selection on an image descriptor, without Lightly's models";

export function makeReport(
  origin: { datasetId: string; runId: string; tag: string | null; embedding: string; selectedBefore: number },
  { frames, broken }: EmbeddedFrames,
  { picks, largestGap }: Selected,
): RunReport {
  const chosen = picks.flatMap(({ index, distance }) => {
    const frame = frames[index];
    return frame === undefined ? [] : [{ frame, distance }];
  });
  return {
    worker: WORKER_DESCRIPTION,
    ...origin,
    framesSeen: frames.length,
    framesSelected: picks.length,
    largestGap,
    selected: chosen.map(({ frame, distance }) => ({
      fileName: frame.name,
      source: frame.input.name,
      frameIndex: frame.frameIndex,
      timestampSeconds: frame.timestampSeconds,
      distance,
      sharpness: frame.sharpness,
      luminance: frame.luminance,
    })),
    inputs: timelines(frames, new Set(chosen.map(({ frame }) => frame))),
    broken,
  };
}

function timelines(frames: readonly Frame[], chosen: ReadonlySet<Frame>): RunReport["inputs"] {
  return [...Map.groupBy(frames, ({ input }) => input.name)].map(([name, own]) => {
    const last = own.at(-1)?.timestampSeconds ?? 0;
    return {
      name,
      frames: own.length,
      // The last frame has the average duration of the others.
      durationSeconds: own.length > 1 ? (last * own.length) / (own.length - 1) : 0,
      selectedFrames: own.filter((frame) => chosen.has(frame)).map(({ frameIndex }) => frameIndex),
    };
  });
}
