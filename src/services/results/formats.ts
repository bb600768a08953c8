import type { TaggedFrame } from "../lightly/frames/tagged-frames.ts";
import { parseFrameName } from "./parse-frame-name.ts";

/** What a spreadsheet takes for the beginning of a formula, also after a line break or in full width (OWASP: CSV injection). */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A list of frames that any spreadsheet reads (RFC 4180): one line each, with what Lightly, or else the name, tells of it. A name that a
 * spreadsheet would execute as a formula begins with an apostrophe there, as in a spreadsheet itself; every other one is as it is.
 */
export function framesAsCsv(frames: readonly TaggedFrame[]): string {
  const rows = frames.map((frame) => {
    const { video, frame: index } = placeOf(frame);
    return [frame.fileName, video, index, frame.timeSeconds];
  });
  return [["file_name", "video", "frame", "time_seconds"], ...rows]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");
}

function cell(value: string | number | undefined): string {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value ?? "");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A COCO file without annotations: what annotation tools take for a list of pictures. */
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
  }>;
  readonly annotations: readonly [];
  readonly categories: readonly [];
}

/** The frames as COCO lists pictures; sizes where Lightly knows them. */
export function framesAsCoco(frames: readonly TaggedFrame[], description: string): CocoImageList {
  return {
    info: { description },
    images: frames.map((frame, index) => ({
      id: index + 1,
      file_name: frame.fileName,
      ...(frame.width !== undefined && frame.height !== undefined && { width: frame.width, height: frame.height }),
      ...placeOf(frame),
      ...(frame.timeSeconds !== undefined && { time_seconds: frame.timeSeconds }),
    })),
    annotations: [],
    categories: [],
  };
}

/** A task as Label Studio imports it. */
export interface LabelStudioTask {
  readonly id: number;
  readonly data: {
    readonly image: string;
    readonly lightlyFileName: string;
    readonly video?: string;
    readonly frame?: number;
    readonly timeSeconds?: number;
  };
}

/**
 * The frames as tasks of Label Studio.
 *
 * @param imageOf - where Label Studio finds the picture of a frame
 */
export function framesAsTasks<T extends TaggedFrame>(
  frames: readonly T[],
  imageOf: (frame: T) => string,
): LabelStudioTask[] {
  return frames.map((frame, index) => ({
    id: index,
    data: {
      image: imageOf(frame),
      lightlyFileName: frame.fileName,
      ...placeOf(frame),
      ...(frame.timeSeconds !== undefined && { timeSeconds: frame.timeSeconds }),
    },
  }));
}

/** Video and number of a frame: by Lightly's metadata, else by its name. */
export function placeOf(frame: TaggedFrame): { video?: string; frame?: number } {
  if (frame.video === undefined) {
    return parseFrameName(frame.fileName);
  }
  return { video: frame.video, ...(frame.frame !== undefined && { frame: frame.frame }) };
}
