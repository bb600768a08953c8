import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import { Semaphore } from "../../concurrency/semaphore.ts";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { PictureStream } from "../../services/results/selected-frames.ts";
import { HEAD_BYTES, pictureType } from "./picture-type.ts";
import type { RunFrame } from "./run-frames.ts";

export interface SendPictureOptions {
  readonly frame: RunFrame;
  readonly kind: "thumbnail" | "picture";
  readonly request: Request;
  readonly response: Response;
  readonly signal: AbortSignal;
}

export interface OpenPictureOptions extends Pick<SendPictureOptions, "frame" | "kind" | "signal"> {
  /** The time to read all of it. Default 45 s. */
  readonly timeoutMs?: number;
}

/** A browser requests all pictures of a long list at the same time, and services limit the request rate. */
const pictures = new Semaphore(6);

const MAX_BYTES = { full: 64 * 2 ** 20, thumbnail: 4 * 2 ** 20 } as const;
/** Shorter than the time limit of the request, so that the error names this limit. */
const MAX_MS = 45_000;
/** The errors of storage services for a thumbnail that does not exist. Some deny access instead of reporting a missing object. */
const NO_THUMBNAIL = new Set(["SOURCE_NOT_FOUND", "SOURCE_UNREADABLE", "LIGHTLY_REQUEST_REFUSED"]);

/**
 * Streams the picture or thumbnail of a frame from its storage. Browsers may cache it for a day, because the pictures of a selection
 * don't change. Only files that start like a picture are sent, with the media type of their bytes: a page or script would otherwise run with
 * the origin of Node-RED.
 *
 * @throws PipelineError `SOURCE_*`, `LIGHTLY_*`, `S3_*`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function sendPicture(options: SendPictureOptions): Promise<void> {
  const { frame, kind, request, response, signal } = options;
  const etag = `"${createHash("sha256").update(`${frame.selection.id}/${frame.fileName}/${kind}`).digest("base64url")}"`;
  response.set({
    "cache-control": "private, max-age=86400",
    vary: "Authorization",
    etag,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
  });
  if (request.get("if-none-match") === etag) {
    response.status(304).end();
    return;
  }
  try {
    await pictures.run(async () => await send(await openPicture(options), options), signal);
  } catch (error) {
    if (!response.headersSent) {
      response.removeHeader("etag");
      response.set("cache-control", "no-store");
    }
    throw error;
  }
}

/**
 * Opens a picture or, if there is none of a small size, the full picture.
 *
 * @throws PipelineError `SOURCE_*`, `LIGHTLY_*`, `S3_*`, `AWS_*`, `TIMED_OUT`, `ABORTED`
 */
export async function openPicture({
  frame,
  kind,
  signal,
  timeoutMs = MAX_MS,
}: OpenPictureOptions): Promise<PictureStream> {
  const open = (size: "full" | "thumbnail"): Promise<PictureStream> =>
    frame.selection.open(frame, { size, maxBytes: MAX_BYTES[size], timeoutMs, signal });
  if (kind === "picture" || !frame.selection.hasThumbnails) {
    return open("full");
  }
  return open("thumbnail").catch((error: unknown) => {
    if (error instanceof PipelineError && NO_THUMBNAIL.has(error.code)) {
      return open("full");
    }
    throw error;
  });
}

async function send(source: PictureStream, { frame, response, signal }: SendPictureOptions): Promise<void> {
  try {
    const head = await headOf(source.chunks);
    const type = pictureType(head);
    if (type === undefined) {
      throw new PipelineError(
        "SOURCE_NOT_MEDIA",
        `"${frame.fileName}" is not a picture in a supported format (JPEG, PNG, GIF, WebP, AVIF, BMP).`,
      );
    }
    response.set("content-type", type);
    if (source.totalBytes !== undefined) {
      response.set("content-length", String(source.totalBytes));
    }
    await pipeline(Readable.from(all(head, source.chunks), { objectMode: false }), response, { signal });
  } finally {
    source.close();
  }
}

async function headOf(chunks: PictureStream["chunks"]): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done) {
      break;
    }
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* all(head: Buffer, rest: PictureStream["chunks"]): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}
