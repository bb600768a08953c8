import { type ScheduleRunOptions, scheduleRun } from "../../../../src/services/lightly/runs/schedule-run.ts";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import { DS, never, type StubLightly } from "../stub-lightly.ts";

/** The requests of {@link scheduleRun}, and the one that finds its run again. */
export const CONFIG = "POST /v1/docker/worker/config/vX";
export const SCHEDULE = `POST /v1/datasets/${DS}/docker/worker/schedule`;
export const LIST = `GET /v1/datasets/${DS}/docker/worker/schedule`;

/** Schedules a run that selects ten percent. */
export function scheduleWith({ client }: StubLightly, options: Partial<ScheduleRunOptions>) {
  return scheduleRun({
    client,
    datasetId: DS,
    selection: selectionConfig({ proportionSamples: 0.1 }),
    worker: {},
    priority: "MID",
    runsOn: [],
    signal: never(),
    ...options,
  });
}
