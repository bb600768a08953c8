/**
 * The part of S3 that an upload needs, without storage: it counts the bytes of an object and discards them. So it can be given 50 GiB, and it
 * takes less time than a client, which shows the client's own limit. It has the limits of S3: 10,000 parts of 5 MiB or more, except the last
 * one, which together have the announced size. With `CONNECTION_MIB_PER_S` it reads so much per second from each connection, as a network allows.
 * Started like `byte-server.ts`.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { report } from "./report-port.ts";

const MIN_PART_BYTES = 5 * 2 ** 20;
const MAX_PARTS = 10_000;
const BYTES_PER_S = Number(process.env.CONNECTION_MIB_PER_S ?? Number.POSITIVE_INFINITY) * 2 ** 20;

/** The number of bytes of each object. */
const stored = new Map<string, number>();
/** The number of bytes of each part of the multipart upload to a path. */
const parts = new Map<string, Map<number, number>>();

async function lengthOf(request: IncomingMessage): Promise<number> {
  const startedAt = performance.now();
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    const dueMs = (1000 * bytes) / BYTES_PER_S - (performance.now() - startedAt);
    // A timer for each chunk would be late.
    if (dueMs > 10) {
      await pause(dueMs);
    }
  }
  return bytes;
}

function confirm(request: IncomingMessage, response: ServerResponse): void {
  const checksum = request.headers["x-amz-checksum-crc32"];
  response.setHeader("etag", '"discarded"');
  if (checksum !== undefined) {
    response.setHeader("x-amz-checksum-crc32", checksum);
  }
  response.end();
}

/** Completes a multipart upload. Returns the code of S3 if it is not within its limits. */
function complete(path: string, announcedBytes: string | string[] | undefined): string | undefined {
  const sizes = [...(parts.get(path) ?? [])].sort(([one], [other]) => one - other).map(([, bytes]) => bytes);
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  parts.delete(path);
  stored.set(path, total);
  if (sizes.length > MAX_PARTS) {
    return "InvalidArgument";
  }
  if (announcedBytes !== undefined && Number(announcedBytes) !== total) {
    return "InvalidRequest";
  }
  return sizes.slice(0, -1).some((bytes) => bytes < MIN_PART_BYTES) ? "EntityTooSmall" : undefined;
}

const answer: RequestListener = async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://store");
  const bytes = await lengthOf(request);
  const isUpload = searchParams.has("uploadId");
  if (request.method === "POST" && isUpload) {
    const refusal = complete(pathname, request.headers["x-amz-mp-object-size"]);
    response.writeHead(refusal === undefined ? 200 : 400, { "content-type": "application/xml" });
    response.end(
      refusal === undefined
        ? "<CompleteMultipartUploadResult><ETag>discarded</ETag></CompleteMultipartUploadResult>"
        : `<Error><Code>${refusal}</Code></Error>`,
    );
  } else if (request.method === "POST") {
    parts.set(pathname, new Map());
    response
      .setHeader("content-type", "application/xml")
      .end("<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>");
  } else if (request.method === "PUT") {
    if (isUpload) {
      parts.get(pathname)?.set(Number(searchParams.get("partNumber")), bytes);
    } else {
      stored.set(pathname, bytes);
    }
    confirm(request, response);
  } else if (request.method === "HEAD" && stored.has(pathname)) {
    response.writeHead(200, { etag: '"discarded"', "content-length": stored.get(pathname) }).end();
  } else {
    stored.delete(pathname);
    response.writeHead(request.method === "DELETE" ? 204 : 404).end();
  }
};
report(answer);
