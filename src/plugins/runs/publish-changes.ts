import type { NodeAPI } from "node-red";
import { beforeFirstUse } from "../../runs/first-use.ts";
import { runs } from "../../runs/run-registry.ts";
import { ChangeNotifier } from "./change-notifier.ts";
import { RunChangeLog } from "./run-change-log.ts";

/**
 * Notifies the editors that some run has changed, without saying which: Node-RED publishes a topic to all users of the editor, including
 * those without permission to read runs. Editors request the changes over the admin API, which checks permissions.
 */
const RUNS_TOPIC = "lightly-aws/runs";

/** Logs the changes of the runs, and notifies the editors of them. */
export function publishChanges(red: NodeAPI): RunChangeLog {
  const changeLog = new RunChangeLog({
    summaries: () => runs.summaries(),
    summary: (runId) => runs.summary(runId),
    now: Date.now,
  });
  const notifier = new ChangeNotifier({
    publish: () => red.comms.publish(RUNS_TOPIC, { cursor: changeLog.cursor }, false),
    later: (ms, callback) => void setTimeout(callback, ms).unref(),
  });
  beforeFirstUse((registry) => {
    registry.onChange((runId) => {
      changeLog.add(runId);
      notifier.notify();
    });
  });
  return changeLog;
}
