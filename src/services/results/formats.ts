import { parseFrameName } from "./parse-frame-name.ts";
import type { SelectedFrame } from "./selected-frames.ts";

/** The characters with which a formula may start, including a line break or full-width characters (OWASP: CSV injection). */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * Formats frames as CSV (RFC 4180), one line each. Video and frame number come from the engine or from the name. A name that a spreadsheet
 * would execute as a formula gets a leading apostrophe; other names are not changed.
 *
 * @param options.withDistances - whether there is a column with the distance of each frame
 */
export function framesAsCsv(
  frames: readonly SelectedFrame[],
  { withDistances = false }: { readonly withDistances?: boolean } = {},
): string {
  const rows = frames.map((frame) => {
    const { video, frame: index } = positionOf(frame);
    return [frame.fileName, video, index, frame.timeSeconds, ...(withDistances ? [frame.distance] : [])];
  });
  return [["file_name", "video", "frame", "time_seconds", ...(withDistances ? ["distance"] : [])], ...rows]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");
}

function cell(value: string | number | undefined): string {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value ?? "");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A COCO file without annotations, which annotation tools import as a list of pictures. */
export interface CocoImageList {
  readonly info: { readonly description: string };
  readonly images: ReadonlyArray<{
    readonly id: number;
    readonly file_name: string;
    readonly width?: number;
    readonly height?: number;
    readonly video?: string;
    readonly frame?: number;
    readonly time_seconds?: number;
    readonly distance?: number;
  }>;
  readonly annotations: readonly [];
  readonly categories: readonly [];
}

/** Converts frames to COCO. Pictures have a size if the engine knows it. */
export function framesAsCoco(frames: readonly SelectedFrame[], description: string): CocoImageList {
  return {
    info: { description },
    images: frames.map((frame, index) => ({
      id: index + 1,
      file_name: frame.fileName,
      ...(frame.width !== undefined && frame.height !== undefined && { width: frame.width, height: frame.height }),
      ...positionOf(frame),
      ...(frame.timeSeconds !== undefined && { time_seconds: frame.timeSeconds }),
      ...(frame.distance !== undefined && { distance: frame.distance }),
    })),
    annotations: [],
    categories: [],
  };
}

/** A task in the import format of Label Studio. */
export interface LabelStudioTask {
  readonly id: number;
  readonly data: {
    readonly image: string;
    readonly lightlyFileName: string;
    readonly video?: string;
    readonly frame?: number;
    readonly timeSeconds?: number;
    readonly distance?: number;
  };
}

/**
 * Converts frames to tasks of Label Studio.
 *
 * @param imageOf - returns the URL of a frame for Label Studio
 */
export function framesAsTasks<T extends SelectedFrame>(
  frames: readonly T[],
  imageOf: (frame: T) => string,
): LabelStudioTask[] {
  return frames.map((frame, index) => ({
    id: index,
    data: {
      image: imageOf(frame),
      lightlyFileName: frame.fileName,
      ...positionOf(frame),
      ...(frame.timeSeconds !== undefined && { timeSeconds: frame.timeSeconds }),
      ...(frame.distance !== undefined && { distance: frame.distance }),
    },
  }));
}

/** Returns the video and number of a frame, from the engine's metadata or from its name. */
export function positionOf(frame: SelectedFrame): { video?: string; frame?: number } {
  if (frame.video === undefined) {
    return parseFrameName(frame.fileName);
  }
  return { video: frame.video, ...(frame.frame !== undefined && { frame: frame.frame }) };
}
