const MIB = 1024 * 1024;
/** S3's limits of a multipart upload. */
const MIN_PART_BYTES = 5 * MIB;
const MAX_PART_BYTES = 5 * 1024 * MIB;
export const PART_LIMIT = 10_000;

/**
 * Parts sent at the same time, while one more fills up. At 1 GiB from a URL the process grows by these three parts and up to 64 MiB of
 * socket buffers that V8 lets lie before it collects them; more parts make no faster upload where the processor sets the rate.
 */
export const PARTS_IN_FLIGHT = 2;

/**
 * Chooses the size of an upload's parts so that S3's 10,000 are enough.
 *
 * @param totalBytes - length of the source; unknown, 5 MiB parts reach to 48.8 GiB
 * @param wantedBytes - size wished for, 5 MiB if none; raised to what S3 demands
 */
export function partSize(totalBytes: number | undefined, wantedBytes = MIN_PART_BYTES): number {
  const needed = Math.ceil((totalBytes ?? 0) / PART_LIMIT);
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, Math.floor(wantedBytes), needed));
}
