import {
  datasetToken,
  placeOf,
  requireDatasource,
  rootUri,
  signedReadUrl,
  signedWriteUrl,
} from "./datasource-access.ts";
import type { Datasource, Sample } from "./state/lightly-records.ts";
import type { World } from "./world.ts";

export type Rendition = "full" | "thumbnail";

const DEFAULT_THUMB_SUFFIX = ".lightly/thumbnails/[filename]_thumb.[extension]";

/**
 * The location of a sample's file: an image in the INPUT datasource, a frame or a crop under `.lightly/` in the LIGHTLY
 * datasource, and a thumbnail at the datasource's `thumbSuffix`.
 */
function sampleFile(world: World, sample: Sample, rendition: Rendition): { datasource: Datasource; path: string } {
  const isImage = sample.type === "IMAGE" && rendition === "full";
  const datasource = requireDatasource(world, sample.datasetId, isImage ? "INPUT" : "LIGHTLY");
  if (isImage) {
    return { datasource, path: sample.fileName };
  }
  if (rendition === "thumbnail") {
    const suffix = datasource.config.thumbSuffix ?? DEFAULT_THUMB_SUFFIX;
    return { datasource, path: thumbnailPath(suffix, sample) };
  }
  return { datasource, path: `.lightly/${sample.type === "CROP" ? "crops" : "frames"}/${sample.fileName}` };
}

function thumbnailPath(suffix: string, { fileName, thumbName }: Sample): string {
  if (thumbName !== undefined) {
    return `${suffix.slice(0, suffix.indexOf("[filename]"))}${thumbName}`;
  }
  const dot = fileName.lastIndexOf(".");
  const [name, extension] = dot <= 0 ? [fileName, ""] : [fileName.slice(0, dot), fileName.slice(dot + 1)];
  return suffix.replaceAll("[filename]", () => name).replaceAll("[extension]", () => extension);
}

export function sampleReadUrl(world: World, sample: Sample, rendition: Rendition, seconds?: number): string {
  const { datasource, path } = sampleFile(world, sample, rendition);
  return signedReadUrl(world, placeOf(datasource, path), seconds);
}

export function sampleWriteUrl(world: World, sample: Sample, rendition: Rendition): string {
  const { datasource, path } = sampleFile(world, sample, rendition);
  return signedWriteUrl(world, placeOf(datasource, path));
}

/** The full path in the datasource, e.g. `s3://bucket/prefix/car/green/frame0.png`. */
export function sampleUri(world: World, sample: Sample): string {
  const { datasource, path } = sampleFile(world, sample, "full");
  return `${rootUri(datasource)}${path}`;
}

/** A link to the sample that never expires. */
export function sampleRedirectedUrl(world: World, { datasetId, id }: Sample): string {
  const query = new URLSearchParams({ type: "full", publicToken: datasetToken(world, datasetId) });
  return `${world.publicUrl()}/v1/datasets/${datasetId}/samples/${id}/readurlRedirect?${query}`;
}
