import type { RunRecord } from "./run-record.ts";

/**
 * How long the containers of a job of AWS Batch have run. Batch does not report its instances, which AWS bills: they also run before, between
 * and after containers, and may run several at a time.
 */
export interface ContainerUse {
  readonly jobId: string;
  /** The jobs that have had a container: 1, or the children of an array. */
  readonly jobs: number;
  readonly containerMs: number;
  /** Of each container. */
  readonly vcpus?: number;
  readonly gpus?: number;
}

/** The containers of several jobs together. */
export interface ContainerTotal {
  readonly jobs: number;
  readonly containerMs: number;
  /** The times of all containers, each multiplied by its number of vCPUs; absent if one is not known. */
  readonly vcpuMs?: number;
  /** The same of GPUs; absent without any. */
  readonly gpuMs?: number;
}

/** The jobs of a run that have ended, with those that a further attempt or a retry has replaced. */
export function containerUses({ steps }: Pick<RunRecord, "steps">): ContainerUse[] {
  return steps.flatMap(({ checkpoint }) => usesIn(checkpoint));
}

/** The jobs in the checkpoint of a step. */
export function usesIn(checkpoint: Readonly<Record<string, unknown>> | undefined): ContainerUse[] {
  const uses = checkpoint?.containerUse;
  return Array.isArray(uses) ? uses.filter(isUse) : [];
}

/** The checkpoint with the use of a job, in place of an earlier one of the same job. */
export function withUse(
  checkpoint: Readonly<Record<string, unknown>>,
  use: ContainerUse,
): { readonly containerUse: readonly ContainerUse[] } {
  return { containerUse: [...usesIn(checkpoint).filter(({ jobId }) => jobId !== use.jobId), use] };
}

export function totalContainerUse(uses: readonly ContainerUse[]): ContainerTotal {
  const sum = (of: (use: ContainerUse) => number): number => uses.reduce((total, use) => total + of(use), 0);
  const gpuMs = sum(({ containerMs, gpus = 0 }) => containerMs * gpus);
  return {
    jobs: sum(({ jobs }) => jobs),
    containerMs: sum(({ containerMs }) => containerMs),
    ...(uses.every(({ vcpus }) => vcpus !== undefined) && {
      vcpuMs: sum(({ containerMs, vcpus = 0 }) => containerMs * vcpus),
    }),
    ...(gpuMs > 0 && { gpuMs }),
  };
}

/** The journal may be that of another version. */
function isUse(value: unknown): value is ContainerUse {
  const { jobId, jobs, containerMs, vcpus = 0, gpus = 0 } = Object(value) as Record<string, unknown>;
  return typeof jobId === "string" && [jobs, containerMs, vcpus, gpus].every(Number.isFinite);
}
