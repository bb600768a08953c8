import { runs } from "../../../runs/run-registry.ts";
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
  events.on("flows:started", () => runs.resumeAll((text) => red.log.warn(text)));
  events.on("flows:stopping", () => runs.flowsStopping());
}
