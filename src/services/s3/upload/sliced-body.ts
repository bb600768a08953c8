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
  return copyRequest(request, { body: Readable.from(slices(body)) });
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES) {
    yield bytes.subarray(start, start + SLICE_BYTES);
  }
}
