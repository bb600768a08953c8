import { createHash } from "node:crypto";
import { isSame } from "../is-same.ts";
import { splitOnce } from "../split-once.ts";
import { AwsFault } from "./aws-fault.ts";
import { sha256Hex, signLines } from "./signature-v4.ts";

/** What the chunks of a body are signed with; each signature covers the one before. */
export interface ChunkSigner {
  readonly key: Buffer;
  readonly date: string;
  readonly scope: string;
  /** The signature of the request's headers. */
  readonly seed: string;
}

export interface DecodeChunksOptions {
  readonly signed: boolean;
  readonly trailer: boolean;
  /** Bytes there must be without the framing. */
  readonly length: number;
  readonly signer: ChunkSigner;
  /** Filled with what follows the last chunk. */
  readonly trailers: Map<string, string>;
}

const MAX_LINE_BYTES = 16 * 1024;
const EMPTY_HASH = sha256Hex("");

/**
 * Unwraps an `aws-chunked` body: `HEX[;chunk-signature=…]`, the bytes, …, a chunk of 0, then trailers.
 *
 * @throws AwsFault `IncompleteBody` when the framing breaks off, `SignatureDoesNotMatch` when a chunk is not the signed one
 */
export async function* decodeChunks(
  wire: AsyncIterable<Buffer>,
  options: DecodeChunksOptions,
): AsyncGenerator<Buffer, void> {
  const source = new ByteSource(wire);
  let previous = options.signer.seed;
  let total = 0;
  for (;;) {
    const [size = "", ...extensions] = (await source.line()).split(";");
    if (!/^[0-9a-fA-F]{1,12}$/.test(size)) {
      throw incomplete("a chunk does not begin with its size");
    }
    const hash = createHash("sha256");
    let left = Number.parseInt(size, 16);
    total += left;
    const last = left === 0;
    while (left > 0) {
      const bytes = await source.some(left);
      left -= bytes.length;
      if (options.signed) {
        hash.update(bytes);
      }
      yield bytes;
    }
    if (!last && (await source.line()) !== "") {
      throw incomplete("a chunk is longer than its size");
    }
    if (options.signed) {
      previous = checkSignature(
        options.signer,
        "PAYLOAD",
        [previous, EMPTY_HASH, hash.digest("hex")],
        extensions.map((text) => splitOnce(text.trim(), "=")).find(([name]) => name === "chunk-signature")?.[1],
      );
    }
    if (last) {
      break;
    }
  }
  await readTrailers(source, options, previous);
  if (total !== options.length) {
    throw incomplete(`${options.length} bytes were announced and ${total} came`);
  }
}

async function readTrailers(source: ByteSource, options: DecodeChunksOptions, previous: string): Promise<void> {
  let signature: string | undefined;
  let signedText = "";
  for (let line = await source.line(true); line !== ""; line = await source.line(true)) {
    const [name = "", value = ""] = splitOnce(line, ":");
    if (name.toLowerCase() === "x-amz-trailer-signature") {
      signature = value.trim();
    } else {
      options.trailers.set(name.trim().toLowerCase(), value.trim());
      signedText += `${name.trim().toLowerCase()}:${value.trim()}\n`;
    }
  }
  if (options.signed && options.trailer) {
    checkSignature(options.signer, "TRAILER", [previous, sha256Hex(signedText)], signature);
  }
}

function checkSignature(
  signer: ChunkSigner,
  kind: string,
  lines: readonly string[],
  given: string | undefined,
): string {
  const expected = signLines(signer.key, [`AWS4-HMAC-SHA256-${kind}`, signer.date, signer.scope, ...lines]);
  if (given === undefined || !isSame(given, expected)) {
    throw new AwsFault("SignatureDoesNotMatch", 403, "The signature of a part of the body does not match its bytes.");
  }
  return expected;
}

function incomplete(reason: string): AwsFault {
  return new AwsFault("IncompleteBody", 400, `The body is not what its framing says: ${reason}.`);
}

/** Takes lines and runs of bytes off a stream without ever holding more than one piece of it and one line. */
class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(wire: AsyncIterable<Buffer>) {
    this.#pieces = wire[Symbol.asyncIterator]();
  }

  async #next(): Promise<boolean> {
    const piece = await this.#pieces.next();
    if (piece.done === true) {
      return false;
    }
    this.#held = this.#held.length === 0 ? piece.value : Buffer.concat([this.#held, piece.value]);
    return true;
  }

  /** Up to the next CR LF, which is taken off too. `orEnd`: the end of the stream ends a line as well. */
  async line(orEnd = false): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf("\r\n");
      const ended = end < 0 && !(this.#held.length <= MAX_LINE_BYTES && (await this.#next()));
      if (end >= 0 || (ended && orEnd && this.#held.length <= MAX_LINE_BYTES)) {
        const text = this.#held.toString("latin1", 0, end < 0 ? this.#held.length : end);
        this.#held = end < 0 ? Buffer.alloc(0) : this.#held.subarray(end + 2);
        return text;
      }
      if (ended) {
        throw incomplete("it breaks off between two chunks");
      }
    }
  }

  /** At least one and at most `limit` bytes. */
  async some(limit: number): Promise<Buffer> {
    if (this.#held.length === 0 && !(await this.#next())) {
      throw incomplete("it breaks off within a chunk");
    }
    const bytes = this.#held.subarray(0, limit);
    this.#held = this.#held.subarray(limit);
    return bytes;
  }
}
