import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import runStatus from "../../../src/nodes/lightly-run-status/lightly-run-status.ts";
import type { RunView } from "../../../src/nodes/lightly-run-status/run-view.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import type { StepIdentity } from "../../../src/runs/steps/step-origin.ts";
import { type AnyMessage, type CaughtError, helper, type ShownStatus, useNodeRed } from "../support/flow.ts";

const UPLOAD: StepIdentity = {
  nodeId: "n1",
  type: "lightly-s3-upload",
  role: "upload",
  name: "upload to S3",
  alwaysRuns: false,
};
const SELECT: StepIdentity = { nodeId: "n2", type: "lightly-run", role: "select", name: "select", alwaysRuns: false };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const CATALOGUE = JSON.parse(
  readFileSync(
    new URL("../../../src/nodes/lightly-run-status/locales/en-US/lightly-run-status.json", import.meta.url),
    "utf8",
  ),
)["lightly-run-status"];

/** Starts the first step of a run. */
function begin(runId: string, identity: StepIdentity): Step {
  const step = runs.begin(runId, identity);
  ok(step);
  return step;
}

describe("the lightly-run-status node", () => {
  useNodeRed();

  /** Loads the node with this form, and returns a function that sends it a message. */
  async function load(form: Record<string, unknown> = { runId: "runId", runIdType: "msg" }) {
    const flow = [
      { id: "tab", type: "tab", label: "test" },
      { id: "node", type: "lightly-run-status", z: "tab", name: "the run", ...form, wires: [["out"]] },
      { id: "oncatch", z: "tab", type: "catch", scope: ["node"], wires: [["caught"]] },
      { id: "oncomplete", z: "tab", type: "complete", scope: ["node"], wires: [["completed"]] },
      { id: "onstatus", z: "tab", type: "status", scope: ["node"], wires: [["status"]] },
      ...["out", "caught", "completed", "status"].map((id) => ({ id, z: "tab", type: "helper", wires: [] })),
    ];
    await helper.load([runStatus] as never, flow as never);
    const ask = async (msg: Record<string, unknown>, answerAt = "out"): Promise<AnyMessage> => {
      const answer = once(helper.getNode(answerAt) as never, "input");
      helper.getNode("node").receive(msg as never);
      const [received] = await answer;
      return received as AnyMessage;
    };
    return ask;
  }

  it("shows the present state of the run that was read last, until another one is read", async () => {
    const ask = await load();
    const shown: ShownStatus[] = [];
    helper.getNode("status").on("input", (msg) => shown.push((msg as unknown as { status: ShownStatus }).status));
    const texts = () => shown.map(({ text }) => text.replace(/.*\./, ""));
    const [one, other] = [begin("one", UPLOAD), begin("other", UPLOAD)];
    await ask({ runId: "one" });
    one.progress({ state: "uploading" });
    one.complete({});
    other.complete({});
    const third = begin("third", UPLOAD);
    await ask({ runId: "third" });
    begin("one", SELECT).fail(new PipelineError("TIMED_OUT", "late"));
    third.fail(new PipelineError("TIMED_OUT", "late"));
    await ask({ runId: "unknown" });
    deepEqual(texts(), ["running", "completed", "running", "failed", "unknown"]);
  });

  it("returns the state of each step of the run, with times as strings", async () => {
    const ask = await load();
    const first = begin("seen", UPLOAD);
    first.complete({ s3: { bucket: "b", key: "k" } });
    begin("seen", SELECT).progress({ state: "EMBEDDING", message: "half" });

    const { payload, statusCode } = await ask({ runId: "seen" });
    equal(statusCode, 200);
    const { startedAt, steps, ...run } = payload as RunView;
    deepEqual(run, { runId: "seen", state: "running" });
    match(startedAt, ISO);
    const [upload, select] = steps;
    ok(upload && select);
    match(upload.endedAt ?? "", ISO);
    deepEqual(
      { ...upload, startedAt: "", endedAt: "" },
      { name: "upload to S3", type: "lightly-s3-upload", state: "completed", startedAt: "", endedAt: "" },
    );
    match(select.startedAt, ISO);
    deepEqual(
      { ...select, startedAt: "" },
      {
        name: "select",
        type: "lightly-run",
        state: "running",
        startedAt: "",
        progress: { state: "EMBEDDING", message: "half" },
      },
    );
  });

  it("returns what the run has selected, with either engine, without its place", async () => {
    const ask = await load();
    const tag = { tagId: "t", name: "the tag", selectedCount: 4 };
    begin("selected", SELECT).complete({ lightly: { datasetId: "d", tag } });
    const studio = begin("selected", { ...SELECT, nodeId: "n3", type: "lightly-studio-select", name: "studio" });
    await studio.saveCheckpoint({ output: "s3://b/out", studioRunId: "s-1" });
    studio.complete({ lightly: { engine: "studio", counts: { frames: 9, selected: 2 } } });

    deepEqual(((await ask({ runId: "selected" })).payload as RunView).selections, [
      { engine: "platform", step: "select", selected: 4 },
      { engine: "studio", step: "studio", selected: 2 },
    ]);
  });

  it("returns the error of a failed run, without internal details", async () => {
    const ask = await load();
    const details = { bucket: "b", statusCode: 404 };
    begin("lost", UPLOAD).fail(new PipelineError("S3_BUCKET_NOT_FOUND", "There is no bucket b.", { details }));

    const run = (await ask({ runId: "lost" })).payload as RunView;
    const error = { code: "S3_BUCKET_NOT_FOUND", message: "There is no bucket b." };
    equal(run.state, "failed");
    match(run.endedAt ?? "", ISO);
    deepEqual(run.error, error);
    deepEqual(run.steps[0]?.error, error);
  });

  it("returns why a step was skipped, which is not an error of the step or the run", async () => {
    const ask = await load();
    const step = begin("over before", UPLOAD);
    step.abort("skipped", "the selection of the same run is over.");
    step.drop();

    const { state, error, steps } = (await ask({ runId: "over before" })).payload as RunView;
    deepEqual([state, error], ["completed", undefined]);
    deepEqual(
      steps.map((one) => [one.state, one.reason, one.error]),
      [["skipped", "The selection of the same run is over.", undefined]],
    );
  });

  it("returns 404 for an unknown run, on the same output", async () => {
    const ask = await load();
    const { payload, statusCode } = await ask({ runId: "never" });
    equal(statusCode, 404);
    deepEqual(payload, { code: "RUN_NOT_FOUND", message: "There is no run never." });
  });

  it("keeps the other properties of the message, such as an HTTP request that waits for its response", async () => {
    const ask = await load({ runId: "req.params.id", runIdType: "msg" });
    begin("asked", UPLOAD).complete({});
    const res = { send: "back" };
    const answer = await ask({ topic: "t", req: { params: { id: "asked" } }, res });
    equal(answer.topic, "t");
    equal(answer.res, res);
    equal((answer.payload as RunView).state, "completed");
  });

  it("is not a step of the run: reading starts none, and changes none", async () => {
    const ask = await load();
    begin("untouched", UPLOAD).complete({});
    const before = runs.list();
    await ask({ runId: "untouched" });
    await ask({ runId: "unheard of" });
    deepEqual(runs.list(), before);
  });

  it("completes each message", async () => {
    const ask = await load();
    const { statusCode } = await ask({ runId: "none" }, "completed");
    equal(statusCode, 404);
  });

  it("reports a missing id to Catch, with a code", async () => {
    const ask = await load();
    const { error } = (await ask({}, "caught")) as AnyMessage & { error: CaughtError };
    equal(error.code, "INPUT_INVALID");
    match(error.message, /"runId" is missing/);
  });

  it("returns and shows that a run without a completed selection has failed", async () => {
    const ask = await load();
    const crashed = new PipelineError("LIGHTLY_RUN_CRASHED", "The Lightly run l has ended as CRASHED.");
    begin("crashed", SELECT).failWithResult(crashed, { lightly: { state: "CRASHED" } });
    const { state, error } = (await ask({ runId: "crashed" })).payload as RunView;
    deepEqual([state, error?.code], ["failed", "LIGHTLY_RUN_CRASHED"]);
    const { status } = (await ask({ runId: "crashed" }, "status")) as AnyMessage & { status: ShownStatus };
    deepEqual([status.fill, status.text], ["red", "lightly-run-status.status.failed"]);
  });

  const ENDS: Record<string, (step: Step) => void> = {
    running: () => undefined,
    completed: (step) => step.complete({}),
    failed: (step) => step.fail(new PipelineError("INTERNAL", "no")),
  };
  for (const [state, end] of Object.entries(ENDS)) {
    it(`shows that a run is ${state}, with a text of the catalog`, async () => {
      const ask = await load();
      end(begin(`shown ${state}`, UPLOAD));
      const { status } = (await ask({ runId: `shown ${state}` }, "status")) as AnyMessage & { status: ShownStatus };
      equal(status.text, `lightly-run-status.status.${state}`);
    });
  }

  it("has a text for each state of a run, and for an unknown run", () => {
    deepEqual(Object.keys(CATALOGUE.status).sort(), [
      "aborted",
      "completed",
      "failed",
      "interrupted",
      "running",
      "unknown",
    ]);
  });
});
