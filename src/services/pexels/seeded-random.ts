import { createHash } from "node:crypto";

/**
 * Creates a generator of random numbers that are the same for the same seed: mulberry32 (32 bits of state, full period) started from the first four bytes
 * of the seed's SHA-256. Good enough to pick a video, not for secrets.
 *
 * @returns numbers from 0 up to, not including, 1
 */
export function seededRandom(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest().readUInt32BE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
