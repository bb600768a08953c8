import { deepEqual, equal, match, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { UploadedObject } from "../../../src/services/s3/upload/upload-object.ts";
import { type FileServer, patterned, sendFile, serve } from "../../services/http/file-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";

const step = {
  type: "lightly-s3-upload",
  account: "aws",
  source: "filename",
  sourceType: "msg",
  bucket: "BUCKET",
  bucketType: "env",
  prefix: "videos",
  prefixType: "str",
  ifExists: "refuse",
};
const env = { BUCKET: "lightly-input" };

describe("the lightly-s3-upload node", () => {
  useNodeRed();
  const local = useSandbox();
  const folder = temporaryFolder();

  const fileOf = async (name: string, bytes: number): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, randomBytes(bytes));
    return file;
  };

  it("uploads the file that the message names, and keeps the other properties of the message", async () => {
    const filename = await fileOf("clip one.mp4", 1234);
    const flow = await loadFlow({ step, env, ...local.accounts });
    flow.receive({
      filename,
      topic: "kept",
      pexels: { id: 7, author: "Zoë", pageUrl: "https://www.pexels.com/video/7/" },
    });
    await flow.until(() => flow.completed.length > 0);
    const [msg] = flow.sent[0] ?? [];
    const s3 = result<UploadedObject>(flow, "s3");
    match(s3.key, /^videos\/[^/]+\/clip one\.mp4$/);
    equal(s3.uri, `s3://lightly-input/${s3.key}`);
    equal(s3.bytes, 1234);
    equal(msg?.payload, s3.uri);
    equal(msg?.topic, "kept");
    equal(msg?.filename, filename);
    equal(flow.statuses.at(-1)?.fill, "green");
    deepEqual(flow.caught, []);
    const [, random = "?"] = s3.key.split("/");
    ok(JSON.stringify(local.sandbox.events.list()).includes(random), "the sandbox itself has seen the object");
  });

  it("does not mix two simultaneous messages", async () => {
    const files = await Promise.all([fileOf("a.bin", 10), fileOf("b.bin", 20), fileOf("c.bin", 30)]);
    const flow = await loadFlow({ step, env, ...local.accounts });
    for (const filename of files) {
      flow.receive({ filename });
    }
    await flow.until(() => flow.completed.length === 3);
    const pairs = (flow.sent[0] ?? []).map((msg) => [msg.filename, (msg.s3 as UploadedObject).bytes]);
    deepEqual(
      new Map(pairs as [string, number][]),
      new Map([
        [files[0], 10],
        [files[1], 20],
        [files[2], 30],
      ]),
    );
  });

  it("sends the service's error to Catch, with its code and the bucket's name", async () => {
    const filename = await fileOf("d.bin", 10);
    const flow = await loadFlow({ step: { ...step, bucket: "no-such-bucket", bucketType: "str" }, ...local.accounts });
    flow.receive({ filename });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "S3_BUCKET_NOT_FOUND");
    match(flow.caught[0]?.error.message ?? "", /no-such-bucket/);
    equal(flow.caught[0]?.filename, filename, "the message comes along");
    equal(flow.statuses.at(-1)?.text, "S3_BUCKET_NOT_FOUND");
  });

  it("reports a wrong secret without repeating it", async () => {
    const filename = await fileOf("e.bin", 10);
    const { others, credentials } = local.accounts;
    const wrong = { ...credentials, aws: { ...credentials.aws, secretAccessKey: "not-the-secret-at-all" } };
    const flow = await loadFlow({ step, env, others, credentials: wrong });
    flow.receive({ filename });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "AWS_CREDENTIALS_INVALID");
    equal(JSON.stringify(flow.caught).includes("not-the-secret-at-all"), false);
  });

  it("gives the object the ACL, the metadata and the headers of the form, beside those of the video", async () => {
    const filename = await fileOf("properties.mp4", 10);
    const fields = {
      acl: "bucket-owner-full-control",
      cacheControl: "max-age=60",
      contentDisposition: "inline",
      metadata: [
        { name: "Shot", value: "7" },
        { name: "author", value: "the form" },
      ],
      requestPayer: true,
    };
    const flow = await loadFlow({ step: { ...step, ...fields }, env, ...local.accounts });
    flow.receive({ filename, pexels: { id: 7, author: "the video" } });
    await flow.until(() => flow.completed.length > 0);
    const { endpoints, credentials, region } = local.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    const { key } = result<UploadedObject>(flow, "s3");
    const head = await s3.send(new HeadObjectCommand({ Bucket: "lightly-input", Key: key }));
    const { "lightly-upload-marker": _marker, ...metadata } = head.Metadata ?? {};
    deepEqual(
      [head.CacheControl, head.ContentDisposition, metadata],
      ["max-age=60", "inline", { shot: "7", author: "the form", "pexels-id": "7" }],
    );
    s3.destroy();
  });

  it("follows the bucket to its region, and says so once", async () => {
    const [first = "", second = ""] = await Promise.all([fileOf("f.bin", 10), fileOf("g.bin", 12 * 2 ** 20)]);
    const { others, credentials } = local.accounts;
    const elsewhere = others.map((node) => (node.id === "aws" ? { ...node, region: "us-west-2" } : node));
    const flow = await loadFlow({ step, env, others: elsewhere, credentials });
    const warnings: unknown[] = [];
    // The test helper emits an event for each call of warn().
    const node: NodeJS.EventEmitter = helper.getNode("step");
    node.on("call:warn", ({ args }: { readonly args: readonly unknown[] }) => warnings.push(args[0]));
    for (const [index, filename] of [first, second].entries()) {
      flow.receive({ filename });
      await flow.until(() => flow.completed.length + flow.caught.length > index);
    }
    deepEqual(flow.caught, []);
    equal(warnings.length, 1);
    match(String(warnings[0]), /lightly-input is in the region eu-central-1/);
  });

  it("reads an object of a bucket in another region than the account's", async () => {
    const { endpoints, credentials: keys, region } = local.sandbox;
    const s3 = new S3Client({ endpoint: endpoints.aws, region, credentials: keys, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key: "of/a b.mp4", Body: "12345" }));
    s3.destroy();
    const { others, credentials } = local.accounts;
    const elsewhere = others.map((node) => (node.id === "aws" ? { ...node, region: "us-west-2" } : node));
    const copy = { ...step, sourceKind: "object", source: "s3", bucket: "lightly-output", bucketType: "str" };
    const flow = await loadFlow({ step: copy, env, others: elsewhere, credentials });
    flow.receive({ s3: { uri: "s3://lightly-input/of/a b.mp4" } });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(
      flow.caught.map(({ error }) => error.message),
      [],
    );
    const { key, bytes } = result<UploadedObject>(flow, "s3");
    match(key, /^videos\/[^/]+\/a b\.mp4$/);
    equal(bytes, 5);
    flow.receive({ s3: { uri: "s3://lightly-input/of/a b.mp4", versionId: "" } });
    await flow.until(() => flow.completed.length + flow.caught.length > 1);
    equal(flow.completed.length, 2);
    flow.receive({ s3: { uri: "s3://lightly-input/of/none.mp4" } });
    await flow.until(() => flow.caught.length > 0);
    match(flow.caught[0]?.error.message ?? "", /The object s3:\/\/lightly-input\/of\/none\.mp4 does not exist/);
  });

  it("reads the version that the message names, not the latest one", async () => {
    const copy = { ...step, sourceKind: "object", source: "s3", bucket: "lightly-output", bucketType: "str" };
    const flow = await loadFlow({ step: copy, env, ...local.accounts });
    flow.receive({ s3: { uri: "s3://lightly-input/of/a b.mp4", versionId: "gone" } });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "SOURCE_NOT_FOUND");
    match(flow.caught[0]?.error.message ?? "", /s3:\/\/lightly-input\/of\/a b\.mp4 has no version gone/);
  });

  it("names what the store lacks, and does not try again", async () => {
    const filename = await fileOf("h.bin", 10);
    local.sandbox.faults.add({
      ...{ service: "s3", operation: "PutObject", kind: "status", status: 501, code: "NotImplemented" },
      header: "if-none-match",
    });
    const flow = await loadFlow({ step: { ...step, retries: 3, retrySeconds: 0.1 }, env, ...local.accounts });
    flow.receive({ filename });
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "S3_FEATURE_UNSUPPORTED");
    match(flow.caught[0]?.error.message ?? "", /conditional writes \(header if-none-match\).*"If key exists"/);
    equal(local.sandbox.faults.list()[0]?.applied, 1);
    await helper.unload();
    const without = await loadFlow({ step: { ...step, ifExists: "check" }, env, ...local.accounts });
    without.receive({ filename });
    await without.until(() => without.completed.length + without.caught.length > 0);
    deepEqual(without.caught, []);
  });

  it("advises to allow the objects of the form's prefix, not the one with a random key", async () => {
    const filename = await fileOf("i.bin", 10);
    local.sandbox.faults.add({
      service: "s3",
      operation: "PutObject",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    const flow = await loadFlow({ step, env, ...local.accounts });
    flow.receive({ filename });
    await flow.until(() => flow.caught.length > 0);
    match(flow.caught[0]?.error.message ?? "", /Allow s3:PutObject on arn:aws:s3:::lightly-input\/videos\/\* in/);
  });

  it("stops at a redeploy without an error, and continues its upload afterwards", async () => {
    const filename = await fileOf("big.bin", 12 * 2 ** 20);
    local.sandbox.faults.add({ service: "s3", operation: "UploadPart", kind: "latency", latencyMs: 30_000 });
    const flow = await loadFlow({ step, env, ...local.accounts });
    flow.receive({ filename });
    await flow.until(() => flow.statuses.length > 0);
    const { endpoints, credentials, region } = local.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    const uploads = async (): Promise<number> =>
      (await s3.send(new ListMultipartUploadsCommand({ Bucket: "lightly-input" }))).Uploads?.length ?? 0;
    while ((await uploads()) === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await helper.unload();
    equal(await uploads(), 1);
    deepEqual(flow.caught, []);
    deepEqual(flow.sent.flat(), []);
    local.sandbox.faults.clear();
    const again = await loadFlow({ step, env, ...local.accounts });
    await again.until(() => again.completed.length + again.caught.length > 0);
    deepEqual(again.caught, []);
    equal(result<UploadedObject>(again, "s3").bytes, 12 * 2 ** 20);
    equal(await uploads(), 0);
    s3.destroy();
  });

  describe("accepts only the kind of source in the form", () => {
    const BYTES = patterned(2000);
    let server: FileServer;
    before(async () => {
      server = await serve((request, response) => sendFile(request, response, BYTES));
    });
    after(() => server.close());

    async function upload(fields: Record<string, unknown>, msg: Record<string, unknown>) {
      const flow = await loadFlow({ step: { ...step, ...fields }, env, ...local.accounts });
      flow.receive(msg);
      await flow.until(() => flow.completed.length + flow.caught.length > 0);
      await helper.unload();
      return { error: flow.caught[0]?.error, s3: result<UploadedObject | undefined>(flow, "s3") };
    }

    it("a URL, if a URL is chosen", async () => {
      const { error, s3 } = await upload({ sourceKind: "url" }, { filename: server.url("/a%20b.mp4").href });
      equal(error, undefined);
      equal(s3?.bytes, BYTES.length);
      match(s3?.key ?? "", /\/a b\.mp4$/);
    });

    it("a Buffer, if a Buffer is chosen, with the name of its file", async () => {
      const { s3 } = await upload(
        { sourceKind: "buffer", source: "payload" },
        { payload: Buffer.from("abc"), filename: "/somewhere/a.mp4" },
      );
      equal(s3?.bytes, 3);
      match(s3?.key ?? "", /\/a\.mp4$/);
    });

    for (const [chosen, value, advice] of [
      ["file", () => server.url().href, /a URL, but the node uploads a file on this machine.*the content of a URL/],
      [undefined, () => server.url().href, /a URL, but the node uploads a file on this machine.*the content of a URL/],
      ["file", () => "file:///etc/passwd", /is a URL/],
      ["file", () => " HTTP://127.0.0.1/", /is a URL/],
      ["file", () => Buffer.from("abc"), /is a Buffer, but.*choose it under "Source type"/],
      ["url", () => "/etc/passwd", /not a URL, but the node uploads the content of a URL.*a file on this machine/],
      ["url", () => "C:\\secrets.txt", /not a URL/],
      ["url", () => Buffer.from("abc"), /is a Buffer/],
      ["buffer", () => "/etc/passwd", /not a URL, but the node uploads a Buffer/],
      ["buffer", () => server.url().href, /is a URL/],
      ["buffer", () => ({ type: "Buffer", data: [1] }), /must be a Buffer, but is of type object/],
      ["file", () => undefined, /must be a file on this machine, but is missing/],
      ["file", () => 7, /of type number/],
      ["guess", () => "/etc/passwd", /must be one of file, url, object, buffer/],
    ] as const) {
      it(`so not ${chosen ?? "the default kind"} from ${String(value.toString()).replace("() => ", "")}`, async () => {
        const asked = server.requests.length;
        const { error, s3 } = await upload({ sourceKind: chosen }, { filename: value() });
        equal(error?.code, "INPUT_INVALID");
        match(error?.message ?? "", advice);
        equal(s3, undefined);
        equal(server.requests.length, asked);
      });
    }

    it("no address of this machine or its network, unless it is allowed", async () => {
      const allowed = process.env.LIGHTLY_AWS_ALLOWED_HOSTS;
      process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "";
      try {
        const asked = server.requests.length;
        const { error } = await upload({ sourceKind: "url" }, { filename: server.url().href });
        equal(error?.code, "SOURCE_ADDRESS_REFUSED");
        equal(server.requests.length, asked);
      } finally {
        process.env.LIGHTLY_AWS_ALLOWED_HOSTS = allowed;
      }
    });

    it("not more bytes of a URL than the form allows", async () => {
      server.close();
      server = await serve((_request, response) => response.writeHead(200, { "content-length": 3 * 2 ** 20 }).end());
      const { error } = await upload({ sourceKind: "url", maxSizeGib: "0.001" }, { filename: server.url().href });
      equal(error?.code, "SOURCE_TOO_LARGE");
    });

    it("no file outside the form's folder, and none through a link out of it", async () => {
      const inner = temporaryFolder();
      await writeFile(join(inner, "in.mp4"), "inside");
      await fileOf("out.mp4", 10);
      await symlink(join(folder, "out.mp4"), join(inner, "link.mp4"));
      const fields = { sourceKind: "file", sourceFolder: inner };
      equal((await upload(fields, { filename: join(inner, "in.mp4") })).s3?.bytes, 6);
      for (const filename of [
        join(folder, "out.mp4"),
        join(inner, "link.mp4"),
        `${inner}/../out.mp4`,
        `${inner}-other/a.mp4`,
        join(folder, "no-such-file.mp4"),
        "/etc/passwd",
      ]) {
        const { error } = await upload(fields, { filename });
        equal(error?.code, "SOURCE_OUTSIDE_FOLDER", filename);
      }
      equal((await upload(fields, { filename: join(inner, "no-such-file.mp4") })).error?.code, "SOURCE_NOT_FOUND");
    });

    it("no file outside the folder that the environment sets for all nodes", async () => {
      const inner = temporaryFolder();
      await writeFile(join(inner, "in.mp4"), "inside");
      process.env.LIGHTLY_AWS_FILES_DIR = inner;
      try {
        equal((await upload({}, { filename: join(inner, "in.mp4") })).s3?.bytes, 6);
        const filename = await fileOf("outside.mp4", 10);
        equal((await upload({ sourceFolder: folder }, { filename })).error?.code, "SOURCE_OUTSIDE_FOLDER");
      } finally {
        delete process.env.LIGHTLY_AWS_FILES_DIR;
      }
    });
  });
});
