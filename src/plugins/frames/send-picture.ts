import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { UrlStream } from "../../services/http/url-stream.ts";
import type { KnownFrame } from "./run-frames.ts";
import { takeTurn } from "./turns.ts";

/** What {@link sendPicture} takes. */
export interface PictureRequest {
  readonly frame: KnownFrame;
  readonly kind: "thumbnail" | "picture";
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
}

const MOST_BYTES = { thumbnail: 4 * 2 ** 20, picture: 64 * 2 ** 20 } as const;
/** No SVG: it may hold scripts. */
const PICTURE = /^image\/(png|jpeg|webp|gif|bmp|avif)\b/i;
/** Where no thumbnail was made, some stores say that there is none, and others that nobody may look. */
const NO_THUMBNAIL = new Set(["SOURCE_NOT_FOUND", "SOURCE_UNREADABLE", "LIGHTLY_REQUEST_REFUSED"]);

/**
 * Answers a frame's picture or thumbnail, streamed from where Lightly keeps it, to be kept by the browser for a day: pictures of a
 * sample stay the same.
 *
 * @throws PipelineError `SOURCE_*`, `LIGHTLY_*`, `ABORTED`
 */
export async function sendPicture(o: PictureRequest): Promise<void> {
  const { frame, kind, request, response, signal } = o;
  const etag = `"${createHash("sha256").update(`${frame.datasetId}/${frame.fileName}/${kind}`).digest("base64url")}"`;
  response.set({
    "cache-control": "private, max-age=86400",
    vary: "Authorization",
    etag,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });
  if (request.get("if-none-match") === etag) {
    response.status(304).end();
    return;
  }
  // The pictures of a long list are asked for at once, and Lightly limits the rate of requests.
  const release = await takeTurn(signal);
  try {
    await send(await openPicture(o), o);
  } catch (error) {
    if (!response.headersSent) {
      response.removeHeader("etag");
      response.set("cache-control", "no-store");
    }
    throw error;
  } finally {
    release();
  }
}

async function openPicture({ frame, kind, signal }: PictureRequest): Promise<UrlStream> {
  if (kind === "picture") {
    return openRendition(frame, "full", signal);
  }
  return openRendition(frame, "thumbnail", signal).catch((error: unknown) => {
    if (error instanceof PipelineError && NO_THUMBNAIL.has(error.code)) {
      return openRendition(frame, "full", signal);
    }
    throw error;
  });
}

async function openRendition(frame: KnownFrame, type: "full" | "thumbnail", signal: AbortSignal): Promise<UrlStream> {
  const { sampleIdOf, sampleReadUrl } = await import("../../services/lightly/sample-picture.ts");
  const { parseSourceUrl } = await import("../../services/http/source-url.ts");
  const { openUrlStream } = await import("../../services/http/url-stream.ts");
  const { client, datasetId, fileName } = frame;
  const sampleId = frame.sampleId ?? (await sampleIdOf({ client, datasetId, fileName, signal }));
  if (sampleId === undefined) {
    throw new PipelineError("SOURCE_NOT_FOUND", `The dataset has no sample "${fileName}" any more.`);
  }
  const url = await sampleReadUrl({ client, datasetId, sampleId, type, signal });
  return openUrlStream({ url: parseSourceUrl(url), signal });
}

async function send(source: UrlStream, { frame, kind, response, signal }: PictureRequest): Promise<void> {
  try {
    const type = await pictureType(source.contentType, frame.fileName);
    const { totalBytes } = source;
    const mostBytes = MOST_BYTES[kind];
    if (totalBytes !== undefined && totalBytes > mostBytes) {
      throw tooLarge(frame, mostBytes);
    }
    response.set("content-type", type);
    if (totalBytes !== undefined) {
      response.set("content-length", String(totalBytes));
    }
    await pipeline(Readable.from(upTo(mostBytes, source, frame), { objectMode: false }), response, { signal });
  } finally {
    source.close();
  }
}

async function pictureType(told: string | undefined, fileName: string): Promise<string> {
  const { contentTypeOf } = await import("../../services/s3/content-type.ts");
  const type = [told, contentTypeOf(fileName)].find((candidate) => PICTURE.test(candidate ?? ""));
  if (type === undefined) {
    throw new PipelineError("SOURCE_NOT_MEDIA", `"${fileName}" is no picture that a browser shows.`);
  }
  return type;
}

async function* upTo(mostBytes: number, source: UrlStream, frame: KnownFrame): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source.chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw tooLarge(frame, mostBytes);
    }
    yield chunk;
  }
}

function tooLarge({ fileName }: KnownFrame, mostBytes: number): PipelineError {
  return new PipelineError("SOURCE_REFUSED", `"${fileName}" is larger than ${mostBytes / 2 ** 20} MiB.`);
}
