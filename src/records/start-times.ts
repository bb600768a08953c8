import type { RunRecord, StepRecord } from "./run-record.ts";

/** The phases of a start step: it waits for an upload, the instances start, they are ready and wait for the upload. */
export const START_PHASES = { before: "uploading", start: "boot", after: "ready" } as const;

/** More starts would be from another time of the day, with other images and volumes. */
const LATEST = 5;

/**
 * How long the instances of a start node have taken from the request until they were ready: the median of the latest starts, in
 * milliseconds; undefined if there is none. Starts with retries, or during which Node-RED has restarted, do not count.
 */
export function usualStartMs(nodeId: string, runs: readonly RunRecord[]): number | undefined {
  const times: number[] = [];
  for (const { steps } of runs.toReversed()) {
    const ofNode = steps.filter((step) => step.nodeId === nodeId && step.state === "completed");
    times.push(...ofNode.flatMap((step) => startMs(step) ?? []));
    if (times.length >= LATEST) {
      break;
    }
  }
  const sorted = times.slice(0, LATEST).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function startMs({ phases = [], endedAt, attempt, resumeCount }: StepRecord): number | undefined {
  const at = phases.findIndex(({ name }) => name === START_PHASES.start);
  const startedAt = phases[at]?.startedAt;
  const readyAt = phases[at + 1]?.startedAt ?? endedAt;
  const isSmooth = attempt === undefined && resumeCount === undefined;
  return isSmooth && startedAt !== undefined && readyAt !== undefined ? readyAt - startedAt : undefined;
}
