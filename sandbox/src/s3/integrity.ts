import { createHash } from "node:crypto";
import { AwsFault } from "../aws/aws-fault.ts";
import { headerText } from "../aws/request-signature.ts";
import { type Algorithm, checksumHeader, readAlgorithm, startChecksum } from "./checksums.ts";
import type { Received } from "./receive.ts";
import type { S3Call } from "./s3-call.ts";

/** Headers that start like a checksum header but are not one. */
const NO_CHECKSUMS = new Set(["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"]);

/** The digests that a sender gives for its body. */
export interface Integrity {
  /** base64 */
  readonly md5?: string;
  readonly algorithm?: Algorithm;
  /** base64; a trailer's is known once the body has been read */
  checksum(): string | undefined;
}

/**
 * Reads `Content-MD5` and the checksum of a request, be it in a header or announced as a trailer. Checksums in the query
 * of a presigned URL are ignored: signers compute them over an empty body.
 *
 * @throws AwsFault `InvalidDigest`, `InvalidRequest`, `NotImplemented`
 */
export function readIntegrity(call: S3Call): Integrity {
  const { message, payload } = call.request;
  const md5 = headerText(message, "content-md5");
  if (md5 !== undefined && !isBase64(md5, 16)) {
    throw new AwsFault("InvalidDigest", 400, "The Content-MD5 you specified was invalid");
  }
  const isChecksum = (name: string) => name.startsWith("x-amz-checksum-") && !NO_CHECKSUMS.has(name);
  const inHeader = Object.keys(message.headers).filter(isChecksum);
  const [name, other] = [...inHeader, ...payload.announcedTrailers.filter(isChecksum)];
  if (other !== undefined) {
    const text = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
    throw new AwsFault("InvalidRequest", 400, text);
  }
  const promised = headerText(message, "x-amz-sdk-checksum-algorithm");
  if (name === undefined) {
    if (promised !== undefined && !call.request.presigned) {
      const text = "no corresponding x-amz-checksum-* or x-amz-trailer headers were found.";
      throw new AwsFault("InvalidRequest", 400, `x-amz-sdk-checksum-algorithm specified, but ${text}`);
    }
    return { ...(md5 === undefined ? {} : { md5 }), checksum: () => undefined };
  }
  const algorithm = readAlgorithm(name.slice("x-amz-checksum-".length));
  const checksum = () => readValue(name, headerText(message, name) ?? payload.trailers.get(name), algorithm);
  if (inHeader.length > 0) {
    checksum();
  }
  return { ...(md5 === undefined ? {} : { md5 }), algorithm, checksum };
}

function readValue(name: string, value: string | undefined, algorithm: Algorithm): string {
  if (value === undefined) {
    throw new AwsFault("MalformedTrailerError", 400, `The request announced the trailer ${name} and did not send it.`);
  }
  if (!isBase64(value, startChecksum(algorithm).digest().length)) {
    throw new AwsFault("InvalidRequest", 400, `Value for ${name} header is invalid.`);
  }
  return value;
}

/** @throws AwsFault `BadDigest` when the received body does not match a digest */
export function checkIntegrity(integrity: Integrity, received: Received): void {
  if (integrity.md5 !== undefined && Buffer.from(integrity.md5, "base64").toString("hex") !== received.md5) {
    throw new AwsFault("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");
  }
  const expected = integrity.checksum();
  if (expected !== undefined && expected !== received.checksum?.value) {
    const name = integrity.algorithm ?? "checksum";
    throw new AwsFault("BadDigest", 400, `The ${name} you specified did not match the calculated checksum.`);
  }
}

/**
 * Reads the whole body of a request and checks it.
 *
 * @throws AwsFault as {@link readIntegrity} and {@link checkIntegrity}; `InvalidRequest` when `required` and there is no digest
 */
export async function readCheckedBody(call: S3Call, required = false): Promise<Buffer> {
  const integrity = readIntegrity(call);
  const body = await call.request.body();
  if (required && integrity.md5 === undefined && integrity.algorithm === undefined) {
    throw new AwsFault(
      "InvalidRequest",
      400,
      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    );
  }
  const md5 = createHash("md5").update(body).digest("hex");
  const { algorithm } = integrity;
  const running = algorithm && startChecksum(algorithm);
  running?.update(body);
  const checksum = algorithm && running && { algorithm, value: running.digest().toString("base64") };
  checkIntegrity(integrity, { file: "", bytes: body.length, modified: "", md5, ...(checksum && { checksum }) });
  return body;
}

/** The header that returns a checksum to the sender or reader. */
export function checksumHeaders(checksum: { algorithm: Algorithm; value: string } | undefined): Record<string, string> {
  return checksum === undefined ? {} : { [checksumHeader(checksum.algorithm)]: checksum.value };
}

function isBase64(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, "base64");
  return decoded.length === bytes && decoded.toString("base64") === text;
}
