import { deepEqual, equal, match, throws } from "node:assert/strict";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { FakeNode, failure, openFlow, select, start, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const crashed = new PipelineError("LIGHTLY_RUN_CRASHED", "The Lightly run l has ended as CRASHED.");

const IDS = ["i-1"];
const registry = (): RunRegistry => new RunRegistry({ later: () => {} });
/** Whether a step that is about to use the instance is skipped. */
const isSkipped = (step: Step, ids = IDS): boolean => {
  try {
    step.instances.throwIfSkipped(step, ids);
    return false;
  } catch {
    step.drop();
    return step.record.state === "skipped";
  }
};

describe("a step that starts after the end of its run", () => {
  it("is skipped if a parallel stop step has released its instances, and names that step", () => {
    const runs = registry();
    void runs.begin("r", stop).saveCheckpoint({ instanceIds: IDS });
    const step = runs.begin("r", start);
    throws(() => step.instances.throwIfSkipped(step, IDS), {
      message: /stop of the same run has already released i-1/,
    });
    step.drop();
    equal(runs.get("r")?.steps[1]?.state, "skipped");
    equal(runs.get("r")?.error, undefined);
  });

  it("is skipped if the stop step has kept them running for another run, has failed, or has ended", () => {
    for (const end of ["kept", "failed", "completed"]) {
      const runs = registry();
      const stopping = runs.begin("r", stop);
      void stopping.saveCheckpoint(end === "kept" ? { instanceIds: [], keptRunning: IDS } : { instanceIds: IDS });
      const starting = runs.begin("r", start);
      if (end === "completed") {
        stopping.complete({ ec2: { instanceIds: IDS } });
      }
      equal(isSkipped(starting), true);
    }
  });

  it("is skipped if the stop step is for all instances of the run, even before the ids are known", () => {
    const runs = registry();
    void runs.begin("r", stop).saveCheckpoint({ instanceIds: [], ofRun: true });
    equal(isSkipped(runs.begin("r", start), []), true);
    equal(isSkipped(runs.begin("other", start), []), false);
  });

  it("continues if the stop step was for another instance or run", () => {
    const runs = registry();
    void runs.begin("r", stop).saveCheckpoint({ instanceIds: ["i-2"] });
    void runs.begin("other", stop).saveCheckpoint({ instanceIds: IDS });
    equal(isSkipped(runs.begin("r", start)), false);
    equal(isSkipped(runs.begin("r", start), ["i-1", "i-2"]), false);
  });

  it("continues if it follows the stop step in the flow, also through other steps", () => {
    const runs = registry();
    const stopping = runs.begin("r", stop);
    void stopping.saveCheckpoint({ instanceIds: IDS });
    const between = runs.begin("r", upload, { parentStepId: stopping.record.stepId });
    stopping.complete({});
    equal(isSkipped(runs.begin("r", start, { parentStepId: between.record.stepId })), false);
  });

  it("is skipped after any end of the selection", () => {
    for (const end of ["completed", "canceled"]) {
      const runs = registry();
      const selecting = runs.begin("r", select);
      const starting = runs.begin("r", start);
      const sending = runs.begin("r", worker);
      if (end === "completed") {
        selecting.complete({});
      } else {
        selecting.abort("canceled", "a message with msg.cancel asked for it.");
        selecting.drop();
      }
      deepEqual([starting.abortCause, sending.abortCause], ["skipped", "skipped"]);
      match(String(starting.signal.reason), /the selection of the same run is over/);
    }
  });

  it("continues while a step is waiting, or will wait, for a selection", () => {
    const runs = registry();
    openFlow(runs);
    const first = runs.begin("r", select);
    runs.begin("r", select);
    first.complete({});
    // An upload leads to a further selection.
    const uploading = runs.begin("two", upload);
    runs.begin("two", select).complete({});
    equal(isSkipped(runs.begin("r", start)), false);
    equal(isSkipped(runs.begin("two", start)), false);
    uploading.complete({});
  });

  it("continues if it follows the selection in the flow", () => {
    const runs = registry();
    const selecting = runs.begin("r", select);
    selecting.complete({});
    equal(isSkipped(runs.begin("r", start, { parentStepId: selecting.record.stepId })), false);
  });

  it("is not skipped after its command was sent, so that the worker is followed to its end", () => {
    const runs = registry();
    const selecting = runs.begin("r", select);
    const sending = runs.begin("r", worker);
    void sending.saveCheckpoint({ commandId: "c", instanceIds: IDS });
    selecting.complete({});
    equal(sending.signal.aborted, false);
  });

  it("is aborted, and not skipped, if the run has failed", () => {
    const runs = registry();
    const selecting = runs.begin("r", select);
    const starting = runs.begin("r", start);
    selecting.fail(failure);
    equal(starting.abortCause, "sibling failed");
  });
});

describe("a retried run", () => {
  const node = useRestarts();

  it("starts its instance again, although the run has stopped it before; also after a restart", async () => {
    const runs = node.restart();
    const flow = openFlow(runs);
    const selecting = runs.begin("r", select);
    const working = runs.begin("r", start);
    working.complete({ ec2: { instanceIds: IDS } });
    selecting.failWithResult(crashed, { lightly: { state: "CRASHED" } });
    const stopping = runs.begin("r", stop, { parentStepId: "r/1" });
    await stopping.saveCheckpoint({ instanceIds: IDS });
    stopping.complete({ ec2: { instanceIds: IDS } });
    node.time.advance(1000);
    runs.retry("r");
    const again = flow.start.resumed[0] as Step;
    equal(isSkipped(again), false);
    await runs.flush();
    const after = node.restart();
    const later = openFlow(after);
    after.resumeAll();
    equal(isSkipped(later.start.resumed[0] as Step), false);
  });

  it("starts a skipped start again", () => {
    const runs = registry();
    const [selecting, starting] = [new FakeNode(select.type), new FakeNode(start.type)];
    runs.nodes.register(select.nodeId, selecting);
    runs.nodes.register(start.nodeId, starting);
    runs.begin("r", select).failWithResult(crashed, { lightly: { state: "CRASHED" } });
    equal(isSkipped(runs.begin("r", start)), true);
    runs.retry("r");
    deepEqual([selecting.resumed.length, starting.resumed.length], [1, 1]);
    equal(isSkipped(starting.resumed[0] as Step), false);
  });
});
