import { PipelineError } from "../../errors/pipeline-error.ts";
import { isObjectUri } from "../../services/s3/object/parse-uri.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { allowedFolders } from "../shared/allowed-folders.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { reportRegion } from "../shared/report-region.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import type { Video } from "./video-message.ts";

/** Each video is a step with its message in the run's record, and an array job of AWS Batch has as many children. */
const MAX_VIDEOS = 10_000;

/**
 * Lists the videos that the form describes, in the order of their names.
 *
 * @throws PipelineError `INPUT_INVALID` for more than 10,000 without `maxVideos`; `SOURCE_*` (a folder), `S3_*` and `AWS_*` (a bucket), `ABORTED`
 */
export async function listVideos(red: NodeAPI, def: StepDef, context: StepContext): Promise<Video[]> {
  const { kind, maxVideos } = await context.inputs.read(fields, "kind", "maxVideos");
  const wanted = maxVideos ?? MAX_VIDEOS + 1;
  const lists = { folder: listFolder, s3: listPrefix, list: listGiven };
  const videos = (await lists[kind](red, def, context, wanted)).slice(0, wanted);
  if (videos.length > MAX_VIDEOS) {
    throw new PipelineError(
      "INPUT_INVALID",
      `There are more than ${MAX_VIDEOS} videos, and a run processes at most that many. Set "Max. videos", a pattern, or a folder with fewer.`,
      { details: { maxVideos: MAX_VIDEOS } },
    );
  }
  if (videos.length === 0) {
    const { pattern } = await context.inputs.read(fields, "pattern");
    const why = pattern === undefined ? "There are no videos" : `No name matches the pattern ${pattern}`;
    context.warn(`${why}: nothing is sent by the first output.`);
  }
  return videos;
}

async function listFolder(red: NodeAPI, _def: StepDef, context: StepContext, max: number): Promise<Video[]> {
  const { inputs, signal, warn } = context;
  const options = await inputs.read(fields, "folder", "pattern", "recursive");
  const { listFiles } = await import("../../services/videos/list-files.ts");
  const paths = await listFiles({ ...options, allowed: allowedFolders(red), max, onSkipped: warn, signal });
  return paths.map((path) => ({ path }));
}

async function listPrefix(red: NodeAPI, def: StepDef, context: StepContext, max: number): Promise<Video[]> {
  const { inputs, signal, warn } = context;
  const { bucket, prefix, pattern, recursive } = await inputs.read(fields, "bucket", "prefix", "pattern", "recursive");
  const s3 = await (await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients()).s3();
  const { listObjects } = await import("../../services/s3/listing/list-objects.ts");
  const { wantedBy } = await import("../../services/videos/wanted-by.ts");
  const found = await listObjects({
    ...{ s3, bucket, folder: prefix, recursive, max, signal },
    isWanted: wantedBy(pattern),
  }).finally(() => reportRegion(warn, s3, bucket));
  return found.map(({ key, bytes, etag }) => ({ uri: `s3://${bucket}/${key}`, bytes, etag }));
}

async function listGiven(_red: NodeAPI, _def: StepDef, { inputs }: StepContext): Promise<Video[]> {
  const { list } = await inputs.read(fields, "list");
  return list.map((text) => {
    if (/^https?:\/\//i.test(text)) {
      return { url: text };
    }
    return isObjectUri(text) ? { uri: text } : { path: text };
  });
}
