const MIB = 1024 * 1024;
/** S3's limits of a multipart upload. */
const MIN_PART_BYTES = 5 * MIB;
const MAX_PART_BYTES = 5 * 1024 * MIB;
export const PART_LIMIT = 10_000;

/**
 * Measured at 5 GiB over TLS: with four buffers of 5.25 MiB the process grows by less than 64 MiB. Four of 8 MiB are up to 15 % faster, and grow
 * by up to 78 MiB. On a network, the third part in flight hides the pauses of the source and of a single connection.
 */
const PART_BYTES = 5.25 * MIB;
const BUFFERED_BYTES = 24 * MIB;
const MAX_IN_FLIGHT = 3;
const MIN_IN_FLIGHT = 2;

/**
 * Chooses the size of an upload's parts so that there are at most 10,000, the maximum of S3.
 *
 * @param totalBytes - length of the source; if it is unknown, parts of 5.25 MiB allow 51.2 GiB
 * @param wantedBytes - requested size, default 5.25 MiB; raised to what S3 requires
 */
export function partSize(totalBytes: number | undefined, wantedBytes = PART_BYTES): number {
  const needed = Math.ceil((totalBytes ?? 0) / PART_LIMIT);
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, Math.floor(wantedBytes), needed));
}

/** Chooses how many parts are sent at the same time, while one more is filled: fewer of larger ones, as all of them are in memory. */
export function partsInFlight(partSizeBytes: number): number {
  return Math.min(MAX_IN_FLIGHT, Math.max(MIN_IN_FLIGHT, Math.floor(BUFFERED_BYTES / partSizeBytes) - 1));
}
