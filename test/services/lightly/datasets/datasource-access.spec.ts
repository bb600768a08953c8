import { deepEqual, doesNotMatch, equal, match, rejects } from "node:assert/strict";
import {
  locationsOfDataset,
  mayBeEmptyInput,
  missingPermissions,
  saysNothingThere,
} from "../../../../src/services/lightly/datasets/datasource-access.ts";
import { accessError, locationOf } from "../../../../src/services/lightly/datasets/datasource-access-error.ts";
import type { Datasource } from "../../../../src/services/lightly/datasets/datasource-config.ts";
import { DS, json, never, refused, type StubLightly, startStubLightly, TOKEN } from "../stub-lightly.ts";

const VERIFY = `GET /v1/datasets/${DS}/datasource/verify`;
const ALL = `GET /v1/datasets/${DS}/datasource/all`;
const GRANTED = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
const role = {
  kind: "role",
  roleArn: "arn:aws:iam::123456789012:role/LightlyAccess",
  externalId: "my-external-id-123",
} as const;
const region = "eu-central-1";
const INPUT: Datasource = { purpose: "INPUT", uri: "s3://my-videos/raw", region, access: role };
const OUTPUT: Datasource = { purpose: "LIGHTLY", uri: "s3://my-output/lightly", region, access: role };

describe("the permissions of Lightly on the datasources of a dataset", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const missing = () => missingPermissions({ client: stub.client, datasetId: DS, signal: never() });

  it("are complete if Lightly says so", async () => {
    stub.on(VERIFY, json({ ...GRANTED, errors: null, somethingNew: 1 }));
    deepEqual(await missing(), []);
  });

  it("are missing as Lightly reports them, in its words, without the token", async () => {
    const errors = { canWrite: `AccessDenied for ${TOKEN}`, canList: null };
    stub.on(VERIFY, json({ ...GRANTED, canWrite: false, canOverwrite: false, errors }));
    const [write, overwrite, ...others] = await missing();
    deepEqual([write?.permission, overwrite, others], ["canWrite", { permission: "canOverwrite" }, []]);
    match(write?.reason ?? "", /^AccessDenied for /);
    doesNotMatch(write?.reason ?? "", /s3cr3t/);
  });

  for (const code of ["CREDENTIALS_ERROR", "INVALID", "UNKNOWN"]) {
    it(`are all missing if Lightly answers DATASET_DATASOURCE_${code}`, async () => {
      stub.on(VERIFY, refused(422, `DATASET_DATASOURCE_${code}`));
      const found = await missing();
      deepEqual(
        found.map(({ permission }) => permission),
        ["canList", "canRead", "canWrite", "canOverwrite"],
      );
      match(found[0]?.reason ?? "", new RegExp(`DATASET_DATASOURCE_${code}`));
    });
  }

  it("are not known if the response is about something else, after three attempts at most", async () => {
    stub.on(VERIFY, refused(404, "NOT_FOUND"));
    await rejects(missing(), { code: "LIGHTLY_REQUEST_REFUSED" });
    stub.on(VERIFY, refused(500, "X"));
    await rejects(missing(), { code: "LIGHTLY_SERVICE_FAILED" });
    equal(stub.to(VERIFY).length, 4);
    stub.on(VERIFY, json({ canRead: true }));
    await rejects(missing(), { code: "LIGHTLY_RESPONSE_INVALID" });
  });

  it("may be missing only because the input is empty, unless Lightly names a refusal", () => {
    equal(mayBeEmptyInput([{ permission: "canList" }, { permission: "canRead", reason: "No files found." }]), true);
    equal(mayBeEmptyInput([{ permission: "canRead", reason: "Access Denied" }]), false);
    equal(mayBeEmptyInput([{ permission: "canList", reason: "The bucket does not exist" }]), false);
    equal(mayBeEmptyInput([{ permission: "canRead" }, { permission: "canWrite" }]), false);
    equal(saysNothingThere([{ permission: "canRead", reason: "NoSuchKey: not found" }]), true);
    equal(saysNothingThere([{ permission: "canRead" }]), false);
  });
});

describe("the error of missing permissions", () => {
  const message = (...[missing, locations]: [Parameters<typeof accessError>[0], Datasource[]]): string =>
    accessError(missing, { datasetName: "street", locations: locations.map(locationOf) }).message;

  it("names locations, permissions, role and actions, and does not repeat the external id", () => {
    const missing = [
      { permission: "canList", reason: "AccessDenied" },
      { permission: "canRead", reason: "AccessDenied" },
    ] as const;
    const error = accessError(missing, { datasetName: "street", locations: [INPUT, OUTPUT].map(locationOf) });
    equal(error.code, "LIGHTLY_DATASOURCE_DENIED");
    equal(error.retryable, false);
    equal(
      error.message,
      `Lightly can't list, read in the datasources of the dataset "street": s3://my-videos/raw (INPUT) and s3://my-output/lightly (LIGHTLY). Lightly says: AccessDenied. Check the role arn:aws:iam::123456789012:role/LightlyAccess: that it trusts Lightly's account with the external id of lightly run, that the policies allow s3:ListBucket, s3:GetObject there, and that bucket, prefix and region are right.`,
    );
    deepEqual(error.details, {
      missing: ["canList", "canRead"],
      datasources: ["s3://my-videos/raw", "s3://my-output/lightly"],
      datasetName: "street",
    });
  });

  it("names only the output and the KMS key if only the permission to write is missing", () => {
    const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1";
    const said = message(
      [{ permission: "canWrite" }, { permission: "canOverwrite" }],
      [INPUT, { ...OUTPUT, kmsKeyArn }],
    );
    doesNotMatch(said, /my-videos/);
    match(said, /allow s3:PutObject, s3:DeleteObject there and kms:GenerateDataKey and kms:Decrypt on arn:aws:kms/);
  });

  it("does not repeat access keys", () => {
    const access = { kind: "keys", accessKeyId: "AKIA0123456789", secretAccessKey: "shh" } as const;
    const said = message([{ permission: "canRead" }], [{ ...INPUT, access }]);
    match(said, /Check the access of Lightly: that the policies allow s3:GetObject/);
    doesNotMatch(said, /AKIA|shh|external id/);
  });

  it("names the locations that the dataset has, if the form has none", async () => {
    const stub = await startStubLightly();
    const options = { client: stub.client, datasetId: DS, signal: never() };
    const all = [{ purpose: "INPUT", type: "S3DelegatedAccess", fullPath: "s3://old/raw/", s3ARN: role.roleArn }];
    stub.on(ALL, json(all));
    deepEqual(await locationsOfDataset(options), [{ purpose: "INPUT", uri: "s3://old/raw/", roleArn: role.roleArn }]);
    stub.on(ALL, refused(500, "X"));
    deepEqual(await locationsOfDataset(options), []);
    await stub.close();
    match(message([{ permission: "canRead" }], []), /datasources of the dataset "street"\. Check/);
  });
});
