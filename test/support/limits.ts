/** Longer than anything takes on a busy machine, and shorter than the limit of a test: only what never happens reaches it. */
export const HANG_MS = 90_000;
