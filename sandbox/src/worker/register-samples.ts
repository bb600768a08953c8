import { readFile } from "node:fs/promises";
import { extensionOf } from "../media/extensions.ts";
import type { LightlyApi } from "./lightly-api.ts";
import { fetchSigned } from "./signed-url.ts";

/** A registered sample. */
export interface StoredSample {
  readonly id: string;
  readonly fileName: string;
}

/** A selected frame that will be registered as a sample. */
export interface NewSample {
  readonly fileName: string;
  readonly metaData: Readonly<Record<string, unknown>>;
  readonly videoFrameData?: Readonly<Record<string, unknown>>;
  /** Pictures on disk; `full` is absent when the datasource already contains the picture. */
  readonly files: { readonly full?: string; readonly thumb: string };
}

interface WriteUrls {
  readonly full: string;
  readonly thumb: string;
}

const PAGE = 5000;
const UPLOADS_AT_A_TIME = 4;

/** Every sample of a dataset, in the order of the bits of its tags. */
export async function listSamples(api: LightlyApi, datasetId: string): Promise<StoredSample[]> {
  const samples: StoredSample[] = [];
  for (;;) {
    const page = await api<StoredSample[]>("GET", `/v1/datasets/${datasetId}/samples`, {
      query: { sortBy: "index", pageSize: PAGE, pageOffset: samples.length },
    });
    samples.push(...page);
    if (page.length < PAGE) {
      return samples;
    }
  }
}

/**
 * Registers samples and writes their pictures to the LIGHTLY datasource. An existing sample with the same name
 * keeps its index and gets the new picture and measurements.
 *
 * @param onStored - receives the number of stored samples after each one
 * @returns the samples' ids, in the order given
 */
export async function storeSamples(
  api: LightlyApi,
  datasetId: string,
  samples: readonly NewSample[],
  known: readonly StoredSample[],
  signal: AbortSignal,
  onStored: (done: number) => Promise<void>,
): Promise<string[]> {
  const idOf = new Map(known.map(({ id, fileName }) => [fileName, id]));
  const ids: string[] = [];
  const uploads = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const [index, sample] of samples.entries()) {
    // In sequence, so that the bits of the tags follow the order of the frames; only the bytes are uploaded concurrently.
    const { id, urls } = await register(api, datasetId, sample, idOf.get(sample.fileName));
    ids.push(id);
    // Stored instead of rejected: this promise may not be awaited yet when it fails.
    const upload = putFiles(sample, urls, signal)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => uploads.delete(upload));
    uploads.add(upload);
    if (uploads.size >= UPLOADS_AT_A_TIME) {
      await Promise.race(uploads);
    }
    if (failures.length > 0) {
      break;
    }
    await onStored(index + 1);
  }
  await Promise.all(uploads);
  if (failures.length > 0) {
    throw failures[0];
  }
  return ids;
}

async function register(
  api: LightlyApi,
  datasetId: string,
  { fileName, metaData, videoFrameData }: NewSample,
  knownId: string | undefined,
): Promise<{ id: string; urls: WriteUrls }> {
  const path = `/v1/datasets/${datasetId}/samples`;
  if (knownId !== undefined) {
    await api("PUT", `${path}/${knownId}`, { body: { metaData } });
    return { id: knownId, urls: await api<WriteUrls>("GET", `${path}/${knownId}/writeurls`) };
  }
  const body = { fileName, metaData, ...(videoFrameData === undefined ? {} : { videoFrameData }) };
  const { id, sampleWriteUrls } = await api<{ id: string; sampleWriteUrls: WriteUrls }>(
    "POST",
    `${path}/withWriteUrls`,
    {
      body,
    },
  );
  return { id, urls: sampleWriteUrls };
}

async function putFiles({ fileName, files }: NewSample, urls: WriteUrls, signal: AbortSignal): Promise<void> {
  await putFile(urls.thumb, files.thumb, `the thumbnail of ${fileName}`, signal);
  if (files.full !== undefined) {
    await putFile(urls.full, files.full, fileName, signal);
  }
}

async function putFile(url: string, path: string, what: string, signal: AbortSignal): Promise<void> {
  const type = `image/${extensionOf(path).replace(/^jpg$/, "jpeg").replace(/^tif$/, "tiff")}`;
  await putBytes(url, await readFile(path), type, what, signal);
}

/**
 * Writes bytes to a signed URL.
 *
 * @throws Error that names the file, never the URL
 */
export async function putBytes(
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const headers = { "content-type": type };
  const init = { method: "PUT", body: bytes, headers, signal };
  const response = await fetchSigned(url, `${what} can't be written to the datasource`, init);
  await response.body?.cancel();
}
