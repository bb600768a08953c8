/**
 * The part of S3 that an upload needs, without storage: it counts the bytes of an object and discards them. So it can be given 50 GiB, and it
 * takes less time than a client, which shows the client's own limit. Started like `byte-server.ts`.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { report } from "./report-port.ts";

const uploaded = new Map<string, number>();

async function lengthOf(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
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

const answer: RequestListener = async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://store");
  const bytes = await lengthOf(request);
  const isUpload = searchParams.has("uploadId");
  if (request.method === "POST") {
    const result = isUpload
      ? "<CompleteMultipartUploadResult><ETag>discarded</ETag></CompleteMultipartUploadResult>"
      : "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>";
    if (!isUpload) {
      uploaded.set(pathname, 0);
    }
    response.setHeader("content-type", "application/xml").end(result);
  } else if (request.method === "PUT") {
    uploaded.set(pathname, (isUpload ? (uploaded.get(pathname) ?? 0) : 0) + bytes);
    confirm(request, response);
  } else if (request.method === "HEAD" && uploaded.has(pathname)) {
    response.writeHead(200, { etag: '"discarded"', "content-length": uploaded.get(pathname) }).end();
  } else {
    uploaded.delete(pathname);
    response.writeHead(request.method === "DELETE" ? 204 : 404).end();
  }
};
report(answer);
