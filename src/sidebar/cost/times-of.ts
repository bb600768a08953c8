import { type ContainerUse, totalContainerUse } from "../../records/container-use.ts";
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

/** How long containers have run, all together: `12:30, jobs 4, vCPU time 50:00, GPU time 12:30`. */
export function containerTimesOf(uses: readonly ContainerUse[]): string {
  const { jobs, containerMs, vcpuMs, gpuMs } = totalContainerUse(uses);
  return [
    formatDuration(containerMs),
    text("cost.jobs", { number: jobs }),
    vcpuMs === undefined ? "" : text("cost.vcpuTime", { time: formatDuration(vcpuMs) }),
    gpuMs === undefined ? "" : text("cost.gpuTime", { time: formatDuration(gpuMs) }),
  ]
    .filter((part) => part !== "")
    .join(", ");
}
