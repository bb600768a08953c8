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

/**
 * Logs the changes of the runs, and notifies the editors of them: from the first use of the runs on, because an editor that was open before a
 * restart only waits for notifications.
 *
 * @returns a function that returns the log, whose code is loaded with its first use
 */
export function publishChanges(red: NodeAPI): () => RunChangeLog {
  let created: RunChangeLog | undefined;
  const changeLog = (): RunChangeLog => {
    created ??= new RunChangeLog({
      summaries: () => runs.summaries(),
      summary: (runId) => runs.summary(runId),
      now: Date.now,
    });
    return created;
  };
  beforeFirstUse((registry) => {
    const log = changeLog();
    const notifier = new ChangeNotifier({
      publish: () => red.comms.publish(RUNS_TOPIC, { cursor: log.cursor }, false),
      later: (ms, callback) => void setTimeout(callback, ms).unref(),
    });
    registry.onChange((runId) => {
      log.add(runId);
      notifier.notify();
    });
  });
  return changeLog;
}
