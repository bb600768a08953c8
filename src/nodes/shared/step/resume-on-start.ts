import { runs } from "../../../runs/run-registry.ts";
import type { NodeAPI } from "../node-red.ts";

const listening = new WeakSet<object>();

/** Resumes all runs whenever flows have started: only then all of their nodes exist. */
export function resumeRunsOnStart(red: NodeAPI): void {
  // One listener for all nodes: Node-RED's emitter outlives them.
  const { events } = red;
  if (listening.has(events)) {
    return;
  }
  listening.add(events);
  events.on("flows:started", () => runs.resumeAll((text) => red.log.warn(text)));
  events.on("flows:stopping", () => runs.flowsStopping());
}
