import type { JobReport } from "./job-report.ts";

/** How long the containers of a job have run. This is not the time of the instances, which also run before, between and after them. */
export interface ContainerTime {
  /** The jobs that have had a container: 1, or the children of an array. */
  readonly jobs: number;
  readonly containerMs: number;
}

/** When a container has run, in milliseconds since 1970. */
interface ContainerRun {
  readonly startedAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
}

/** The time of all attempts of an ended job. The parent of an array has no container: see `endedChildren`. */
export function containerTime({ attempts, startedAt, stoppedAt }: JobReport): ContainerTime {
  const isListed = attempts.some((attempt) => attempt.startedAt === startedAt);
  return timeOf(isListed ? attempts : [...attempts, { startedAt, stoppedAt }], () => 1);
}

/** The time of ended children by their list, which has the last attempt of each only. */
export function childrenTime(children: readonly ContainerRun[]): ContainerTime {
  return timeOf(children, (ran) => ran.length);
}

/** A container that never started has no start. */
function timeOf(runs: readonly ContainerRun[], jobsOf: (ran: readonly number[]) => number): ContainerTime {
  const ran = runs.flatMap(({ startedAt, stoppedAt }) =>
    startedAt === undefined || stoppedAt === undefined ? [] : [Math.max(0, stoppedAt - startedAt)],
  );
  return { jobs: ran.length === 0 ? 0 : jobsOf(ran), containerMs: ran.reduce((sum, ms) => sum + ms, 0) };
}
