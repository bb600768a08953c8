import { PipelineError } from "../../errors/pipeline-error.ts";
import { parseS3Uri } from "../../services/s3/object/parse-uri.ts";
import type { Message } from "../shared/node-red.ts";

/** A file on this machine, a URL, or an object in S3. Length and ETag are known if it was listed. */
export type Video =
  | { readonly path: string }
  | { readonly url: string }
  | { readonly uri: string; readonly bytes?: number | undefined; readonly etag?: string | undefined };

/**
 * Puts a video on a message: a file or a URL as *pexels download* does, an object as *s3 upload* does.
 *
 * @throws PipelineError `SOURCE_EMPTY` for an object without bytes
 */
export function fillMessage(message: Message, video: Video): void {
  // A later step would take the video of the message that the source has received.
  delete message.filename;
  delete message.url;
  delete message.s3;
  if ("path" in video) {
    message.filename = video.path;
    message.payload = video.path;
    return;
  }
  if ("url" in video) {
    message.url = video.url;
    message.payload = video.url;
    return;
  }
  const { uri, bytes, etag } = video;
  if (bytes === 0) {
    throw new PipelineError("SOURCE_EMPTY", `The object ${uri} is empty. Check what has written it.`, {
      details: { uri },
    });
  }
  message.s3 = { ...parseS3Uri(uri), uri, ...(bytes !== undefined && { bytes }), ...(etag !== undefined && { etag }) };
  message.payload = uri;
}
