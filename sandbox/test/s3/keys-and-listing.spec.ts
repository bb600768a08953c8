import assert from "node:assert/strict";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { compareKeys } from "../../src/s3/names.ts";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, send } from "../aws/raw-request.ts";

const ODD_KEYS = [
  "a space and ümläut/&?=#%+.mp4",
  "/leading slash",
  "trailing/",
  "double//slash",
  "../../escape",
  "./here",
  "..",
  "007",
  "1e3",
  "__proto__",
  "constructor",
  "%2e%2e%2f",
  "(brackets)!'*~",
  "日本語/\u{1f3ac}",
  "quotes\"'<>&amp;",
  "back\\slash|pipe^`{}",
  "tab\tand\rreturn\nline",
  "k".repeat(1024),
];

describe("sandbox s3: keys", () => {
  const Bucket = "odd-keys";
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  for (const Key of ODD_KEYS) {
    it(`accepts the key ${JSON.stringify(Key.slice(0, 40))}`, async () => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      assert.equal(await Body?.transformToString(), Key);
      await s3.send(new HeadObjectCommand({ Bucket, Key }));
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: Key.replace(/[\t\n\r]/g, "") }),
      );
      assert.ok(/[\t\n\r]/.test(Key) || Contents.some((object) => object.Key === Key));
    });
  }

  it("lists them all, in the order of their UTF-8 bytes", async () => {
    const bytewise = [...ODD_KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
    assert.deepEqual(
      Contents.map(({ Key = "" }) => decodeURIComponent(Key)),
      bytewise,
    );
    const beyond = ["\u{1f600}", "\uffff", "\ud7ff", "a"];
    assert.deepEqual([...beyond].sort(compareKeys), ["a", "\ud7ff", "\uffff", "\u{1f600}"]);
  });

  it("refuses a key of more than 1024 bytes and a path that is not UTF-8", async () => {
    const long = new PutObjectCommand({ Bucket, Key: "ü".repeat(513), Body: "x" });
    await assert.rejects(s3.send(long), fault("KeyTooLongError", 400));
    const { port } = new URL(aws.endpoint);
    const broken = await fetch(`http://127.0.0.1:${port}/${Bucket}/%ff?X-Amz-Signature=1`);
    assert.equal(broken.status, 400);
  });
});

describe("sandbox s3: listing", () => {
  const Bucket = "listing";
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
    for (const key of ["a/1", "a/2", "a/b/3", "b", "c/4", "c/5", "d"]) {
      await aws.storage.write(Bucket, key, Buffer.from(key));
    }
  });
  after(() => aws.close());

  const list = async (input: Partial<ListObjectsV2CommandInput> = {}) => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket, ...input }));
    const keys = answer.Contents?.map(({ Key }) => Key) ?? [];
    const prefixes = answer.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];
    return { ...answer, keys, prefixes };
  };

  it("returns key, size, ETag, time and storage class", async () => {
    const { Contents } = await list({ Prefix: "b" });
    assert.equal(Contents?.length, 1);
    assert.equal(Contents[0]?.Size, 1);
    assert.equal(Contents[0]?.ETag, '"92eb5ffee6ae2fec3ad71c777531578f"');
    assert.equal(Contents[0]?.StorageClass, "STANDARD");
    assert.ok(Contents[0]?.LastModified);
    assert.equal(Contents[0]?.Owner, undefined);
    assert.ok((await list({ FetchOwner: true })).Contents?.[0]?.Owner);
  });

  it("groups keys by a delimiter, also with a prefix", async () => {
    const top = await list({ Delimiter: "/" });
    assert.deepEqual([top.keys, top.prefixes, top.KeyCount], [["b", "d"], ["a/", "c/"], 4]);
    const below = await list({ Delimiter: "/", Prefix: "a/" });
    assert.deepEqual([below.keys, below.prefixes], [["a/1", "a/2"], ["a/b/"]]);
    const none = await list({ Prefix: "x" });
    assert.deepEqual([none.keys, none.KeyCount, none.IsTruncated], [[], 0, false]);
  });

  for (const pageSize of [1, 2, 3, 7, 1000]) {
    it(`returns pages of ${pageSize} without missing or duplicate keys`, async () => {
      const keys: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket })) {
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      }
      assert.deepEqual(keys, ["a/1", "a/2", "a/b/3", "b", "c/4", "c/5", "d"]);
      const rolled: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket, Delimiter: "/" })) {
        rolled.push(
          ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
          ...(page.Contents ?? []).map(({ Key }) => Key),
        );
      }
      assert.deepEqual(rolled.sort(), ["a/", "b", "c/", "d"]);
    });
  }

  it("starts after a key", async () => {
    assert.deepEqual((await list({ StartAfter: "b" })).keys, ["c/4", "c/5", "d"]);
    assert.deepEqual((await list({ StartAfter: "bb" })).keys, ["c/4", "c/5", "d"]);
    assert.deepEqual((await list({ StartAfter: "z" })).keys, []);
  });

  it("accepts max-keys of zero, and refuses an invalid number and a foreign token", async () => {
    const zero = await list({ MaxKeys: 0 });
    assert.deepEqual([zero.keys, zero.IsTruncated], [[], false]);
    assert.equal(codeOf(await send(aws.endpoint, { path: `/${Bucket}/?list-type=2&max-keys=x` })), "InvalidArgument");
    await assert.rejects(list({ ContinuationToken: "nonsense" }), fault("InvalidArgument", 400));
  });

  it("lists with version 1, from marker to marker", async () => {
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1, ...(Marker === undefined ? {} : { Marker }) }),
      );
      names.push(page.CommonPrefixes?.[0]?.Prefix ?? page.Contents?.[0]?.Key);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(names, ["a/", "b", "c/", "d"]);
  });
});
