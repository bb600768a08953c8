import { deepEqual, ok } from "node:assert/strict";
import type { BodyFeed, BodyListener } from "../../../../src/services/http/url/body-feed.ts";
import { BodyReader } from "../../../../src/services/http/url/body-reader.ts";
import { StallWatch } from "../../../../src/services/http/url/stall-watch.ts";
import { manualClock } from "../../../support/fake-clock.ts";

const KIB = 1024;
const RECORD_BYTES = 16 * KIB;
const MIB = 1024 * KIB;

describe("the reader of a body", () => {
  let watch: StallWatch;
  beforeEach(() => {
    watch = new StallWatch(manualClock(), 60_000, () => {});
  });
  afterEach(() => watch.stop());

  /** A feed over TLS, which delivers records that it has decrypted already after it was paused. Its memory is used again for each. */
  const tlsFeed = (): { feed: BodyFeed; deliver(byte: number): void } => {
    const memory = Buffer.alloc(RECORD_BYTES);
    let listener: BodyListener | undefined;
    return {
      feed: {
        isBorrowed: true,
        listen: (one) => {
          listener = one;
        },
        pause: () => {},
        resume: () => {},
      },
      deliver: (byte) => listener?.receive(memory.fill(byte), memory.byteLength),
    };
  };

  it("returns what has arrived while it was paused, in order, and the rest of a longer one later", async () => {
    const { feed, deliver } = tlsFeed();
    const reader = new BodyReader(feed, watch);
    const read: number[] = [];
    const target = Buffer.alloc(RECORD_BYTES / 2);
    for (const bytes of [[1, 2, 3], [4], [5, 6, 7, 8, 9]]) {
      for (const byte of bytes) {
        deliver(byte);
      }
      await reader.fill(target);
      read.push(target[0] ?? 0, target[target.length - 1] ?? 0);
    }
    while (reader.hasBytes) {
      await reader.fill(target);
      read.push(target[0] ?? 0, target[target.length - 1] ?? 0);
    }
    deepEqual(
      read,
      [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((byte) => [byte, byte, byte, byte]),
    );
  });

  it("does not take new memory for each rest that arrives while it is paused", async () => {
    const { feed, deliver } = tlsFeed();
    const reader = new BodyReader(feed, watch);
    const target = Buffer.alloc(4 * RECORD_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    // Less than the garbage after which V8 collects it.
    for (let round = 0; round < 400; round += 1) {
      for (let record = 0; record < 4; record += 1) {
        deliver(record);
      }
      await reader.fill(target);
    }
    ok(process.memoryUsage().arrayBuffers - before < MIB, "memory for 400 rests");
  });
});
