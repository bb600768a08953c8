import { PipelineError } from "../../errors/pipeline-error.ts";
import { arrayOf, object } from "../lightly/validation/container-rules.ts";
import { parseJson } from "../lightly/validation/parse-json.ts";
import type { Infer } from "../lightly/validation/schema-rule.ts";
import { integer, number, oneOf, orNull, string } from "../lightly/validation/value-rules.ts";
import { type StudioRequest, studioObjects } from "./studio-request.ts";

const text = string();
const count = integer({ min: 0 });
const extensible = { otherKeys: "ignored" } as const;

const FRAME = object(
  {
    /** URI of the video. */
    video: text,
    /** Its number in the video, from 0. */
    frame: count,
    /** Since the start of the video; -1 if the video does not say. */
    seconds: number(),
    /** URI of the picture. */
    uri: text,
    /** 0 to 2: to the nearest frame that was selected before it, earlier runs included. `null` for the very first one. */
    distance: orNull(number()),
  },
  { pts: integer(), sharpness: number(), luminance: number() },
  extensible,
);

const MANIFEST = object(
  {
    version: oneOf([1]),
    runId: text,
    dataset: text,
    counts: object(
      { videos: count, broken: count, frames: count, selectedBefore: count, selected: count },
      {},
      extensible,
    ),
    /** In the order of selection. */
    frames: arrayOf(FRAME),
    /** Videos that could not be decoded. */
    broken: arrayOf(object({ uri: text, reason: text }, {}, extensible)),
    /** What else is worth knowing about a video. */
    notes: arrayOf(object({ uri: text, note: text }, {}, extensible)),
  },
  { database: text, phases: arrayOf(object({ phase: text, at: number() }, {}, extensible)) },
  extensible,
);

/** The record of what a run selected: `manifest.json`. */
export type StudioManifest = Infer<typeof MANIFEST>;

/**
 * Reads the manifest of a run.
 *
 * @param content - of the object
 * @throws PipelineError `STUDIO_MANIFEST_INVALID`, including when a picture is outside of the run's folder
 */
export function readManifest(content: string, request: Pick<StudioRequest, "output" | "runId">): StudioManifest {
  const { folder, manifest: uri } = studioObjects(request);
  const code = "STUDIO_MANIFEST_INVALID";
  const manifest = parseJson(content, { rule: MANIFEST, code, what: `The manifest ${uri}` });
  const stranger = manifest.frames.find((frame) => !frame.uri.startsWith(`${folder}/`));
  if (manifest.runId !== request.runId || stranger !== undefined) {
    const fault =
      stranger === undefined ? `is of the run ${manifest.runId}` : `names ${stranger.uri}, outside of the run`;
    throw new PipelineError(code, `The manifest ${uri} ${fault}. Delete it and run the step again.`);
  }
  return manifest;
}
