import { PipelineError } from "../../errors/pipeline-error.ts";
import { parseS3Uri } from "../s3/object/parse-uri.ts";
import type { StudioRunLocation } from "./run-location.ts";
import type { StudioManifest } from "./studio-manifest.ts";
import { studioObjects } from "./studio-request.ts";

/** A picture that the script has exported. */
export interface StudioPicture {
  readonly bucket: string;
  readonly key: string;
  /** Its path below the folder of the pictures. */
  readonly fileName: string;
}

const PICTURE = /\.(?:png|jpe?g|webp)$/i;

/**
 * Returns the pictures of a manifest's frames, by their index. The manifest names their locations, but the user's AWS account reads them: so
 * each must be a picture below `frames/` in the folder of the run.
 *
 * @throws PipelineError `STUDIO_MANIFEST_INVALID`
 */
export function studioPictures(manifest: StudioManifest, location: StudioRunLocation): StudioPicture[] {
  const { folder, manifest: uri } = studioObjects(location);
  const start = `${folder}/frames/`;
  const seen = new Set<string>();
  return manifest.frames.map((frame) => {
    const fileName = frame.uri.startsWith(start) ? frame.uri.slice(start.length) : "";
    const object = parseS3Uri(frame.uri);
    // A store that keeps objects as files may resolve these segments.
    const isPlain = fileName.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
    if (object === undefined || !isPlain || !PICTURE.test(fileName) || seen.has(fileName)) {
      const fault = seen.has(fileName) ? "names a picture twice" : "names a picture outside of the run's folder";
      throw new PipelineError(
        "STUDIO_MANIFEST_INVALID",
        `The manifest ${uri} ${fault}: ${frame.uri.slice(0, 300)}. Delete it and run the step again.`,
      );
    }
    seen.add(fileName);
    return { ...object, fileName };
  });
}
