import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { mapEc2Error } from "../../../../src/services/ec2/map-ec2-error.ts";
import { listBuckets } from "../../../../src/services/s3/listing/list-buckets.ts";
import { useAwsHome } from "../aws-home.ts";
import { type RecordingServer, serveRecorder } from "../recording-server.ts";

/** Well-formed XML, which the SDK reads as a response without data. */
const CONSOLE = "<html><head><title>Console</title></head><body><h1>Log in</h1></body></html>";

describe("an endpoint that is not AWS", () => {
  useAwsHome();
  let server: RecordingServer;
  let clients: AwsClients;

  beforeEach(async () => {
    server = await serveRecorder();
    const credentials = { source: { kind: "keys", accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" } } as const;
    clients = new AwsClients({ endpoint: server.url, region: "eu-central-1", credentials });
  });
  afterEach(async () => {
    await clients.destroy();
    await server.close();
  });

  function answer(status: number, headers: Readonly<Record<string, string>>, body = CONSOLE): void {
    server.answer = (_request, response: ServerResponse) => response.writeHead(status, headers).end(body);
  }
  async function failure(): Promise<PipelineError> {
    const error = await listBuckets(await clients.s3(), new AbortController().signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    ok(error instanceof PipelineError, String(error));
    return error;
  }

  it("may call a response without content a page, as moto does after PutObject", async () => {
    answer(200, { "content-type": "text/html; charset=utf-8", "content-length": "0", etag: '"e"' }, "");
    const { ETag } = await (await clients.s3()).send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "frames" }));
    equal(ETag, '"e"');
  });

  it("but a page with status 200: is an error that quotes the page, not an empty list", async () => {
    answer(200, { "content-type": "text/html; charset=utf-8" });
    match((await failure()).message, /it is not from AWS, or is incomplete: "Console Log in"\. Check the endpoint/);
    const error = await (await clients.ec2()).send(new DescribeInstancesCommand({})).then(
      () => undefined,
      (thrown: unknown) => mapEc2Error(thrown, { action: "ec2:DescribeInstances", resource: "instances" }),
    );
    match(error?.message ?? "", /"Console Log in"/);
  });

  it("but a page that asks for a password: is not a matter of the keys", async () => {
    answer(401, { "content-type": "text/html", "www-authenticate": "Basic" });
    deepEqual([(await failure()).code], ["AWS_REQUEST_REFUSED"]);
  });

  it("but an object that is a page: is read", async () => {
    answer(200, { "content-type": "text/html", "content-length": String(CONSOLE.length) });
    const s3 = await clients.s3();
    const place = { Bucket: "videos", Key: "index.html" };
    equal((await s3.send(new HeadObjectCommand(place))).ContentLength, CONSOLE.length);
    equal(await (await s3.send(new GetObjectCommand(place))).Body?.transformToString(), CONSOLE);
  });

  it("and redirects to another address: names that address, without its parameters", async () => {
    for (const status of [301, 302, 307, 308]) {
      for (const body of ["", CONSOLE]) {
        answer(status, { "content-type": "text/html", location: "https://login.example.com/?token=abc" }, body);
        const { code, message } = await failure();
        equal(code, "AWS_REQUEST_REFUSED");
        match(
          message,
          new RegExp(`redirects to https://login\\.example\\.com \\(HTTP ${status}\\), which is not followed`),
        );
      }
    }
  });

  it("and gives no reason: shows the status, and what to check", async () => {
    answer(400, {}, "");
    match((await failure()).message, /the response is HTTP 400, without a reason\. Check the endpoint and the region/);
  });
});
