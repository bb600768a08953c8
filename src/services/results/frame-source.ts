import { PipelineError } from "../../errors/pipeline-error.ts";
import { datasourcePath } from "../lightly/datasets/datasource-config.ts";

/** The file types of pictures. */
const PICTURE = /\.(?:png|jpe?g|webp|bmp|gif|tiff?|avif)$/i;

/** The location of an object. */
export interface SourceObject {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Returns the object from which S3 may copy a frame. The Lightly server names the location, but the user's AWS account reads it. So the
 * location must be in a datasource that this run has set, and end with the name of the frame.
 *
 * @param uri - the location of the frame according to Lightly
 * @param datasources - the datasources of the run, as `s3://bucket/prefix`
 * @returns `undefined` if the location or the datasources are unknown
 * @throws PipelineError `FRAME_SOURCE_REFUSED`
 */
export function frameSource(
  { fileName, uri = "" }: { readonly fileName: string; readonly uri?: string },
  datasources: readonly string[],
): SourceObject | undefined {
  if (uri === "" || datasources.length === 0) {
    return undefined;
  }
  const folders = datasources.map((datasource) => datasourcePath("run's", datasource));
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  if (bucket === undefined || key === undefined || !folders.some((folder) => uri.startsWith(folder))) {
    throw refusedError(fileName, uri, `is not in a datasource of the run (${folders.join(", ")})`);
  }
  if (!`/${key}`.endsWith(`/${fileName}`) || !PICTURE.test(fileName)) {
    throw refusedError(fileName, uri, "is not a picture with that name");
  }
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw refusedError(fileName, uri, "contains . or .. as a folder");
  }
  return { bucket, key };
}

function refusedError(frame: string, uri: string, why: string): PipelineError {
  return new PipelineError(
    "FRAME_SOURCE_REFUSED",
    `Lightly says that the frame "${frame}" is at ${uri.slice(0, 300)}, which ${why}: it is not copied with your AWS account. Check the datasources of the dataset in Lightly, and the server URL of the Lightly account.`,
    { details: { frame, uri: uri.slice(0, 1000) } },
  );
}
