const MIB = 1024 * 1024;
/** S3's limits of a multipart upload. */
const MIN_PART_BYTES = 5 * MIB;
const MAX_PART_BYTES = 5 * 1024 * MIB;
export const PART_LIMIT = 10_000;

/**
 * Parts sent at the same time, while one more is filled. At 1 GiB from a URL the process grows by these three parts and up to 64 MiB of
 * socket buffers before V8 collects them. More parts do not make the upload faster where the processor limits the rate.
 */
export const PARTS_IN_FLIGHT = 2;

/**
 * Chooses the size of an upload's parts so that there are at most 10,000, the maximum of S3.
 *
 * @param totalBytes - length of the source; if it is unknown, parts of 5 MiB allow 48.8 GiB
 * @param wantedBytes - requested size, default 5 MiB; raised to what S3 requires
 */
export function partSize(totalBytes: number | undefined, wantedBytes = MIN_PART_BYTES): number {
  const needed = Math.ceil((totalBytes ?? 0) / PART_LIMIT);
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, Math.floor(wantedBytes), needed));
}
