export const MIB = 1024 * 1024;
/** S3's limits of a multipart upload. */
const SMALLEST_PART_BYTES = 5 * MIB;
const LARGEST_PART_BYTES = 5 * 1024 * MIB;
export const PART_LIMIT = 10_000;

const DEFAULT_PART_BYTES = 8 * MIB;
/** Parts in flight may hold this much memory together; more makes no faster upload (measured up to 8 x 64 MiB). */
const IN_FLIGHT_BYTES = 24 * MIB;
const MOST_IN_FLIGHT = 4;

/** How an upload is cut up. */
export interface PartPlan {
  readonly partSizeBytes: number;
  /** Parts that are sent at the same time. */
  readonly inFlight: number;
}

/**
 * Chooses the size of an upload's parts so that S3's 10,000 are enough, and how many may be in flight so that memory stays small.
 *
 * @param totalBytes - length of the source, when it is known
 * @param wantedBytes - size wished for; raised to what S3 demands
 */
export function planParts(totalBytes: number | undefined, wantedBytes = DEFAULT_PART_BYTES): PartPlan {
  const needed = Math.ceil((totalBytes ?? 0) / PART_LIMIT);
  const partSizeBytes = Math.min(LARGEST_PART_BYTES, Math.max(SMALLEST_PART_BYTES, Math.floor(wantedBytes), needed));
  const inFlight = Math.max(1, Math.min(MOST_IN_FLIGHT, Math.floor(IN_FLIGHT_BYTES / partSizeBytes)));
  return { partSizeBytes, inFlight };
}
