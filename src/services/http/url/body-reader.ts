import { freeMemory } from "../free-memory.ts";
import type { BodyFeed } from "./body-feed.ts";
import type { StallWatch } from "./stall-watch.ts";

const NOTHING = new Uint8Array(0);

/**
 * Reads the body of a response. Its chunks are copied into the consumer's buffer as they arrive: promises and generators for each of them would
 * be 300 MiB of garbage per GiB. The memory of a chunk is freed as soon as it is copied, because V8 would collect it only after 64 MiB, and
 * then traverse all objects of the process, including Node-RED's.
 */
export class BodyReader {
  readonly #feed: BodyFeed;
  readonly #watch: StallWatch;
  /** The chunk that has arrived and is not read to its end. */
  #chunk: Buffer | undefined;
  #position = 0;
  /** Memory for the rest of borrowed bytes, used again and again: new memory for each rest would be 50 MiB of garbage per GiB. */
  #rest: Buffer | undefined;
  #target: Uint8Array = NOTHING;
  #filled = 0;
  #wake: (() => void) | undefined;
  #over: { readonly error?: unknown } | undefined;

  /** @param watch - notified when the wait for bytes begins, and when they arrive */
  constructor(feed: BodyFeed, watch: StallWatch) {
    this.#feed = feed;
    this.#watch = watch;
    feed.listen({ receive: (bytes, length) => this.#receive(bytes, length), end: (how) => this.#end(how) });
  }

  /** Whether bytes have arrived that are not read. */
  get hasBytes(): boolean {
    return this.#chunk !== undefined;
  }

  /** How the body has ended, with the error if it has not ended properly; undefined while bytes are left or may come. */
  get over(): { readonly error?: unknown } | undefined {
    return this.hasBytes ? undefined : this.#over;
  }

  /** Fills a buffer. Returns the number of bytes, which is smaller only if the body is over. Never rejects. */
  async fill(target: Uint8Array): Promise<number> {
    this.#aim(target);
    this.#copy();
    if (this.#filled < target.byteLength) {
      await this.#wait();
    }
    return this.#filled;
  }

  /** Returns the bytes that have arrived, whose memory the consumer may free. */
  take(): Buffer | undefined {
    const bytes = this.#chunk?.subarray(this.#position);
    this.#chunk = undefined;
    this.#rest = undefined;
    return bytes;
  }

  /** Discards bytes that have arrived, and returns how many: `most` at most. */
  skip(most: number): number {
    const skipped = Math.min(most, (this.#chunk?.byteLength ?? 0) - this.#position);
    this.#advance(skipped);
    return skipped;
  }

  /** Waits until bytes have arrived, or the body is over. Never rejects. */
  async peek(): Promise<void> {
    this.#aim(NOTHING);
    if (!this.hasBytes) {
      await this.#wait();
    }
  }

  #aim(target: Uint8Array): void {
    this.#target = target;
    this.#filled = 0;
  }

  async #wait(): Promise<void> {
    if (this.#over !== undefined) {
      return;
    }
    this.#watch.waiting();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#feed.resume();
    });
    this.#watch.received();
  }

  #receive(bytes: Buffer, length: number): void {
    const copied = bytes.copy(this.#target, this.#filled, 0, length);
    this.#filled += copied;
    this.#keep(bytes, copied, length);
    if (this.hasBytes || this.#filled === this.#target.byteLength) {
      this.#feed.pause();
      this.#wakeUp();
    } else {
      this.#watch.waiting();
    }
  }

  /** Keeps the rest of received bytes until it is read. A TLS socket still delivers what it has decrypted when it is paused. */
  #keep(bytes: Buffer, start: number, end: number): void {
    if (!this.#feed.isBorrowed) {
      this.#chunk = bytes;
      this.#position = 0;
      this.#advance(start);
    } else if (start < end) {
      this.#keepCopy(bytes.subarray(start, end));
    }
  }

  /** Appends to what is not read yet. */
  #keepCopy(bytes: Uint8Array): void {
    const unread = this.#chunk?.subarray(this.#position) ?? NOTHING;
    const length = unread.byteLength + bytes.byteLength;
    const earlier = this.#rest;
    const rest = earlier !== undefined && earlier.byteLength >= length ? earlier : Buffer.allocUnsafeSlow(length);
    rest.set(unread);
    rest.set(bytes, unread.byteLength);
    if (earlier !== undefined && earlier !== rest) {
      freeMemory(earlier);
    }
    this.#rest = rest;
    this.#chunk = rest.subarray(0, length);
    this.#position = 0;
  }

  #copy(): void {
    const copied = this.#chunk?.copy(this.#target, this.#filled, this.#position) ?? 0;
    this.#filled += copied;
    this.#advance(copied);
  }

  #advance(bytes: number): void {
    const chunk = this.#chunk;
    this.#position += bytes;
    if (chunk !== undefined && this.#position === chunk.byteLength) {
      this.#chunk = undefined;
      if (!this.#feed.isBorrowed) {
        freeMemory(chunk);
      }
    }
  }

  #end(how: { readonly error?: unknown }): void {
    this.#over ??= how;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
