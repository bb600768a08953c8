/** A look may show an instance as stopped for so long after its start was asked for: EC2 is eventually consistent. */
export const STALE_STATE_LASTS_MS = 60_000;

/** When which start was asked for, by instance; what a look has shown in another state since is no longer in here. */
const asked = new Map<string, number>();

/** Notes that the start of instances is about to be asked for; `now` in milliseconds by the caller's clock. */
export function recordStart(ids: readonly string[], now: number): void {
  for (const id of ids) {
    asked.set(id, now);
  }
}

/** Takes that back: EC2 has refused the start, or a look shows what became of it. */
export function forgetStart(ids: readonly string[]): void {
  for (const id of ids) {
    asked.delete(id);
  }
}

/** Whether an instance that is shown as stopped may be about to run: whoever has asked for its start, by whichever account. */
export function mayBeStarting(id: string, now: number): boolean {
  const at = asked.get(id);
  return at !== undefined && now - at < STALE_STATE_LASTS_MS;
}
