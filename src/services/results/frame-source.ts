import { PipelineError } from "../../errors/pipeline-error.ts";
import { datasourcePath } from "../lightly/datasets/datasource-config.ts";

/** What a frame's picture can end in, whatever wrote it. */
const PICTURE = /\.(?:png|jpe?g|webp|bmp|gif|tiff?|avif)$/i;

/** Where an object is. */
export interface SourceObject {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Where the account may copy a frame from. A Lightly server says where a frame is, but it is our account that reads there: what it names
 * counts only inside the datasources that we have set ourselves, and only if it is called as the frame is.
 *
 * @param uri - the frame's place as Lightly tells it
 * @param datasources - those of the run, as `s3://bucket/prefix`
 * @returns `undefined` when there is nothing to copy from: no place, or no datasource that we know
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
    throw refused(fileName, uri, `is not in a datasource of the run (${folders.join(", ")})`);
  }
  if (!`/${key}`.endsWith(`/${fileName}`) || !PICTURE.test(fileName)) {
    throw refused(fileName, uri, "is not a picture of that name");
  }
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw refused(fileName, uri, "has dots for a folder");
  }
  return { bucket, key };
}

function refused(frame: string, uri: string, why: string): PipelineError {
  return new PipelineError(
    "FRAME_SOURCE_REFUSED",
    `Lightly says that the frame "${frame}" is at ${uri.slice(0, 300)}, which ${why}: it is not copied with your AWS account. Check the datasources of the dataset in Lightly, and the server address of the Lightly account.`,
    { details: { frame, uri: uri.slice(0, 1000) } },
  );
}
