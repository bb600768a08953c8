import { host } from "../host/host.ts";

/** The parts of a run's page below its timeline. */
export const TABS = ["steps", "log", "frames", "cost"] as const;
export type Tab = (typeof TABS)[number];

/** What the full page shows. Without a run: the list. */
export interface PagePlace {
  readonly runId?: string | undefined;
  readonly tab?: Tab | undefined;
}

/** The address of the full page. */
export function pageAddress(place: PagePlace): string {
  return host().address(`lightly-aws/${hashOf(place)}`);
}

/** The part of the address after the path: `#run=4f1c&tab=log`. */
export function hashOf({ runId, tab }: PagePlace): string {
  const parts = new URLSearchParams({ ...(runId !== undefined && { run: runId }), ...(tab && { tab }) });
  return `#${parts}`;
}

/** The reverse of {@link hashOf}. Unknown parts are ignored. */
export function placeOf(hash: string): PagePlace {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const tab = TABS.find((one) => one === parts.get("tab"));
  return { runId: parts.get("run") || undefined, tab };
}
