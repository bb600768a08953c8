import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { WatchedRequest } from "../../src/faults/request-watch.ts";
import { eventually, type Running, startRunning } from "../instances/running-sandbox.ts";

const INPUT = "lightly-input";

describe("The record of the sandbox", () => {
  let cloud: Running;
  let s3: S3Client;
  const requests: WatchedRequest[] = [];
  before(async () => {
    cloud = await startRunning({ onRequest: (request) => requests.push(request) });
    const { region, credentials, endpoints } = cloud.sandbox;
    s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true, maxAttempts: 1 });
  });
  after(async () => {
    s3.destroy();
    await cloud.close();
  });
  beforeEach(() => {
    requests.length = 0;
  });
  afterEach(() => cloud.sandbox.faults.clear());
  const phases = (operation: string): unknown[] =>
    requests
      .filter((one) => one.operation === operation)
      .map(({ phase, status }) => (status === undefined ? phase : `${phase} ${status}`));

  it("contains the state of the instance and its processes, even if every request is refused", async () => {
    await cloud.boot();
    cloud.sandbox.faults.add({ service: "*", kind: "throttle" });
    assert.deepEqual(cloud.sandbox.record.instances(), [{ instanceId: cloud.id, state: "running" }]);
    assert.deepEqual(cloud.sandbox.record.processes(cloud.id), []);
  });

  it("contains the objects of the buckets, and open uploads", async () => {
    const { record } = cloud.sandbox;
    await s3.send(new PutObjectCommand({ Bucket: INPUT, Key: "videos/a.mp4", Body: "abc" }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: INPUT, Key: "videos/b.mp4" }));
    assert.deepEqual(
      (await record.objects(INPUT)).map(({ key, bytes }) => [key, bytes]),
      [["videos/a.mp4", 3]],
    );
    assert.equal(await text(await record.read(INPUT, "videos/a.mp4")), "abc");
    assert.deepEqual(await record.uploads(INPUT), [{ key: "videos/b.mp4", uploadId: UploadId, parts: 0 }]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket: INPUT, Key: "videos/b.mp4", UploadId }));
    assert.deepEqual(await record.uploads(INPUT), []);
  });

  it("contains the requests to Lightly", async () => {
    const { record, endpoints, token } = cloud.sandbox;
    assert.deepEqual([record.datasets(), record.configs(), record.scheduledRuns(), record.runs()], [[], [], [], []]);
    await fetch(`${endpoints.lightly}/v1/datasets?token=${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "watched", type: "Videos" }),
    });
    assert.deepEqual(
      record.datasets().map(({ name }) => name),
      ["watched"],
    );
  });

  it("contains the lifetime of each worker's process, also of a killed one", async () => {
    await cloud.boot();
    const workers = (): unknown[] =>
      cloud.sandbox.events.list({ kind: "worker" }).map(({ state, instanceId }) => [state, instanceId]);
    await cloud.send("sh /home/ubuntu/run.sh", { Parameters: { executionTimeout: ["172800"] } });
    await eventually("the worker", async () => workers().length === 1);
    assert.deepEqual(workers(), [["started", cloud.id]]);
    await cloud.halt();
    await eventually("its end", async () => workers().length === 2);
    assert.deepEqual(workers()[1], ["ended", cloud.id]);
  });

  it("contains a worker that ended before it was reported", async () => {
    const last = cloud.sandbox.events.list().at(-1)?.id ?? 0;
    const gone = { pid: 2 ** 22, startedAt: Date.now() - 5 };
    assert.equal((await cloud.control("POST", `instances/${cloud.id}/workers`, gone)).status, 200);
    const [start, end, ...more] = cloud.sandbox.events.list({ after: last, kind: "worker" });
    assert.deepEqual([start?.state, start?.at, end?.state, more], ["started", gone.startedAt, "ended", []]);
  });

  it("refuses an invalid worker", async () => {
    const tell = async (id: string, body: unknown): Promise<number> =>
      (await cloud.control("POST", `instances/${id}/workers`, body)).status;
    assert.equal(await tell(cloud.id, { pid: "x", startedAt: 1 }), 400);
    assert.equal(await tell("i-none", { pid: 1, startedAt: 1 }), 404);
  });

  it("reports a request before it is processed, before the response, and after the response", async () => {
    await s3.send(new PutObjectCommand({ Bucket: INPUT, Key: "videos/c.mp4", Body: "abc" }));
    await eventually("the response", async () => phases("PutObject").length === 3);
    assert.deepEqual(phases("PutObject"), ["arrived", "answering 200", "answered 200"]);
    assert.match(requests[0]?.userAgent ?? "", /aws-sdk-js/);
  });

  it("reports refusals and broken connections too", async () => {
    const ask = (): Promise<unknown> =>
      cloud.ec2.send(new DescribeInstancesCommand({ InstanceIds: [cloud.id] })).catch(() => undefined);
    cloud.sandbox.faults.add({ service: "ec2", kind: "status", status: 500, times: 1 });
    await ask();
    await eventually("the refusal", async () => phases("DescribeInstances").length === 3);
    cloud.sandbox.faults.add({ service: "ec2", kind: "reset", times: 1 });
    await ask();
    await eventually("the reset", async () => phases("DescribeInstances").length === 5);
    assert.deepEqual(phases("DescribeInstances"), ["arrived", "answering 500", "answered 500", "arrived", "broken"]);
  });
});

describe("An extra port of a server of the sandbox", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning();
  });
  after(() => cloud.close());

  it("leads to the same server, and refuses connections while it is closed", async () => {
    const { sandbox } = cloud;
    const port = await sandbox.openPort("lightly");
    const ask = async (address: string): Promise<number> =>
      (await fetch(`${address}/v1/datasets?token=${sandbox.token}`)).status;
    assert.notEqual(port.url, sandbox.endpoints.lightly);
    assert.equal(await ask(port.url), 200);
    await port.close();
    await assert.rejects(ask(port.url), ({ cause }: Error) => (cause as NodeJS.ErrnoException).code === "ECONNREFUSED");
    assert.equal(await ask(sandbox.endpoints.lightly), 200);
    await port.open();
    assert.equal(await ask(port.url), 200);
  });

  it("disconnects clients when it is closed", async () => {
    const { sandbox } = cloud;
    const port = await sandbox.openPort("pexels");
    sandbox.faults.add({ service: "pexels", kind: "hang" });
    const request = fetch(`${port.url}/videos/popular`);
    await eventually("the request", async () => (sandbox.faults.list()[0]?.applied ?? 0) === 1);
    await port.close();
    await assert.rejects(request, ({ cause }: Error) => (cause as NodeJS.ErrnoException).code === "ECONNRESET");
  });
});
