import { beforeFirstUse, runsInUse } from "../../../runs/first-use.ts";
import type { NodeAPI } from "../node-red.ts";

const listening = new WeakSet<object>();

/** Resumes all runs when flows have started, because all of their nodes exist then. */
export function resumeRunsOnStart(red: NodeAPI): void {
  // One listener for all nodes, because Node-RED's emitter outlives them.
  const { events } = red;
  if (listening.has(events)) {
    return;
  }
  listening.add(events);
  const warn = (text: string): void => red.log.warn(text);
  let areStarted = false;
  events.on("flows:started", () => {
    areStarted = true;
    runsInUse()?.resumeAll(warn);
  });
  events.on("flows:stopping", () => {
    areStarted = false;
    runsInUse()?.flowsStopping();
  });
  beforeFirstUse((runs) => {
    if (areStarted) {
      runs.resumeAll(warn);
    }
  });
}
