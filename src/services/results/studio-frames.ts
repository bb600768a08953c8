import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClients } from "../aws/clients/aws-clients.ts";
import { hostEntry } from "../http/guard/host-allowlist.ts";
import { presignObject } from "../s3/object/presign-object.ts";
import { openObject } from "../s3/object/read-object.ts";
import { readRunManifest } from "../studio/read-run-manifest.ts";
import type { StudioRunLocation } from "../studio/run-location.ts";
import type { StudioManifest } from "../studio/studio-manifest.ts";
import { type StudioPicture, studioPictures } from "../studio/studio-pictures.ts";
import { studioObjects } from "../studio/studio-request.ts";
import type { LinkedFrame, SelectedFrame, SelectedFrames } from "./selected-frames.ts";

const PAGE_SIZE = 500;

/** The frames of a run of LightlyStudio, and its manifest. */
export interface StudioFrames extends SelectedFrames {
  readonly manifest: StudioManifest;
}

/**
 * Reads the manifest of a run of LightlyStudio. Its pictures are read with the same account, and only below the folder of the run.
 *
 * @throws PipelineError `STUDIO_MANIFEST_INVALID`, `S3_*`, `AWS_*`, `ABORTED`
 */
export async function studioFrames(options: {
  readonly clients: AwsClients;
  readonly location: StudioRunLocation;
  readonly signal: AbortSignal;
}): Promise<StudioFrames> {
  const { clients, location } = options;
  const s3 = await clients.s3();
  const manifest = await readRunManifest({ s3, location, signal: options.signal });
  const pictures = studioPictures(manifest, location);
  const pictureOf = new Map(pictures.map((picture) => [picture.fileName, picture]));
  const frames = manifest.frames.map((frame, index) => selectedFrame(frame, pictures[index]?.fileName ?? ""));
  const { folder } = studioObjects(location);
  const urlOf = ({ bucket, key }: StudioPicture, expirySeconds: number) =>
    presignObject({ s3, bucket, key, expirySeconds });
  const [first] = pictures;
  return {
    manifest,
    id: folder,
    name: `${manifest.dataset}, ${location.runId}`,
    total: frames.length,
    sources: [`${folder}/frames/`],
    hasDistances: true,
    hasThumbnails: false,
    addresses: {
      // The account's own store may have an address that is not public.
      allow: first === undefined ? [] : hostEntry(await urlOf(first, 60)),
      through: await clients.connections(),
    },
    frames: async function* ({ signal }) {
      for (let start = 0; start < frames.length; start += PAGE_SIZE) {
        signal.throwIfAborted();
        yield frames.slice(start, start + PAGE_SIZE);
      }
    },
    readable: async function* ({ urlSeconds, withUris = false, signal }) {
      for (let start = 0; start < frames.length; start += PAGE_SIZE) {
        signal.throwIfAborted();
        yield await Promise.all(
          frames.slice(start, start + PAGE_SIZE).map(async (frame, index): Promise<LinkedFrame> => {
            const picture = pictures[start + index] as StudioPicture;
            const readUrl = await urlOf(picture, urlSeconds);
            return { ...frame, readUrl, ...(withUris && { uri: `s3://${picture.bucket}/${picture.key}` }) };
          }),
        );
      }
    },
    open: async ({ fileName }, { signal, ...limits }) => {
      const picture = pictureOf.get(fileName);
      const opened = picture && (await openObject({ s3, ...picture, signal }, limits));
      if (opened === undefined) {
        throw new PipelineError("SOURCE_NOT_FOUND", `The picture "${fileName}" is no longer in ${folder}.`);
      }
      return opened;
    },
  };
}

function selectedFrame(frame: StudioManifest["frames"][number], fileName: string): SelectedFrame {
  const { video, frame: index, seconds, distance } = frame;
  return {
    ...{ fileName, video, frame: index },
    // A video that does not say when its frames are shown has -1.
    ...(seconds >= 0 && { timeSeconds: seconds }),
    ...(distance !== null && { distance }),
  };
}
