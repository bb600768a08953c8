import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RunRecord } from "../../src/records/run-record.ts";
import { type StudioInstance, studioInstance } from "../nodes/support/studio-instance.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, useRestarts } from "./support/restarts.ts";

interface StudioResult {
  readonly state: string;
  readonly manifest: string;
  readonly counts: { readonly videos: number; readonly selected: number };
}

const TRIGGER = "a1f8000000000105";
const STEPS = [
  "lightly-pexels-download",
  "lightly-s3-upload",
  "lightly-ec2-start",
  "lightly-studio-select",
  "lightly-results",
  "lightly-ec2-stop",
];

describe("the studio example", () => {
  const restarts = useRestarts({ flow: "studio.json" });
  let instance: StudioInstance;
  let commandsBefore = 0;

  before(() => {
    instance = studioInstance(restarts.sandbox);
  });
  after(() => instance.close());
  beforeEach(async () => {
    commandsBefore = await studioCommands();
  });
  afterEach(() => {
    // Whatever the test was about.
    deepEqual(
      restarts.sandbox.record.instances().map(({ state }) => state),
      ["stopped"],
    );
    deepEqual(restarts.sandbox.record.processes(restarts.sandbox.instanceId), []);
  });

  /** Starts Node-RED with the example, and presses its button. */
  async function press(python?: string): Promise<RunRecord> {
    await restarts.start();
    if (python !== undefined) {
      await restarts.deploy((nodes) => nodes.map((node) => withPython(node, python)));
    }
    await until(async () => (await post(`/inject/${TRIGGER}`)).ok);
    await until(async () => (await restarts.runs()).length > 0);
    return (await restarts.runs())[0] as RunRecord;
  }

  const post = (path: string): Promise<Response> =>
    fetch(`${restarts.url}${path}`, { method: "POST", headers: { "content-type": "application/json" } });
  const studioCommands = async (): Promise<number> =>
    (await instance.commands()).filter(({ comment }) => comment.startsWith("node-red run")).length;
  const hasCommand = (run: RunRecord): boolean =>
    stepOf(run, "lightly-studio-select")?.checkpoint?.commandId !== undefined;

  /** The program waits for the file, whose name is that of the program and `.go`. */
  const waiting = (name: string): Promise<string> =>
    instance.python(
      name,
      `echo started > "$HOME/${name}.started"`,
      `until [ -e "$HOME/${name}.go" ]; do sleep 0.05; done`,
      'exec "$STUDIO" "$@"',
    );
  const hasStarted = (name: string) =>
    until(() =>
      instance.home(`${name}.started`).then(
        () => true,
        () => false,
      ),
    );

  function resultOf(run: RunRecord): StudioResult {
    return stepOf(run, "lightly-studio-select")?.result?.lightly as StudioResult;
  }

  async function objects(): Promise<string[]> {
    const { record, buckets } = restarts.sandbox;
    return (await record.objects(buckets.output)).map(({ key }) => key);
  }

  it("selects frames of a downloaded video with one click, lists them, and stops the instance", async () => {
    const run = await restarts.untilRun((await press()).runId, isCleanedUp);
    deepEqual(
      run.steps.map(({ type, state }) => [type, state]),
      STEPS.map((type) => [type, "completed"]),
    );
    const { state, counts, manifest } = resultOf(run);
    deepEqual([state, counts.videos], ["COMPLETED", 1]);
    ok(counts.selected > 0);
    const keys = await objects();
    const folder = manifest.replace(/^s3:\/\/[^/]+\//, "").replace(/manifest\.json$/, "");
    equal(keys.filter((key) => key.startsWith(`${folder}frames/`)).length, counts.selected);
    const listed = stepOf(run, "lightly-results")?.result?.lightly as { selection: { count: number } } | undefined;
    equal(listed?.selection.count, counts.selected);
    equal(run.state, "completed");
  });

  it("stops the instance when the script fails, and informs Catch", async () => {
    restarts.sandbox.faults.workerCrash = "index";
    const run = await restarts.untilRun((await press()).runId, isCleanedUp);
    equal(run.error?.code, "STUDIO_SCRIPT_FAILED");
    match(run.error?.message ?? "", /LightlyStudio on instance/);
    equal(stepOf(run, "lightly-results"), undefined);
    equal(run.state, "failed");
  });

  it("continues the same Studio run when the failed run is retried", async () => {
    const { sandbox } = restarts;
    sandbox.faults.workerCrash = "index";
    const failed = await restarts.untilRun((await press()).runId, isCleanedUp);
    sandbox.faults.clear();
    ok((await post(`/lightly-aws/runs/${failed.runId}/retry`)).ok);
    const run = await restarts.untilRun(failed.runId, ({ state }) => state === "completed");
    const ids = run.steps
      .filter(({ type }) => type === "lightly-studio-select")
      .map(({ checkpoint }) => checkpoint?.studioRunId);
    equal(ids.length, 2);
    equal(ids[0], ids[1]);
    ok(ids[0]);
  });

  it("resumes after a kill of Node-RED with the same command, and does nothing twice", async () => {
    const { runId } = await press(await waiting("killed"));
    await restarts.untilRun(runId, hasCommand);
    await hasStarted("killed");
    await restarts.nodeRed.kill();
    await restarts.start();
    await instance.write("killed.go");
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "completed");
    equal(resultOf(run).state, "COMPLETED");
    equal((await studioCommands()) - commandsBefore, 1);
    equal((await objects()).filter((key) => key.endsWith("/manifest.json") && key.includes(runId)).length, 1);
    ok((stepOf(run, "lightly-studio-select")?.resumeCount ?? 0) > 0);
  });

  it("cancels its command when the run is aborted, and stops the instance", async () => {
    const { runId } = await press(await waiting("aborted"));
    await restarts.untilRun(runId, hasCommand);
    await hasStarted("aborted");
    equal((await post(`/lightly-aws/runs/${runId}/abort`)).status, 200);
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "aborted");
    equal(stepOf(run, "lightly-studio-select")?.state, "aborted");
    await until(async () => (await instance.commands())[0]?.status === "Cancelled");
  });
});

function withPython(node: FlowNode, python: string): FlowNode {
  return node.type === "lightly-studio-select" ? { ...node, python } : node;
}
