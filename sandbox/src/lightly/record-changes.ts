import type { EventLog } from "../faults/event-log.ts";
import type { LightlyState } from "./state/lightly-state.ts";

/**
 * Records an event for each change of a dataset, datasource, scheduled run, worker run, tag or artifact, whatever caused
 * it. Only the first message of each state of a run is included.
 */
export function recordChanges(state: LightlyState, events: EventLog): void {
  state.datasets.watch(({ id: datasetId, name }, change, before) => {
    if (change !== "changed" || name !== before?.name) {
      events.record("dataset", { datasetId, state: change, name });
    }
  });
  state.datasources.watch(({ datasetId, config: { purpose, type, fullPath } }, change) => {
    events.record("datasource", { datasetId, state: change, purpose, type, fullPath });
  });
  state.schedules.watch((scheduled, change, before) => {
    const { id: scheduledId, state, datasetId, configId, priority, runsOn, owner: workerId } = scheduled;
    if (change !== "deleted" && state !== before?.state) {
      events.record("scheduled-run", { scheduledId, state, datasetId, configId, priority, runsOn, workerId });
    }
  });
  state.runs.watch(({ id: runId, state, scheduledId, datasetId, message }, _change, before) => {
    if (state !== before?.state) {
      events.record("worker-run", { runId, state, scheduledId, datasetId, message });
    }
  });
  state.tags.watch(({ id: tagId, name, bitMaskData, datasetId, runId }, change, before) => {
    if (change !== "changed" || name !== before?.name || bitMaskData !== before.bitMaskData) {
      events.record("tag", { tagId, state: change, name, datasetId, runId });
    }
  });
  state.artifacts.watch(({ id: artifactId, type, fileName, runId, isUploaded }) => {
    if (isUploaded) {
      events.record("artifact", { artifactId, type, fileName, runId });
    }
  });
}
