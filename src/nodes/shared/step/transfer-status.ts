import { formatBytes } from "../../../records/progress.ts";
import type { StepContext } from "./step-context.ts";

interface Transfer {
  readonly loadedBytes: number;
  readonly totalBytes?: number;
}

/** The speed is measured over this time, in milliseconds, so that it follows changes and does not flicker. */
const WINDOW_MS = 5000;

/** Returns a progress listener that shows what is transferred, and how fast, with the catalog key `key`, and records it. */
export function reportTransfer(context: StepContext, key: string): (transfer: Transfer) => void {
  const speed = speedOver(WINDOW_MS);
  return (transfer) => {
    const bytesPerSecond = speed(transfer.loadedBytes, performance.now());
    context.progress({ state: key, ...transfer, ...(bytesPerSecond !== undefined && { bytesPerSecond }) });
    context.status.showProgress("working", key, { progress: formatTransfer(transfer, bytesPerSecond) });
  };
}

/** Returns a function that takes the bytes so far and a time in milliseconds, and returns the bytes per second; at first undefined. */
export function speedOver(windowMs: number): (loadedBytes: number, now: number) => number | undefined {
  const samples: { readonly at: number; readonly loadedBytes: number }[] = [];
  return (loadedBytes, now) => {
    samples.push({ at: now, loadedBytes });
    // The newest sample before the window stays, so that the window is covered.
    while (samples.length > 2 && now - (samples[1]?.at ?? now) >= windowMs) {
      samples.shift();
    }
    const [first] = samples;
    return first && now - first.at >= 500
      ? Math.round(((loadedBytes - first.loadedBytes) * 1000) / (now - first.at))
      : undefined;
  };
}

/** Formats progress as `0.5 of 12 MiB, 8.0 MiB/s`, as far as total and speed are known. */
function formatTransfer({ loadedBytes, totalBytes }: Transfer, bytesPerSecond: number | undefined): string {
  const amount = totalBytes ? `${formatBytes(loadedBytes)} / ${formatBytes(totalBytes)}` : formatBytes(loadedBytes);
  return bytesPerSecond === undefined ? amount : `${amount}, ${formatBytes(bytesPerSecond)}/s`;
}
