import { deepEqual, equal, match } from "node:assert/strict";
import type { RunView } from "../../../src/nodes/lightly-run-status/run-view.ts";
import { usePipeline } from "../../flows/support/pipeline.ts";
import { until } from "../support/until.ts";

/** The responses of the example's endpoints. */
interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describe("the example's runs over HTTP", () => {
  // The instance takes long enough to be observed while it starts.
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", delays: { startMs: 2000 } });
  let runId: string;

  async function ask(path: string, method = "GET"): Promise<Answer> {
    const response = await fetch(`${pipeline.stack.nodeRed.url}/lightly-pipeline/runs/${path}`, { method });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const look = async (): Promise<RunView> => (await ask(runId)).body as unknown as RunView;
  const stateOf = async (type: string): Promise<string | undefined> =>
    (await look()).steps.findLast((step) => step.type === type)?.state;
  /** How often the instance was stopped, which is the run's last step. */
  const stops = async (): Promise<number> =>
    (await look()).steps.filter(({ type, state }) => type === "lightly-ec2-stop" && state === "completed").length;

  it("return the progress of a running run", async () => {
    runId = await pipeline.trigger();
    await until(async () => (await stateOf("lightly-ec2-start")) === "running");
    const { status, body } = await ask(runId);
    equal(status, 200);
    deepEqual([body.runId, body.state], [runId, "running"]);
    equal(await stateOf("lightly-s3-upload"), "completed");
  });

  it("return 404 for an unknown run, for each request", async () => {
    const unknown = { status: 404, body: { code: "RUN_NOT_FOUND", message: "There is no run unknown-run." } };
    deepEqual(await ask("unknown-run"), unknown);
    deepEqual(await ask("unknown-run/abort", "POST"), unknown);
    deepEqual(await ask("unknown-run/retry", "POST"), unknown);
  });

  it("refuse to retry a run that has not failed", async () => {
    const { status, body } = await ask(`${runId}/retry`, "POST");
    deepEqual([status, body.code], [409, "RUN_NOT_RETRYABLE"]);
    equal((await look()).state, "running");
  });

  it("abort a run, which stops its instance", async () => {
    deepEqual(await ask(`${runId}/abort`, "POST"), { status: 202, body: { runId } });
    await until(async () => (await stops()) === 1);
    const { state, error, endedAt } = await look();
    deepEqual([state, error?.code, typeof endedAt], ["aborted", "ABORTED", "string"]);
    equal(await pipeline.instance(), "stopped");
  });

  it("retry it, and it completes", async () => {
    deepEqual(await ask(`${runId}/retry`, "POST"), { status: 202, body: { runId } });
    await until(async () => (await stops()) === 2);
    deepEqual([(await look()).state, await stateOf("lightly-run")], ["completed", "completed"]);
    equal(await pipeline.instance(), "stopped");
  });

  it("refuse to abort a run that has ended", async () => {
    const { status, body } = await ask(`${runId}/abort`, "POST");
    deepEqual([status, body.code], [409, "RUN_NOT_ABORTABLE"]);
    match(String(body.message), /it is completed/);
  });

  it("send no command to Catch, which would treat it as a failure", () => {
    const ofCommands = pipeline.log.filter(
      (line) => /RUN_NOT_/.test(line) || line.includes("the instance may still run"),
    );
    deepEqual(ofCommands, []);
  });
});
