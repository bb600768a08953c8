/** How long a description may still show an instance as stopped after its start was requested: EC2 is eventually consistent. */
export const STALE_STATE_LASTS_MS = 60_000;

/** When the start of an instance was requested; removed as soon as a description shows another state. */
const requestedAt = new Map<string, number>();

/** Records that the start of instances is about to be requested; `now` in milliseconds by the caller's clock. */
export function recordStart(ids: readonly string[], now: number): void {
  for (const id of ids) {
    requestedAt.set(id, now);
  }
}

/** Removes the records: EC2 has refused the start, or a description shows another state. */
export function forgetStart(ids: readonly string[]): void {
  for (const id of ids) {
    requestedAt.delete(id);
  }
}

/** Whether an instance that is shown as stopped may be about to run, because any step of this process requested its start. */
export function mayBeStarting(id: string, now: number): boolean {
  const at = requestedAt.get(id);
  return at !== undefined && now - at < STALE_STATE_LASTS_MS;
}
