import { deepEqual, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { UploadedObject } from "../../src/services/s3/upload/upload-object.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";

describe("the streaming example", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "streaming.json" });

  it("stores a video in S3 with its author, and nothing on the local disk", async () => {
    const flow = JSON.parse(await readFile(join(PACKAGE_ROOT, "examples", "streaming.json"), "utf8")) as Array<{
      id: string;
      type: string;
    }>;
    const button = flow.find(({ type }) => type === "inject")?.id;
    const { url } = pipeline.stack.nodeRed;
    equal((await fetch(`${url}/inject/${button}`, { method: "POST" })).status, 200);

    let run: RunRecord | undefined;
    while (run?.state !== "completed" || run.steps.length < 2) {
      await pause(50);
      [run] = (await (await fetch(`${url}/lightly-aws/runs`)).json()) as RunRecord[];
      equal(run?.error, undefined);
    }
    const stored = stepOf(run, "lightly-s3-upload")?.result?.s3 as UploadedObject;
    match(stored.uri, /^s3:\/\/lightly-input\/videos\/.+\.mp4$/);
    const { region, credentials, endpoints } = pipeline.stack.sandbox;
    const client = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    const { ContentLength, Metadata } = await client.send(
      new HeadObjectCommand({ Bucket: stored.bucket, Key: stored.key }),
    );
    client.destroy();
    equal(ContentLength, stored.bytes);
    equal(Metadata?.author, "Sandbox clips");
    match(Metadata?.["page-url"] ?? "", /^http:.*\/video\//);
    deepEqual(await readdir(join(pipeline.userDir, "lightly-aws")), ["runs"]);
  });
});
