import assert from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { Datasource } from "../../../../src/services/lightly/datasets/datasource-config.ts";
import { prepareDataset } from "../../../../src/services/lightly/datasets/prepare-dataset.ts";
import { DS, dataset, json, never, refused, type StubLightly, startStubLightly } from "../stub-lightly.ts";

const QUERY = "GET /v1/datasets/query/name/my-videos";
const SET = `PUT /v1/datasets/${DS}/datasource`;

const ROLE = {
  kind: "role",
  roleArn: "arn:aws:iam::123456789012:role/LightlyAccess",
  externalId: "my-external-id-123",
} as const;
const INPUT: Datasource = { purpose: "INPUT", uri: "s3://bucket/input", region: "eu-central-1", access: ROLE };

describe("the datasources of a dataset", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const prepare = (
    o: { name?: string; type?: "Videos" | "Images"; datasources?: readonly Datasource[]; signal?: AbortSignal } = {},
  ) =>
    prepareDataset({ client: stub.client, name: "my-videos", type: "Videos", datasources: [], signal: never(), ...o });

  const set = async (...datasources: Datasource[]): Promise<string[]> => {
    stub.on(QUERY, json([dataset("my-videos")]));
    stub.on(SET, { status: 204 });
    await prepare({ datasources });
    return stub.to(SET).map(({ text }) => text);
  };

  it("are set by role, with one request per purpose like those of Lightly's own client", async () => {
    const lightly: Datasource = { ...INPUT, purpose: "LIGHTLY", uri: "s3://bucket/lightly/" };
    assert.deepEqual(await set(INPUT, lightly), [
      '{"purpose":"INPUT","type":"S3DelegatedAccess","thumbSuffix":".lightly/thumbnails/[filename]_thumb.[extension]","fullPath":"s3://bucket/input/","s3Region":"eu-central-1","s3ExternalId":"my-external-id-123","s3ARN":"arn:aws:iam::123456789012:role/LightlyAccess"}',
      '{"purpose":"LIGHTLY","type":"S3DelegatedAccess","thumbSuffix":".lightly/thumbnails/[filename]_thumb.[extension]","fullPath":"s3://bucket/lightly/","s3Region":"eu-central-1","s3ExternalId":"my-external-id-123","s3ARN":"arn:aws:iam::123456789012:role/LightlyAccess"}',
    ]);
  });

  it("are set with the KMS key for what Lightly writes, by role or by keys", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const keys = { kind: "keys", accessKeyId: "AKIA", secretAccessKey: "shh" } as const;
    for (const access of [ROLE, keys]) {
      stub.reset();
      const [body] = await set({ ...INPUT, purpose: "LIGHTLY", access, kmsKeyArn });
      assert.equal(JSON.parse(body ?? "").s3ServerSideEncryptionKMSKey, kmsKeyArn);
    }
  });

  it("are set by access keys", async () => {
    const [body] = await set({ ...INPUT, access: { kind: "keys", accessKeyId: "AKIA", secretAccessKey: "shh" } });
    assert.deepEqual(JSON.parse(body ?? ""), {
      purpose: "INPUT",
      type: "S3",
      thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]",
      fullPath: "s3://bucket/input/",
      s3Region: "eu-central-1",
      s3AccessKeyId: "AKIA",
      s3SecretAccessKey: "shh",
    });
  });

  for (const [uri, fullPath] of [
    ["s3://bucket", "s3://bucket/"],
    ["s3://bucket/", "s3://bucket/"],
    [" s3://my.bucket-1/a/b c// ", "s3://my.bucket-1/a/b c/"],
    ["s3://bucket//a", "s3://bucket/a/"],
  ] as const) {
    it(`have the path ${fullPath} for ${JSON.stringify(uri)}`, async () => {
      const [body] = await set({ ...INPUT, uri });
      assert.equal(JSON.parse(body ?? "").fullPath, fullPath);
    });
  }

  it("are sent again after a transient failure, because setting them is idempotent", async () => {
    stub.on(QUERY, json([dataset("my-videos")]));
    stub.on(SET, refused(500, "X"), "reset", { status: 200 });
    await prepare({ datasources: [INPUT] });
    assert.equal(stub.to(SET).length, 3);
  });

  const wrong: Array<[string, Partial<Datasource>, RegExp]> = [
    ["a place that is no S3 URI", { uri: "https://bucket/x" }, /INPUT datasource has the URI "https:\/\/bucket\/x"/],
    ["a bucket in capitals", { uri: "s3://Bucket/x" }, /has the URI/],
    ["a region with a typing error", { region: "eu-centrl-1" }, /Did you mean eu-central-1\?/],
    ["a region that Lightly does not know", { region: "il-central-1" }, /region "il-central-1"/],
    ["no region", { region: "" }, /It supports us-east-1/],
    ["an alias of a KMS key", { kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:alias/mine" }, /has the KMS key/],
    ["the id of a KMS key", { kmsKeyArn: "1234abcd-12ab-34cd-56ef-1234567890ab" }, /Enter the ARN of the key/],
    ["a user's ARN", { access: { ...ROLE, roleArn: "arn:aws:iam::123456789012:user/me" } }, /has the role/],
    [
      "an ARN of another partition",
      { access: { ...ROLE, roleArn: "arn:aws-cn:iam::123456789012:role/me" } },
      /has the role/,
    ],
    [
      "an external id of nine characters",
      { access: { ...ROLE, externalId: "123456789" } },
      /external id of 9 characters/,
    ],
    ["an external id with a blank", { access: { ...ROLE, externalId: "my external id" } }, /letters, digits and/],
    [
      "a blank key",
      { access: { kind: "keys", accessKeyId: "", secretAccessKey: "s" } },
      /no access key or no secret access key/,
    ],
  ];
  for (const [what, change, message] of wrong) {
    it(`refuse ${what} before any request`, async () => {
      await assert.rejects(prepare({ datasources: [{ ...INPUT, ...change }] }), (error: unknown) => {
        assert.ok(error instanceof PipelineError);
        assert.equal(error.code, "LIGHTLY_DATASOURCE_INVALID");
        assert.match(error.message, message);
        return true;
      });
      assert.equal(stub.seen.length, 0);
    });
  }

  it("refuse a duplicate purpose", async () => {
    await assert.rejects(prepare({ datasources: [INPUT, INPUT] }), {
      code: "LIGHTLY_DATASOURCE_INVALID",
      message: /twice/,
    });
  });
});
