import type { StepContext } from "./step-context.ts";

interface Transfer {
  readonly loadedBytes: number;
  readonly totalBytes?: number;
}

/** Returns a progress listener that shows the transferred share with the catalogue key `key`, and records the bytes. */
export function reportTransfer(context: StepContext, key: string): (transfer: Transfer) => void {
  return (transfer) => {
    context.progress({ state: key, ...transfer });
    context.status.showProgress("working", key, { progress: formatTransfer(transfer) });
  };
}

/** Formats progress as `42 %`, or as `17.3 MiB` if the total size is unknown. */
function formatTransfer({ loadedBytes, totalBytes }: Transfer): string {
  return totalBytes ? `${Math.floor((100 * loadedBytes) / totalBytes)} %` : `${(loadedBytes / 2 ** 20).toFixed(1)} MiB`;
}
