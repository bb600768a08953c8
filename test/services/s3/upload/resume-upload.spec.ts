import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import {
  discardInterrupted,
  type UploadedObject,
  type UploadObjectOptions,
  uploadObject,
} from "../../../../src/services/s3/upload/upload-object.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { patterned } from "../../http/file-server.ts";
import { type Death, mortal } from "../mortal-client.ts";
import { type SandboxS3, startSandboxS3 } from "../sandbox-s3.ts";

const MIB = 1024 * 1024;
const BUCKET = "videos";
const SMALL = patterned(300_000);
/** Three parts of 5 MiB, the last one of four bytes. */
const LARGE = patterned(10 * MIB + 4);

/** The checkpoint of an upload. */
interface Note {
  readonly key: string;
  readonly marker: string;
  readonly since: number;
  uploadId?: string;
}

describe("an upload that was interrupted", () => {
  let sandbox: SandboxS3;
  const folder = temporaryFolder();
  /** A second client, for the test. */
  let s3: S3Client;
  let clients: S3Client[] = [];
  let notes = 0;

  before(async () => {
    sandbox = await startSandboxS3(join(folder, "s3"), BUCKET);
    s3 = sandbox.client();
  });
  afterEach(() => {
    sandbox.faults.clear();
    for (const client of clients) {
      client.destroy();
    }
    clients = [];
  });
  after(async () => {
    s3.destroy();
    await sandbox.stop();
  });

  function note(): Note {
    notes += 1;
    return { key: `in/clip-${notes}.mp4`, marker: `marker-${notes}`, since: Date.now() };
  }

  function begin(mine: Note, changes: Partial<UploadObjectOptions> = {}): Promise<UploadedObject> {
    return uploadObject({
      s3,
      bucket: BUCKET,
      key: mine.key,
      source: { buffer: LARGE, name: "clip.mp4" },
      ifExists: "refuse",
      partSizeBytes: 5 * MIB,
      signal: new AbortController().signal,
      marker: mine.marker,
      onUpload: async (uploadId) => {
        mine.uploadId = await Promise.resolve(uploadId);
      },
      ...changes,
    });
  }

  function resume(mine: Note, changes: Partial<UploadObjectOptions> = {}): Promise<UploadedObject> {
    return begin(mine, { resume: mine, ...changes });
  }

  /** Runs one process of an upload to its end. */
  async function live(work: (s3: S3Client) => Promise<UploadedObject>, death?: Death) {
    const client = sandbox.client();
    clients.push(client);
    const { sent, ended } = mortal(client, death);
    return { sent, outcome: await Promise.race([work(client), ended]) };
  }

  /** Leaves an upload with a number of parts. */
  async function interrupted(mine: Note, parts: number): Promise<void> {
    const { outcome } = await live((client) => begin(mine, { s3: client }), {
      after: 2 + parts, // HEAD, Create
      answer: "lost",
    });
    assert.equal(outcome, "ended");
    assert.equal((await partsOf(mine)).length, parts);
  }

  async function partsOf({ key, uploadId }: Note): Promise<number[]> {
    const { Parts: parts = [] } = await s3.send(
      new ListPartsCommand({ Bucket: BUCKET, Key: key, UploadId: uploadId ?? "" }),
    );
    return parts.map(({ PartNumber: number = 0 }) => number);
  }

  async function uploads(prefix: string): Promise<string[]> {
    const { Uploads: found = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: prefix }));
    return found.map(({ UploadId: id = "" }) => id);
  }

  async function create(key: string): Promise<string> {
    const { UploadId: id = "" } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key, ChecksumAlgorithm: "CRC32" }),
    );
    return id;
  }

  async function read(key: string): Promise<Buffer> {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.ok(body);
    return buffer(body as Readable);
  }

  async function failure(work: Promise<UploadedObject>): Promise<PipelineError> {
    const outcome = await work.then(
      (uploaded) => uploaded,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${JSON.stringify(outcome)}`);
    return outcome;
  }

  async function isWhole(mine: Note, uploaded: UploadedObject, bytes: Buffer): Promise<void> {
    assert.ok(bytes.equals(await read(mine.key)));
    assert.equal(uploaded.bytes, bytes.length);
    assert.match(uploaded.checksum?.value ?? "", /^[\w+/]{6}==/);
    assert.deepEqual(await uploads(mine.key), []);
  }

  /** Whether no part and no whole object was sent twice. */
  function sentOnce(sent: readonly string[]): void {
    const carriers = sent.filter((name) => /^(UploadPart|PutObject)/.test(name));
    assert.deepEqual([...new Set(carriers)], carriers, carriers.join());
  }

  for (const answer of ["arrived", "lost"] as const) {
    for (const [name, bytes, requests] of [
      ["parts", LARGE, 7],
      ["one request", SMALL, 3],
    ] as const) {
      it(`is completed after any end of the process, sent in ${name}, with its last response ${answer}`, async () => {
        const source = { buffer: bytes, name: "clip.mp4" };
        for (let after = answer === "lost" ? 1 : 0; after <= requests; after += 1) {
          const mine = note();
          const first = await live((client) => begin(mine, { s3: client, source }), { after, answer });
          assert.equal(first.outcome === "ended", after < requests || answer === "lost", `after ${after}`);
          const second = await live((client) => resume(mine, { s3: client, source }));
          assert.ok(second.outcome !== "ended");
          await isWhole(mine, second.outcome, bytes);
          sentOnce([...first.sent, ...second.sent]);
        }
      });
    }
  }

  it("continues if it was paused and not aborted", async () => {
    const mine = note();
    const abort = new AbortController();
    const onProgress: UploadObjectOptions["onProgress"] = () => abort.abort(new Error("the flow is deployed again"));
    const paused = begin(mine, { signal: abort.signal, onProgress, isPaused: () => true });
    assert.equal((await failure(paused)).code, "ABORTED");
    assert.ok((await partsOf(mine)).length > 0);
    await isWhole(mine, await resume(mine), LARGE);
  });

  /** The number of requests of a whole resume, which depends on where the first process ended. */
  for (const [firstAfter, requests] of [
    [2, 12],
    [5, 6],
  ] as const) {
    // A test for each moment: all of them in one take longer than a busy machine allows a test.
    for (let after = 1; after <= requests; after += 1) {
      it(`is completed if its process ends after ${firstAfter} requests, and the resuming one after ${after}`, async () => {
        const mine = note();
        const first = await live((client) => begin(mine, { s3: client }), { after: firstAfter, answer: "lost" });
        const second = await live((client) => resume(mine, { s3: client }), { after, answer: "lost" });
        assert.deepEqual([second.outcome, second.sent.length], ["ended", after]);
        const third = await live((client) => resume(mine, { s3: client }));
        assert.ok(third.outcome !== "ended");
        await isWhole(mine, third.outcome, LARGE);
        sentOnce([...first.sent, ...second.sent, ...third.sent]);
      });
    }

    it(`sends ${requests} requests if its process ended after ${firstAfter}`, async () => {
      const mine = note();
      await live((client) => begin(mine, { s3: client }), { after: firstAfter, answer: "lost" });
      const { sent } = await live((client) => resume(mine, { s3: client }));
      assert.equal(sent.length, requests, sent.join());
    });
  }

  it("is the same object if it was completed, even without its source", async () => {
    const mine = note();
    const uploaded = await begin(mine);
    const { sent, outcome } = await live((client) =>
      resume(mine, { s3: client, source: { path: join(folder, "gone.mp4") } }),
    );
    assert.deepEqual(outcome, uploaded);
    assert.deepEqual(sent, ["HeadObject"]);
  });

  it("counts as completed if S3 completes it during the resume", async () => {
    const mine = note();
    await interrupted(mine, 3);
    const place = { Bucket: BUCKET, Key: mine.key, UploadId: mine.uploadId };
    const client = sandbox.client();
    clients.push(client);
    let isFinished = false;
    client.middlewareStack.add((next, { commandName }) => async (args) => {
      if (commandName === "CompleteMultipartUploadCommand") {
        const { Parts: parts } = await s3.send(new ListPartsCommand(place));
        await s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts: parts } }));
        isFinished = true;
      }
      return next(args);
    });
    await isWhole(mine, await resume(mine, { s3: client }), LARGE);
    assert.ok(isFinished);
  });

  it("counts uploaded parts as progress", async () => {
    const mine = note();
    await interrupted(mine, 1);
    const seen: number[] = [];
    await resume(mine, { onProgress: ({ loadedBytes }) => seen.push(loadedBytes) });
    assert.equal(seen.length, 3);
    assert.equal(seen[0], 5 * MIB);
    assert.equal(seen[2], LARGE.length);
  });

  it("sends changed parts of the source again", async () => {
    const mine = note();
    await interrupted(mine, 2);
    const changed = Buffer.from(LARGE);
    changed[3] = 1 + (changed[3] ?? 0);
    const { sent, outcome } = await live((client) =>
      resume(mine, { s3: client, source: { buffer: changed, name: "clip.mp4" } }),
    );
    assert.ok(outcome !== "ended");
    await isWhole(mine, outcome, changed);
    assert.deepEqual(sent.filter((request) => request.startsWith("UploadPart")).sort(), [
      "UploadPart 1",
      "UploadPart 3",
    ]);
  });

  it("contains nothing of a source that has become shorter", async () => {
    const mine = note();
    await interrupted(mine, 3);
    const shorter = LARGE.subarray(0, 5 * MIB);
    await isWhole(mine, await resume(mine, { source: { buffer: shorter, name: "clip.mp4" } }), shorter);
  });

  it("keeps the size of its parts although another one is chosen now", async () => {
    const mine = note();
    await interrupted(mine, 2);
    const { sent, outcome } = await live((client) => resume(mine, { s3: client, partSizeBytes: 6 * MIB }));
    assert.ok(outcome !== "ended");
    await isWhole(mine, outcome, LARGE);
    assert.deepEqual(
      sent.filter((request) => request.startsWith("UploadPart")),
      ["UploadPart 3"],
    );
  });

  it("sends a single part again whose size is not the one that is chosen now", async () => {
    const mine = note();
    await interrupted(mine, 1);
    const { sent, outcome } = await live((client) => resume(mine, { s3: client, partSizeBytes: 6 * MIB }));
    assert.ok(outcome !== "ended");
    await isWhole(mine, outcome, LARGE);
    assert.deepEqual(sent.filter((request) => request.startsWith("UploadPart")).sort(), [
      "UploadPart 1",
      "UploadPart 2",
    ]);
  });

  it("restarts if its parts have different sizes", async () => {
    const mine = note();
    const old = await create(mine.key);
    for (const [PartNumber, size] of [6, 5, 5].map((mib, index) => [index + 1, mib * MIB] as const)) {
      const part = { Bucket: BUCKET, Key: mine.key, UploadId: old, PartNumber, Body: LARGE.subarray(0, size) };
      await s3.send(new UploadPartCommand(part));
    }
    await isWhole(mine, await resume({ ...mine, uploadId: old }), LARGE);
  });

  it("restarts if it was removed in the meantime", async () => {
    const mine = note();
    await interrupted(mine, 2);
    assert.equal(await discardInterrupted({ s3, bucket: BUCKET, ...mine }), true);
    await isWhole(mine, await resume(mine), LARGE);
  });

  for (const operation of ["ListMultipartUploads", "ListParts"]) {
    it(`is completed without the permission for ${operation}`, async () => {
      const mine = note();
      await interrupted(mine, 2);
      sandbox.faults.add({ service: "s3", operation, kind: "status", status: 403, code: "AccessDenied" });
      const uploaded = await resume(mine);
      sandbox.faults.clear();
      await isWhole(mine, uploaded, LARGE);
    });
  }

  it("does not overwrite an object of another writer, and leaves nothing", async () => {
    const mine = note();
    await interrupted(mine, 2);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: mine.key, Body: SMALL }));
    assert.equal((await failure(resume(mine))).code, "S3_OBJECT_EXISTS");
    assert.ok(SMALL.equals(await read(mine.key)));
    assert.deepEqual(await uploads(mine.key), []);
  });

  it("replaces an object of another writer if allowed", async () => {
    const mine = note();
    await interrupted(mine, 2);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: mine.key, Body: SMALL }));
    await isWhole(mine, await resume(mine, { ifExists: "overwrite" }), LARGE);
  });

  it("leaves nothing if it can't be resumed without its source", async () => {
    const mine = note();
    await interrupted(mine, 2);
    const path = join(folder, "gone.mp4");
    assert.equal((await failure(resume(mine, { source: { path } }))).code, "SOURCE_NOT_FOUND");
    assert.deepEqual(await uploads(mine.key), []);
  });

  it("leaves nothing if it is aborted during the resume", async () => {
    const mine = note();
    await interrupted(mine, 1);
    const path = join(folder, "clip.mp4");
    await writeFile(path, LARGE);
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error("another step failed"));
    const error = await failure(resume(mine, { source: { path }, signal: abort.signal, onProgress }));
    assert.equal(error.code, "ABORTED");
    assert.deepEqual(await uploads(mine.key), []);
  });

  it("reports the remaining upload if it can neither be resumed nor removed", async () => {
    const mine = note();
    await interrupted(mine, 1);
    sandbox.faults.add({
      service: "s3",
      operation: "AbortMultipartUpload",
      kind: "status",
      status: 403,
      code: "AccessDenied",
    });
    const clock = manualClock(5000);
    const error = await failure(resume(mine, { source: { path: join(folder, "gone.mp4") }, clock }));
    assert.equal(error.code, "SOURCE_NOT_FOUND");
    assert.equal(error.details.leftUploadId, mine.uploadId);
  });

  describe("of which only the time was saved", () => {
    for (const [name, finish] of [
      ["resumed", (mine: Note) => resume(mine)],
      ["discarded", (mine: Note) => discardInterrupted({ s3, bucket: BUCKET, ...mine })],
    ] as const) {
      it(`is removed if it is ${name}, and no other upload`, async () => {
        const mine = note();
        const other = await create(`${mine.key}.other`);
        const withPart = await create(mine.key);
        await s3.send(
          new UploadPartCommand({ Bucket: BUCKET, Key: mine.key, UploadId: withPart, PartNumber: 1, Body: SMALL }),
        );
        await create(mine.key);
        await create(mine.key);
        await finish(mine);
        assert.deepEqual((await uploads(mine.key)).sort(), [other, withPart].sort());
      });
    }

    it("is not confused with a much older one", async () => {
      const mine = note();
      const old = await create(mine.key);
      await resume({ ...mine, since: Date.now() + 3_600_000 });
      assert.deepEqual(await uploads(mine.key), [old]);
    });

    it("is found on any page of the list", async () => {
      const mine = note();
      const other = await create(`${mine.key}.other`);
      await create(mine.key);
      await create(mine.key);
      const client = sandbox.client();
      clients.push(client);
      client.middlewareStack.add((next, { commandName }) => async (args) => {
        const isListing = commandName === "ListMultipartUploadsCommand";
        return next(isListing ? { ...args, input: { ...args.input, MaxUploads: 1 } } : args);
      });
      assert.equal(await discardInterrupted({ s3: client, bucket: BUCKET, ...mine }), true);
      assert.deepEqual(await uploads(mine.key), [other]);
    });
  });

  it("does not exist if its id can't be saved", async () => {
    const mine = note();
    const onUpload = () => Promise.reject(new Error("the disk is full"));
    assert.match((await failure(begin(mine, { onUpload }))).message, /the disk is full/);
    assert.deepEqual(await uploads(mine.key), []);
  });

  it("is discarded without affecting a completed object", async () => {
    const mine = note();
    const { bytes } = await begin(mine);
    assert.equal(await discardInterrupted({ s3, bucket: BUCKET, ...mine }), true);
    assert.equal((await read(mine.key)).length, bytes);
  });

  it("is discarded with its parts", async () => {
    const mine = note();
    await interrupted(mine, 2);
    assert.equal(await discardInterrupted({ s3, bucket: BUCKET, ...mine }), true);
    assert.deepEqual(await uploads(mine.key), []);
  });

  it("is not reported as discarded if S3 does not respond", async () => {
    const mine = note();
    await interrupted(mine, 2);
    sandbox.faults.add({ service: "s3", operation: "*", kind: "status", status: 500, code: "InternalError" });
    const clock = manualClock(5000);
    assert.equal(await discardInterrupted({ s3, bucket: BUCKET, ...mine, clock }), false);
  });
});
