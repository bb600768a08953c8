import type { EC2Client } from "@aws-sdk/client-ec2";

/** A look may show an instance as stopped for so long after its start was asked for: EC2 is eventually consistent. */
export const STALE_STATE_LASTS_MS = 60_000;

/** When which start was asked for; what a look has shown in another state since is no longer in here. */
const asked = new WeakMap<EC2Client, Map<string, number>>();

/** Notes that the start of instances is about to be asked for; `now` in milliseconds by the caller's clock. */
export function noteStart(ec2: EC2Client, ids: readonly string[], now: number): void {
  const starts = asked.get(ec2) ?? new Map<string, number>();
  asked.set(ec2, starts);
  for (const id of ids) {
    starts.set(id, now);
  }
}

/** Takes that back: EC2 has refused the start, or a look shows what became of it. */
export function forgetStart(ec2: EC2Client, ids: readonly string[]): void {
  for (const id of ids) {
    asked.get(ec2)?.delete(id);
  }
}

/** Whether an instance that is shown as stopped may be about to run all the same. */
export function mayBeStarting(ec2: EC2Client, id: string, now: number): boolean {
  const at = asked.get(ec2)?.get(id);
  return at !== undefined && now - at < STALE_STATE_LASTS_MS;
}
