import { Readable } from "node:stream";
import { copyRequest } from "./copy-request.ts";

const SLICE_BYTES = 256 * 1024;

/** The part of the SDK's request that is used here. */
interface BodyRequest {
  readonly protocol: string;
  readonly body?: unknown;
}

/**
 * Returns the request with a body that is written in slices, if it goes over TLS: one write of a whole part makes OpenSSL hold an encrypted copy
 * of it, for each part in flight. Measured with three parts of 8 MiB: 23 MiB less memory, and 16 % faster.
 *
 * For the last step of the SDK, which sends one attempt: above it, a stream as the body would prevent signing, checksums and retries.
 */
export function sliced<R extends BodyRequest>(request: R): R {
  const { protocol, body } = request;
  if (protocol !== "https:" || !(body instanceof Uint8Array) || body.byteLength <= SLICE_BYTES) {
    return request;
  }
  return copyRequest(request, { body: slices(body) });
}

/** Not by `Readable.from`, which makes three promises of each slice. */
function slices(bytes: Uint8Array): Readable {
  let start = 0;
  return new Readable({
    highWaterMark: SLICE_BYTES,
    read() {
      this.push(start < bytes.byteLength ? bytes.subarray(start, start + SLICE_BYTES) : null);
      start += SLICE_BYTES;
    },
  });
}
