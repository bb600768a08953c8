import { arch, cpus, loadavg, platform, totalmem } from "node:os";

/** The machine of the measurements. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly platform: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() || "unknown processor",
    cores: cores.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
  };
}

/** `Some Processor, 2 cores, 24 GiB, linux x64, Node v24.1.0` */
export function machineLine({ cpu, cores, memoryGib, platform, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGib} GiB, ${platform}, Node ${node}`;
}

/** The load average of the last minute. Figures of a busy machine are unreliable. */
export function busyness(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
