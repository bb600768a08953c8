import { createHash } from "node:crypto";
import { isSame } from "../is-same.ts";
import { splitOnce } from "../split-once.ts";
import { AwsFault } from "./aws-fault.ts";
import { sha256Hex, signLines } from "./signature-v4.ts";

/** The key and context that sign the chunks of a body; each signature covers the previous one. */
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
  /** Number of bytes required without the framing. */
  readonly length: number;
  readonly signer: ChunkSigner;
  /** Filled with the trailers that follow the last chunk. */
  readonly trailers: Map<string, string>;
}

const MAX_LINE_BYTES = 16 * 1024;
const EMPTY_HASH = sha256Hex("");

/**
 * Unwraps an `aws-chunked` body: `HEX[;chunk-signature=…]`, the bytes, …, a chunk of 0, then trailers.
 *
 * @throws AwsFault `IncompleteBody` when the framing is truncated, `SignatureDoesNotMatch` when a chunk differs from the signed one
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
      throw incomplete("a chunk does not start with its size");
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
    throw incomplete(`${options.length} bytes were announced and ${total} arrived`);
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
  return new AwsFault("IncompleteBody", 400, `The body does not match its framing: ${reason}.`);
}

/** Reads lines and byte sequences from a stream; buffers at most one piece of it and one line. */
class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(wire: AsyncIterable<Buffer>) {
    this.#pieces = wire[Symbol.asyncIterator]();
  }

  async #next(): Promise<boolean> {
    const piece = await this.#pieces.next();
    if (piece.done === true) {
      return false;
    }
    this.#buffered = this.#buffered.length === 0 ? piece.value : Buffer.concat([this.#buffered, piece.value]);
    return true;
  }

  /** Reads up to and including the next CR LF. `orEnd`: the end of the stream also ends a line. */
  async line(orEnd = false): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf("\r\n");
      const ended = end < 0 && !(this.#buffered.length <= MAX_LINE_BYTES && (await this.#next()));
      if (end >= 0 || (ended && orEnd && this.#buffered.length <= MAX_LINE_BYTES)) {
        const text = this.#buffered.toString("latin1", 0, end < 0 ? this.#buffered.length : end);
        this.#buffered = end < 0 ? Buffer.alloc(0) : this.#buffered.subarray(end + 2);
        return text;
      }
      if (ended) {
        throw incomplete("it is truncated between two chunks");
      }
    }
  }

  /** At least one and at most `limit` bytes. */
  async some(limit: number): Promise<Buffer> {
    if (this.#buffered.length === 0 && !(await this.#next())) {
      throw incomplete("it is truncated within a chunk");
    }
    const bytes = this.#buffered.subarray(0, limit);
    this.#buffered = this.#buffered.subarray(limit);
    return bytes;
  }
}
