import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import type { AwsNode } from "../../../src/nodes/shared/accounts/aws-node.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { type StudioInstance, studioInstance } from "../support/studio-instance.ts";
import { until } from "../support/until.ts";

interface StudioResult {
  readonly runId: string;
  readonly state: string;
  readonly output: string;
  readonly manifest: string;
  readonly counts: { readonly videos: number; readonly selected: number };
  readonly commandId: string;
  readonly instanceId: string;
}

const ID = "i-0123456789abcdef0";
const OTHER = "i-0fedcba9876543210";

describe("the lightly-studio-select node", () => {
  useNodeRed();
  const local = useSandbox();
  let instance: StudioInstance;
  let video: string;
  let dataset = 0;

  before(async () => {
    instance = studioInstance(local.sandbox);
    await instance.start();
    video = await instance.upload("raw, with a comma/fish.mp4");
  });
  after(() => instance.close());

  const step = (options: Record<string, unknown> = {}) => {
    dataset += 1;
    return {
      type: "lightly-studio-select",
      account: "aws",
      instanceIds: "ec2.instanceIds",
      instanceIdsType: "msg",
      datasetName: `dataset ${dataset}`,
      datasetNameType: "str",
      videos: "s3.uri",
      videosType: "msg",
      output: `s3://${local.sandbox.buckets.output}/studio/`,
      outputType: "str",
      amount: "number",
      count: "3",
      framesPerSecond: "4",
      embedder: "grid",
      retries: "0",
      retrySeconds: "0.01",
      ...options,
    };
  };

  async function start(options: Record<string, unknown> = {}, msg: Record<string, unknown> = {}): Promise<TestFlow> {
    const flow = await loadFlow({ step: step(options), outputs: 3, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, s3: { uri: video }, ...msg });
    return flow;
  }

  async function run(options: Record<string, unknown> = {}, msg: Record<string, unknown> = {}): Promise<TestFlow> {
    const flow = await start(options, msg);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  }

  /** The results of two messages, one after the other. */
  async function runTwice(form: ReturnType<typeof step>, ...msgs: readonly object[]): Promise<StudioResult[]> {
    const flow = await loadFlow({ step: form, outputs: 3, ...local.accounts });
    for (const [index, msg] of msgs.entries()) {
      flow.receive({ ec2: { instanceIds: [ID] }, s3: { uri: video }, ...msg });
      await flow.until(() => flow.completed.length + flow.caught.length > index);
    }
    deepEqual(flow.caught, []);
    return (flow.sent[0] ?? []).map(({ lightly }) => lightly as StudioResult);
  }

  function warnings(): string[] {
    const spy = helper.getNode("step").warn as unknown as { getCalls(): Array<{ args: string[] }> };
    return spy.getCalls().map(({ args }) => args.join());
  }

  /** A Python that waits until it is canceled. */
  const waiting = (name: string) => instance.python(name, `echo $$ >> "$HOME/${name}.pids"`, "exec sleep 60");
  const untilRuns = (name: string) => until(() => instance.home(`${name}.pids`).then(Boolean, () => false));

  async function isAlive(name: string): Promise<boolean> {
    const pids = (await instance.home(`${name}.pids`)).trim().split("\n").map(Number);
    return pids.some((pid) => local.sandbox.record.processes(ID).includes(pid));
  }

  it("selects frames of the uploaded video on the started instance", async () => {
    const flow = await run({}, { topic: "kept", runId: "a run/ä" });
    deepEqual(flow.caught, []);
    const lightly = result<StudioResult>(flow, "lightly");
    const { runId, manifest, output, counts, commandId, ...rest } = lightly;
    deepEqual(rest, { engine: "studio", datasetName: `dataset ${dataset}`, state: "COMPLETED", instanceId: ID });
    match(runId, /^a-run--[0-9a-f]{10}$/);
    deepEqual([counts.videos, counts.selected], [1, 3]);
    equal(output, `s3://${local.sandbox.buckets.output}/studio`);
    equal(manifest, `${output}/${runId}/manifest.json`);
    equal(result(flow, "payload"), "COMPLETED");
    equal(result(flow, "topic"), "kept");
    deepEqual(flow.sent[1], []);
    equal(flow.statuses.at(-1)?.fill, "green");
    const [record] = runs.get("a run/ä")?.steps ?? [];
    deepEqual(record?.result?.lightly, lightly);
    const { checkpoint } = record ?? {};
    deepEqual(
      [checkpoint?.output, checkpoint?.studioRunId, checkpoint?.commandId, record?.role],
      [output, runId, commandId, "select"],
    );
  });

  it("keeps the dataset below the output, so that a later run selects nothing from the same video", async () => {
    const form = step();
    const sent = await runTwice(form, {}, {});
    deepEqual(
      sent.map(({ counts }) => counts.selected),
      [3, 0],
    );
    const objects = await local.sandbox.record.objects(local.sandbox.buckets.output);
    const records = objects.filter(({ key }) => key.startsWith(`studio/datasets/${form.datasetName}/runs/`));
    equal(records.length, 2);
  });

  it("sends the phases of the script on the third output, with its counts, and keeps them in the record", async () => {
    const flow = await start({}, { runId: "with progress" });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    const states = (flow.sent[2] ?? []).map(({ payload }) => payload);
    ok(states.includes("INDEX"), states.join());
    const news = flow.sent[2]?.find(({ payload }) => payload === "INDEX")?.lightly as Record<string, unknown>;
    deepEqual([news.engine, news.state, news.of], ["studio", "INDEX", 1]);
    ok(runs.get("with progress")?.steps[0]?.log?.some(({ text }) => text === "index"));
    ok(flow.statuses.some(({ text }) => text.endsWith("status.index")));
    const phases = runs.get("with progress")?.steps[0]?.phases?.map(({ name }) => name);
    deepEqual(phases, ["index", "select", "export", "save"]);
  });

  it("continues without progress if the account may not read it, and warns once", async () => {
    const { faults } = local.sandbox;
    faults.add({ service: "s3", operation: "GetObject", kind: "status", status: 403, code: "AccessDenied" });
    const python = await instance.python(
      "unread",
      'until [ -e "$HOME/read" ]; do sleep 0.05; done',
      'exec "$STUDIO" "$@"',
    );
    const flow = await start({ python });
    await until(() => warnings().length > 0);
    faults.clear();
    await instance.write("read");
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual([flow.caught, flow.sent[2]], [[], []]);
    equal(result(flow, "payload"), "COMPLETED");
    equal(warnings().length, 1);
    match(warnings()[0] ?? "", /progress of LightlyStudio can't be shown.*s3:GetObject/);
  });

  it("names the videos that can't be decoded, in one warning", async () => {
    const broken = await instance.upload("raw/broken.mp4", Buffer.from("no video"));
    const flow = await run({}, { s3: { uri: [video, broken] } });
    deepEqual(flow.caught, []);
    equal(result<{ counts: { broken: number } }>(flow, "lightly").counts.broken, 1);
    deepEqual(
      warnings().map((text) => text.split(`${broken}: `)[0]),
      ["LightlyStudio has not used all videos as they are. "],
    );
  });

  it("uses one instance, and names those that it does not use", async () => {
    const flow = await run({}, { ec2: { instanceIds: [ID, OTHER] } });
    equal(result<StudioResult>(flow, "lightly").instanceId, ID);
    ok(warnings().some((text) => text.includes(OTHER)));
  });

  it("reads its inputs as a list of URIs", async () => {
    const flow = await run({ videos: `${video}, s3://${local.sandbox.buckets.input}/none/`, videosType: "str" });
    equal(flow.caught[0]?.error.code, "STUDIO_INPUT_UNREADABLE");
    match(flow.caught[0]?.error.message ?? "", /\/none\//);
  });

  it("reads keys that contain commas and line breaks", async () => {
    const key = "raw/a, b\nc.mp4";
    const uri = await instance.upload(key);
    const flow = await run({}, { s3: { uri: [uri] } });
    deepEqual(flow.caught, []);
    equal(result<StudioResult>(flow, "lightly").counts.videos, 1);
  });

  it("refuses a selection that LightlyStudio can't do before anything is sent", async () => {
    const before = await instance.commands();
    const strategies = [
      { input: { type: "SCORES", task: "t", score: "s" }, strategy: { type: "WEIGHTS" } },
      { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } },
    ];
    const flow = await run({ strategies });
    equal(flow.caught[0]?.error.code, "LIGHTLY_SELECTION_INVALID");
    match(flow.caught[0]?.error.message ?? "", /SCORES with WEIGHTS: it computes no active-learning scores/);
    deepEqual(await instance.commands(), before);
  });

  it("reports a failure of the script to Catch once, with its code and its reason", async () => {
    const fails = `{"phase": "failed", "code": "STUDIO_MODEL_UNAVAILABLE", "message": "No weights."}`;
    const python = await instance.python("no-model", `echo '${fails}'`, "exit 7");
    const flow = await run({ python, retries: "2" }, { runId: "no model" });
    equal(flow.caught.length, 1);
    equal(flow.caught[0]?.error.code, "STUDIO_MODEL_UNAVAILABLE");
    match(flow.caught[0]?.error.message ?? "", /No weights\./);
    deepEqual([flow.sent[0], flow.sent[1]], [[], []]);
    equal(runs.get("no model")?.state, "failed");
  });

  it("reports an instance without LightlyStudio, and that the step can install it", async () => {
    const flow = await run({ python: "/home/ubuntu/nothing/bin/python" });
    equal(flow.caught[0]?.error.code, "STUDIO_NOT_INSTALLED");
    match(flow.caught[0]?.error.message ?? "", /let the step install it/);
  });

  it("waits for a dataset that another run uses as often as its retries allow, with a new command each time", async () => {
    const busy = `echo '{"phase": "failed", "code": "STUDIO_DATASET_BUSY", "message": "Another run."}'`;
    const python = await instance.python(
      "busy",
      'echo x >> "$HOME/tries"',
      `[ $(wc -l < "$HOME/tries") -gt 2 ] || { ${busy}; exit 8; }`,
      'exec "$STUDIO" "$@"',
    );
    const flow = await run({ python, retries: "2" }, { runId: "busy" });
    deepEqual(flow.caught, []);
    equal(result<StudioResult>(flow, "lightly").counts.selected, 3);
    equal((await instance.home("tries")).length, 6);
  });

  it("gives up a dataset that another run still uses after its retries, and tells Catch once", async () => {
    const busy = `echo '{"phase": "failed", "code": "STUDIO_DATASET_BUSY", "message": "Another run."}'`;
    const flow = await run({ python: await instance.python("busy-for-ever", busy, "exit 8"), retries: "1" });
    equal(flow.caught.length, 1);
    equal(flow.caught[0]?.error.code, "STUDIO_DATASET_BUSY");
  });

  it("gives a repeated message of a run with the same id another Studio run", async () => {
    const sent = await runTwice(
      step(),
      { runId: "studio, nightly", _msgid: "one" },
      { runId: "studio, nightly", _msgid: "two" },
    );
    const ids = sent.map(({ runId }) => runId);
    equal(new Set(ids).size, 2);
  });

  it("cancels its command when msg.cancel asks for it, and sends the message on the second output", async () => {
    const flow = await start({ python: await waiting("canceled") }, { runId: "studio, to cancel" });
    await untilRuns("canceled");
    flow.receive({ cancel: true, runId: "studio, to cancel" });
    await flow.until(() => (flow.sent[1]?.length ?? 0) > 0);
    const lightly = result<StudioResult>(flow, "lightly", 1);
    equal(lightly.state, "CANCELED");
    equal(result(flow, "payload", 1), "CANCELED");
    deepEqual([flow.sent[0], flow.caught], [[], []]);
    await until(async () => !(await isAlive("canceled")));
    await until(() => runs.get("studio, to cancel")?.state === "aborted");
    const statusOf = async () => (await instance.commands()).find(({ id }) => id === lightly.commandId)?.status;
    await until(async () => (await statusOf()) === "Cancelled");
  });

  it("cancels its command when another step of the run fails", async () => {
    const flow = await start({ python: await waiting("failing") }, { runId: "studio, failing" });
    await untilRuns("failing");
    const sibling = runs.begin("studio, failing", {
      nodeId: "y",
      type: "lightly-s3-upload",
      role: "upload",
      name: "upload",
      alwaysRuns: false,
    });
    sibling.fail(new PipelineError("S3_ACCESS_DENIED", "No."));
    await flow.until(() => (flow.sent[1]?.length ?? 0) > 0);
    await until(async () => !(await isAlive("failing")));
    equal(runs.get("studio, failing")?.error?.code, "S3_ACCESS_DENIED");
    deepEqual(flow.caught, []);
  });

  it("continues to follow its command after a redeploy, and sends it once", async () => {
    const before = (await instance.commands()).length;
    const python = await instance.python(
      "slow",
      'echo $$ >> "$HOME/slow.pids"',
      'until [ -e "$HOME/go" ]; do sleep 0.05; done',
      'exec "$STUDIO" "$@"',
    );
    const form = step({ python });
    const first = await loadFlow({ step: form, outputs: 3, ...local.accounts });
    first.receive({ ec2: { instanceIds: [ID] }, s3: { uri: video }, runId: "studio, redeployed" });
    await untilRuns("slow");
    await until(() => runs.get("studio, redeployed")?.steps[0]?.checkpoint?.commandId !== undefined);
    await helper.unload();
    const second = await loadFlow({ step: form, outputs: 3, ...local.accounts });
    runs.resumeAll();
    await instance.write("go");
    await second.until(() => second.completed.length + second.caught.length > 0);
    deepEqual(second.caught, []);
    equal(result<StudioResult>(second, "lightly").counts.selected, 3);
    equal((await instance.commands()).length, before + 1);
  });

  it("reports an instance that stopped", async () => {
    const flow = await start({ python: await waiting("lost") }, { runId: "studio, lost" });
    await untilRuns("lost");
    const watcher = runs.begin("studio, other", {
      nodeId: "z",
      type: "lightly-ec2-start",
      role: "start",
      name: "start",
      alwaysRuns: false,
    });
    watcher.broadcast({ kind: "instances-lost", instanceIds: [ID], state: "stopped (by a user)" });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_LOST");
    watcher.complete({});
    await until(async () => !(await isAlive("lost")));
  });

  it("reports a missing manifest", async () => {
    const flow = await run({ python: await instance.python("no-manifest", "exit 0") });
    equal(flow.caught[0]?.error.code, "STUDIO_MANIFEST_INVALID");
  });

  it("lends its AWS account to those who read the pictures", async () => {
    await loadFlow({ step: step(), outputs: 3, ...local.accounts });
    equal((helper.getNode("step") as unknown as AwsNode).awsAccount().id, "aws");
  });
});
