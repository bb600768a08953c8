import type { InstanceUse } from "../../records/instance-use.ts";
import { text } from "../host/host.ts";
import { formatDuration } from "../parts/duration.ts";

/** How long instances were running, working and idle, all together: `running 14 s, working 10 s, idle 4 s`. */
export function timesOf(uses: readonly InstanceUse[]): string {
  const sum = (of: (use: InstanceUse) => number): string =>
    formatDuration(uses.reduce((total, use) => total + of(use), 0));
  return text("cost.times", {
    running: sum(({ runningMs }) => runningMs),
    working: sum(({ workingMs }) => workingMs),
    idle: sum(({ idleMs }) => idleMs),
  });
}
