import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsFault } from "./aws-fault.ts";
import { type ChunkSigner, decodeChunks } from "./chunked-payload.ts";
import { UNSIGNED_PAYLOAD } from "./signature-v4.ts";

/** A request's body, unframed. */
export interface Payload {
  /** Number of bytes that the sender announced, if it did. */
  readonly length: number | undefined;
  /** The bytes as they arrive; readable once. Fails, at the latest at the end, when they differ from what was signed or announced. */
  chunks(): AsyncGenerator<Buffer, void>;
  /** The trailers, complete once {@link chunks} has ended. */
  readonly trailers: ReadonlyMap<string, string>;
  /** Names of the trailers that the sender announced, lower case. */
  readonly announcedTrailers: readonly string[];
}

const STREAMING = {
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { signed: false, trailer: true },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { signed: true, trailer: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { signed: true, trailer: true },
} as const;

/** The body of a request whose signature covers `payloadHash`: a hex SHA-256, or a keyword for its framing. */
export function readPayload(message: IncomingMessage, payloadHash: string, signer: ChunkSigner): Payload {
  const trailers = new Map<string, string>();
  const announced = message.headers["x-amz-trailer"];
  const announcedTrailers = (Array.isArray(announced) ? announced.join(",") : (announced ?? ""))
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const streaming = Object.entries(STREAMING).find(([word]) => word === payloadHash)?.[1];
  // An early end must not destroy the socket: the error response is still written to it.
  const wire = () => message.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  if (streaming !== undefined) {
    const length = readLength(message.headers["x-amz-decoded-content-length"]);
    if (length === undefined) {
      throw new AwsFault("MissingContentLength", 411, "You must provide the x-amz-decoded-content-length HTTP header.");
    }
    const options = { ...streaming, length, trailers, signer };
    return { length, trailers, announcedTrailers, chunks: () => decodeChunks(wire(), options) };
  }
  if (payloadHash !== UNSIGNED_PAYLOAD && !/^[0-9a-f]{64}$/.test(payloadHash)) {
    throw new AwsFault(
      "InvalidArgument",
      400,
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256.",
    );
  }
  const length = readLength(message.headers["content-length"]);
  return { length, trailers, announcedTrailers, chunks: () => checkHash(wire(), payloadHash) };
}

function readLength(text: string | string[] | undefined): number | undefined {
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}

async function* checkHash(wire: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer, void> {
  if (expected === UNSIGNED_PAYLOAD) {
    yield* wire;
    return;
  }
  const hash = createHash("sha256");
  for await (const chunk of wire) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest("hex");
  if (actual !== expected) {
    throw new AwsFault(
      "XAmzContentSHA256Mismatch",
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual },
    );
  }
}

/** Collects a body of at most `limit` bytes. */
export async function collect(chunks: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw new AwsFault("RequestEntityTooLarge", 413, `The body of this request may have ${limit} bytes at most.`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
