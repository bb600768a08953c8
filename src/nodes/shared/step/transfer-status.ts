import type { StepContext } from "./step-context.ts";

interface Transfer {
  readonly loadedBytes: number;
  readonly totalBytes?: number;
}

/** A progress listener that shows the transferred share under the catalogue key `key`, and records the bytes. */
export function reportTransfer(context: StepContext, key: string): (transfer: Transfer) => void {
  return (transfer) => {
    context.progress({ state: key, ...transfer });
    context.status.showProgress("working", key, { progress: formatTransfer(transfer) });
  };
}

/** `42 %` where the size is known, else `17.3 MiB`. */
function formatTransfer({ loadedBytes, totalBytes }: Transfer): string {
  return totalBytes ? `${Math.floor((100 * loadedBytes) / totalBytes)} %` : `${(loadedBytes / 2 ** 20).toFixed(1)} MiB`;
}
