import { host } from "../host/host.ts";
import type { RunFilter } from "../list/run-filter.ts";

/** The parts of a run's page below its timeline. */
export const TABS = ["steps", "log", "frames", "cost"] as const;
export type Tab = (typeof TABS)[number];

/** What the full page shows. Without a run: the list. */
export interface PageTarget {
  readonly runId?: string | undefined;
  readonly tab?: Tab | undefined;
  /** Of the list. */
  readonly filter?: RunFilter | undefined;
}

const FILTERS = ["search", "flow", "state", "from", "to"] as const satisfies (keyof RunFilter)[];

/** The address of the full page. */
export function pageAddress(target: PageTarget): string {
  return host().address(`lightly-aws/${hashOf(target)}`);
}

/** The part of the address after the path: `#run=4f1c&tab=log`, `#search=street&state=failed`. */
export function hashOf({ runId, tab, filter }: PageTarget): string {
  const parts = new URLSearchParams({ ...(runId !== undefined && { run: runId }), ...(tab && { tab }) });
  for (const name of FILTERS) {
    const value = filter?.[name] ?? "";
    if (value !== "" && value !== "all") {
      parts.set(name, value);
    }
  }
  return `#${parts}`;
}

/** The reverse of {@link hashOf}. Unknown parts are ignored. */
export function targetOf(hash: string): PageTarget {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const tab = TABS.find((one) => one === parts.get("tab"));
  const chosen = FILTERS.filter((name) => parts.has(name));
  const filter = { state: "all", search: "", ...Object.fromEntries(chosen.map((name) => [name, parts.get(name)])) };
  return {
    runId: parts.get("run") || undefined,
    tab,
    ...(chosen.length > 0 && { filter: filter as RunFilter }),
  };
}
