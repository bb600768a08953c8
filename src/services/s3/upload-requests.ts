import { crc32 } from "node:zlib";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { readAwsError } from "../aws/aws-error-facts.ts";
import { REQUEST_DELAY, sleepOrAbort } from "../http/retry.ts";

const CONFLICT_ATTEMPTS = 4;
const CREATE_GRACE_MS = 5000;

type S3Command = Parameters<S3Client["send"]>[0];

/** What {@link UploadRequests} takes. */
export interface UploadRequestsOptions {
  readonly s3: S3Client;
  /** Ends requests in flight, which lib-storage's own abort does not. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Length of what the source has delivered, asked when all parts are sent. */
  readonly deliveredBytes: () => number;
  /** Called with the bytes that S3 has confirmed so far. */
  readonly onSent: (bytes: number) => void;
  /** Called at the first failure: lib-storage itself would read the source to its end before it gives up. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The requests of one upload. lib-storage sends them through {@link client}, so that the upload's id is known, requests end with
 * the signal, one failed part stops the rest, and cleaning up is left to us.
 */
export class UploadRequests {
  readonly client: S3Client;
  #uploadId: string | undefined;
  #sentBytes = 0;
  #putChecksum: string | undefined;
  readonly #partChecksums = new Map<number, string>();
  readonly #options: UploadRequestsOptions;

  constructor(options: UploadRequestsOptions) {
    this.#options = options;
    this.client = new Proxy(options.s3, {
      get: (s3, name) =>
        name === "send" ? (command: S3Command) => this.#sendOrFail(command) : Reflect.get(s3, name, s3),
    });
  }

  /** Id of the multipart upload, once S3 has given one. */
  get uploadId(): string | undefined {
    return this.#uploadId;
  }

  /** The CRC32 that S3 shows for an object made of what was sent (base64; for parts the checksum of checksums, `-N` behind). */
  expectedChecksum(): string | undefined {
    const parts = [...this.#partChecksums].sort(([a], [b]) => a - b).map(([, checksum]) => checksum);
    if (parts.length === 0) {
      return this.#putChecksum;
    }
    return `${crc32Base64(Buffer.concat(parts.map((part) => Buffer.from(part, "base64"))))}-${parts.length}`;
  }

  async #sendOrFail(command: S3Command): Promise<object> {
    try {
      return await this.#send(command);
    } catch (error) {
      this.#options.onFailure(error);
      throw error;
    }
  }

  async #send(command: S3Command): Promise<object> {
    const { s3, signal, deliveredBytes } = this.#options;
    signal.throwIfAborted();
    if (command instanceof CreateMultipartUploadCommand) {
      return this.#create(command);
    }
    if (command instanceof PutObjectCommand) {
      return this.#put(command);
    }
    if (command instanceof UploadPartCommand) {
      return this.#sendPart(command);
    }
    if (command instanceof CompleteMultipartUploadCommand) {
      command.input.MpuObjectSize = deliveredBytes();
    }
    return s3.send(command, { abortSignal: signal });
  }

  /** An abort lets this request end for a while, because an upload whose id never arrives can't be removed. */
  async #create(command: CreateMultipartUploadCommand): Promise<object> {
    const { s3, signal, clock = systemClock } = this.#options;
    const late = new AbortController();
    const done = new AbortController();
    const giveGrace = (): void => {
      clock.sleep(CREATE_GRACE_MS, done.signal).then(
        () => late.abort(signal.reason),
        () => {},
      );
    };
    signal.addEventListener("abort", giveGrace, { once: true, signal: done.signal });
    try {
      const created = await s3.send(command, { abortSignal: late.signal });
      this.#uploadId = created.UploadId;
      return created;
    } finally {
      done.abort();
    }
  }

  async #sendPart(command: UploadPartCommand): Promise<object> {
    const { s3, signal } = this.#options;
    const sent = await s3.send(command, { abortSignal: signal });
    if (sent.ChecksumCRC32 !== undefined) {
      this.#partChecksums.set(command.input.PartNumber ?? 0, sent.ChecksumCRC32);
    }
    this.#count(command.input.Body);
    return sent;
  }

  /** A conditional write that meets another request for its key is answered 409: the same request again decides it. */
  async #put(command: PutObjectCommand): Promise<object> {
    const { s3, signal, clock = systemClock } = this.#options;
    const { Body: body } = command.input;
    this.#putChecksum = body instanceof Uint8Array ? crc32Base64(body) : undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const stored = await s3.send(command, { abortSignal: signal });
        this.#count(body);
        return stored;
      } catch (error) {
        if (attempt >= CONFLICT_ATTEMPTS || readAwsError(error).name !== "ConditionalRequestConflict") {
          throw error;
        }
      }
      await sleepOrAbort(clock, REQUEST_DELAY(attempt), signal);
    }
  }

  #count(body: unknown): void {
    this.#sentBytes += body instanceof Uint8Array ? body.byteLength : 0;
    this.#options.onSent(this.#sentBytes);
  }
}

function crc32Base64(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}
