import { type InstanceUse, totalUse } from "../../records/instance-use.ts";
import { text } from "../host/host.ts";
import { formatDuration } from "../parts/texts/duration.ts";

/** How long instances were running, working and idle, all together: `running 14 s, working 10 s, idle 4 s`. */
export function timesOf(uses: readonly InstanceUse[]): string {
  const { runningMs, workingMs, idleMs } = totalUse(uses);
  return text("cost.times", {
    running: formatDuration(runningMs),
    working: formatDuration(workingMs),
    idle: formatDuration(idleMs),
  });
}
