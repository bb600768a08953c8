import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommandInput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
  S3Client,
  UploadPartCommandInput,
  UploadPartCommandOutput,
} from "@aws-sdk/client-s3";
import { OwnSignals } from "../../../concurrency/own-signals.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { sleepOrAbort } from "../../../polling/sleep-or-abort.ts";
import { CreateMultipartUploadCommand, PutObjectCommand, UploadPartCommand } from "../../../sdk/s3.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import { REQUEST_DELAY } from "../../http/retry.ts";
import { crc32Base64, hasChecksums, withChecksum } from "./checksums.ts";
import { completeCommand } from "./part-list.ts";
import { beginWith, type FirstResponse, PartTemplate } from "./part-template.ts";
import { cheapestBody } from "./upload-body.ts";

const CONFLICT_ATTEMPTS = 4;
const CREATE_GRACE_MS = 5000;

/** A part to send: its number, its bytes and their CRC32. */
export interface PartToSend {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
  readonly PartNumber: number;
  readonly Body: Uint8Array;
  readonly checksum: string;
}

/** An object to send in one request. */
export interface PutToSend extends PutObjectCommandInput {
  readonly Body: Uint8Array;
  /** The CRC32 of the body. */
  readonly checksum: string;
}

export interface UploadRequestsOptions {
  readonly s3: S3Client;
  /** Aborts requests in flight. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Id of a multipart upload that is resumed. */
  readonly uploadId?: string | undefined;
  /** Number of bytes that the source has delivered, read when all parts are sent. */
  readonly deliveredBytes: () => number;
  /** Called with the number of bytes that S3 has confirmed so far. */
  readonly onSent: (bytes: number) => void;
  /** Called at the first failure, so that nothing more is read from the source. */
  readonly onFailure: (error: unknown) => void;
}

/** The requests of one upload. They end with its signal, the first failure ends all of them, and the bytes that S3 confirms are counted. */
export class UploadRequests {
  #uploadId: string | undefined;
  #sentBytes = 0;
  #putChecksum: string | undefined;
  readonly #parts: CompletedPart[] = [];
  readonly #options: UploadRequestsOptions;
  readonly #template: PartTemplate;
  readonly #signals: OwnSignals;

  constructor(options: UploadRequestsOptions) {
    this.#options = options;
    this.#template = new PartTemplate(options.s3);
    this.#uploadId = options.uploadId;
    this.#signals = new OwnSignals(options.signal);
  }

  /** Id of the multipart upload, once S3 has given one. */
  get uploadId(): string | undefined {
    return this.#uploadId;
  }

  /** The CRC32 that S3 shows for the object that was sent (base64; for N parts the checksum of their checksums with the suffix `-N`). */
  expectedChecksum(): string | undefined {
    const checksums = this.#sortedParts().flatMap(({ ChecksumCRC32: checksum }) => checksum ?? []);
    if (checksums.length === 0) {
      return this.#putChecksum;
    }
    return `${crc32Base64(Buffer.concat(checksums.map((text) => Buffer.from(text, "base64"))))}-${checksums.length}`;
  }

  create(input: CreateMultipartUploadCommandInput): Promise<string | undefined> {
    return this.#orFail(() => this.#create(new CreateMultipartUploadCommand(input)));
  }

  put(input: PutToSend): Promise<PutObjectCommandOutput> {
    return this.#orFail(() => this.#put(input));
  }

  sendPart(part: PartToSend): Promise<void> {
    return this.#orFail(() => this.#signals.run((signal) => this.#sendPart(part, signal)));
  }

  /** Counts a part that S3 has stored as sent. */
  confirmPart(bytes: Uint8Array, part: CompletedPart): void {
    this.#parts.push(part);
    this.#count(bytes);
  }

  /** Completes the multipart upload with its parts. */
  complete(
    input: Omit<CompleteMultipartUploadCommandInput, "MultipartUpload">,
  ): Promise<CompleteMultipartUploadCommandOutput> {
    const { s3, signal, deliveredBytes } = this.#options;
    return this.#orFail(async () => {
      // As new to S3 as its checksums, so the stores without these refuse it.
      const size = (await hasChecksums(s3)) ? { MpuObjectSize: deliveredBytes() } : {};
      return s3.send(completeCommand({ ...input, ...size, MultipartUpload: { Parts: this.#sortedParts() } }), {
        abortSignal: signal,
      });
    });
  }

  #sortedParts(): CompletedPart[] {
    return this.#parts.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
  }

  async #orFail<T>(request: () => Promise<T>): Promise<T> {
    try {
      this.#options.signal.throwIfAborted();
      return await request();
    } catch (error) {
      this.#options.onFailure(error);
      throw error;
    }
  }

  /** Gives this request some time after an abort, because an upload whose id never arrives can't be removed. */
  async #create(command: CreateMultipartUploadCommand): Promise<string | undefined> {
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
      return created.UploadId;
    } finally {
      done.abort();
    }
  }

  async #sendPart({ checksum, ...part }: PartToSend, signal: AbortSignal): Promise<void> {
    const { s3 } = this.#options;
    const input = await withChecksum(s3, part, checksum);
    const first = await this.#template.send(input, signal);
    const { ETag, ChecksumCRC32 } =
      first !== undefined && "stored" in first ? first.stored : await this.#sendBySdk(input, first?.later, signal);
    this.confirmPart(part.Body, { PartNumber: part.PartNumber, ETag, ChecksumCRC32 });
  }

  async #sendBySdk(
    input: UploadPartCommandInput,
    first: FirstResponse | undefined,
    signal: AbortSignal,
  ): Promise<UploadPartCommandOutput> {
    const { s3 } = this.#options;
    const command = cheapestBody(s3, new UploadPartCommand(input));
    this.#template.learnFrom(command);
    if (first !== undefined) {
      beginWith(command, first);
    }
    return await s3.send(command, { abortSignal: signal });
  }

  /** S3 responds to a conditional write with 409 while another request writes to its key: then the same request is sent again. */
  async #put({ checksum, ...input }: PutToSend): Promise<PutObjectCommandOutput> {
    const { s3, signal, clock = systemClock } = this.#options;
    const { Body: body } = input;
    const command = cheapestBody(s3, new PutObjectCommand(await withChecksum(s3, input, checksum)));
    this.#putChecksum = checksum;
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

  #count(body: Uint8Array): void {
    this.#sentBytes += body.byteLength;
    this.#options.onSent(this.#sentBytes);
  }
}
