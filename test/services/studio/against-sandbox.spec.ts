import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { testClips } from "../../../sandbox/test/clips/test-clips.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { selectionConfig } from "../../../src/services/lightly/selection/selection-config.ts";
import { followCommand } from "../../../src/services/ssm/follow-command.ts";
import { sendScript } from "../../../src/services/ssm/send-script.ts";
import { packScript } from "../../../src/services/studio/pack-script.ts";
import { studioCommand } from "../../../src/services/studio/studio-command.ts";
import { isStudioDone, studioError } from "../../../src/services/studio/studio-end.ts";
import { readManifest } from "../../../src/services/studio/studio-manifest.ts";
import { readProgress } from "../../../src/services/studio/studio-progress.ts";
import { type StudioRequest, studioObjects } from "../../../src/services/studio/studio-request.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { REQUEST, SCRIPT_FOLDER } from "./request.ts";

const CLIPS = ["fish-tank-240x240.mp4", "conveyor-in-a-hall-320x180.mp4"];
const DELAYS = { startMs: 20, onlineMs: 20, stopMs: 20, deliveryMs: 20, workerPollMs: 20, secondMs: 50 };

/** The command as an instance gets it, with the sandbox's stand-in for LightlyStudio. */
describe("LightlyStudio on an instance of the sandbox", () => {
  const stateDir = temporaryFolder();
  const signal = new AbortController().signal;
  let sandbox: Sandbox;
  let s3: S3Client;
  let ssm: SSMClient;
  let ec2: EC2Client;

  before(async () => {
    const clips = await testClips();
    sandbox = await startSandbox({ stateDir, videosDir: clips, delays: DELAYS });
    const config = { region: sandbox.region, credentials: sandbox.credentials, endpoint: sandbox.endpoints.aws };
    s3 = new S3Client({ ...config, forcePathStyle: true });
    ssm = new SSMClient(config);
    ec2 = new EC2Client(config);
    for (const name of CLIPS) {
      await upload(`raw/${name}`, readFileSync(join(clips, name)));
    }
    await upload("raw/broken.mp4", Buffer.from("no video"));
    const select = { ids: [sandbox.instanceId] };
    await startInstances({ ec2, ssm, select, capacityTimeoutMs: 0, timeoutMs: HANG_MS, pollMs: 20, signal });
  });

  after(async () => {
    s3.destroy();
    ssm.destroy();
    ec2.destroy();
    await sandbox.close();
  });

  afterEach(() => sandbox.faults.clear());

  async function upload(key: string, Body: Buffer): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket: sandbox.buckets.input, Key: key, Body }));
  }

  async function read(uri: string): Promise<Buffer> {
    const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(uri) ?? [];
    return Buffer.from(
      (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray()) ?? [],
    );
  }

  function request(runId: string, more: Partial<StudioRequest> = {}): StudioRequest {
    const output = `s3://${sandbox.buckets.output}/studio`;
    const inputs = [`s3://${sandbox.buckets.input}/raw/`];
    const selection = selectionConfig({ nSamples: 8 });
    return { ...REQUEST, runId, inputs, output, datasetUri: `${output}-state`, selection, framesPerSecond: 2, ...more };
  }

  async function run(asked: StudioRequest) {
    const script = await packScript(SCRIPT_FOLDER);
    const lines = studioCommand({ request: asked, script, python: "/opt/lightly-studio/bin/python" });
    const { instanceId } = sandbox;
    const limits = { executionTimeoutSeconds: 3600, deliveryTimeoutSeconds: 600 };
    const command = { ssm, instanceIds: [instanceId], script: "LightlyStudio", lines, ...limits, signal };
    const { commandId } = await sendScript(command);
    return await followCommand({ ssm, commandId, instanceId, until: "ended", timeoutMs: 100_000, pollMs: 50, signal });
  }

  it("selects frames, writes their pictures, and records them", async () => {
    const asked = request("one");
    const report = await run(asked);
    assert.ok(isStudioDone(report), report.stdout + report.stderr);
    const manifest = readManifest(String(await read(studioObjects(asked).manifest)), asked);
    assert.deepEqual(manifest.counts, { videos: 3, broken: 1, frames: 13, selectedBefore: 0, selected: 8 });
    assert.deepEqual([manifest.frames[0]?.frame, manifest.frames[0]?.distance], [0, null]);
    for (const { uri } of manifest.frames) {
      assert.equal((await read(uri)).subarray(1, 4).toString(), "PNG", uri);
    }
    const progress = readProgress(String(await read(studioObjects(asked).progress)));
    assert.equal(progress?.phase, "done");
    const names = progress.phases?.map(({ name }) => name);
    assert.deepEqual(names, ["index", "select", "export", "save", "done"]);
  });

  it("answers the same run from its manifest, counts it in later ones, and selects nothing without new videos", async () => {
    assert.equal((await run(request("one"))).exitCode, 0);
    const asked = request("two");
    const report = await run(asked);
    assert.equal(report.exitCode, 3, report.stdout);
    assert.ok(isStudioDone(report));
    const { counts } = readManifest(String(await read(studioObjects(asked).manifest)), asked);
    assert.deepEqual([counts.frames, counts.selectedBefore, counts.selected], [0, 8, 0]);
  });

  it("fails with the code and the reason of the script", async () => {
    const other = studioError(await run(request("one", { framesPerSecond: 1 })));
    assert.equal(other.code, "STUDIO_SPEC_INVALID");
    assert.match(other.message, /The run one was done with another request/);
    const missing = studioError(await run(request("three", { inputs: [`s3://${sandbox.buckets.input}/none/`] })));
    assert.equal(missing.code, "STUDIO_INPUT_UNREADABLE");
    sandbox.faults.workerCrash = "index";
    const crashed = studioError(await run(request("four", { datasetUri: `s3://${sandbox.buckets.output}/other` })));
    assert.equal(crashed.code, "STUDIO_SCRIPT_FAILED");
  });
});
