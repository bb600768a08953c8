import { choice, nullable, object, objectId, string, variants } from "../http/body-schema.ts";

const REGIONS = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-south-1", "ap-south-2"],
  ...["ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-northeast-1", "ap-northeast-2"],
  ...["ap-northeast-3", "ca-central-1", "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-west-1", "eu-west-2"],
  ...["eu-west-3", "eu-south-1", "eu-south-2", "eu-north-1", "me-south-1", "me-central-1", "sa-east-1"],
  ...["us-gov-east", "us-gov-west"],
] as const;

const text = string({ min: 1 });
const url = string({ pattern: /^https?:\/\/.+$/, form: "an http or https URL" });
/** The scheme is optional, and old buckets may have capital letters and underscores. */
const s3Path = string({
  pattern: /^(s3:\/\/)?[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9](\/.*)?$/,
  form: "s3://bucket, s3://bucket/prefix/ or bucket/prefix/",
});
const localPath = string({
  pattern: /^(?!\/)(?!.*:\/\/)(?!(.*\/)?\.\.?(\/|$)).*$/,
  form: "a relative path without . and .. parts",
});

const purpose = choice("INPUT", "LIGHTLY", "INPUT_OUTPUT");
const common = { id: objectId, thumbSuffix: nullable(string()) };
const s3Options = {
  ...common,
  s3ServerSideEncryptionKMSKey: string({ pattern: /^arn:aws:kms:[a-zA-Z0-9-]*:[0-9]{12}:key.+$/ }),
};
const s3Region = choice(...REGIONS);

/** One `DatasourceConfig`, distinguished by `type`. */
export const datasourceConfig = variants("type", {
  S3: object(
    { purpose, type: choice("S3"), fullPath: s3Path, s3Region, s3AccessKeyId: text, s3SecretAccessKey: text },
    s3Options,
  ),
  S3DelegatedAccess: object(
    {
      purpose,
      type: choice("S3DelegatedAccess"),
      fullPath: s3Path,
      s3Region,
      s3ARN: string({
        min: 12,
        pattern: /^arn:aws:iam::[0-9]{12}:role.+$/,
        form: "a role's ARN, arn:aws:iam::123456789012:role/name",
      }),
      s3ExternalId: string({
        min: 10,
        pattern: /^[a-zA-Z0-9_+=,.@:/-]+$/,
        form: "letters, digits and _+=,.@:/-",
      }),
    },
    s3Options,
  ),
  GCS: object({ purpose, type: choice("GCS"), fullPath: text, gcsProjectId: text, gcsCredentials: text }, common),
  AZURE: object({ purpose, type: choice("AZURE"), fullPath: text, accountName: text, accountKey: text }, common),
  OBS: object(
    { purpose, type: choice("OBS"), fullPath: text, obsEndpoint: url, obsAccessKeyId: text, obsSecretAccessKey: text },
    common,
  ),
  LOCAL: object({ purpose, type: choice("LOCAL"), fullPath: localPath }, { ...common, webServerLocation: url }),
  LIGHTLY: object({ purpose, type: choice("LIGHTLY"), fullPath: string() }, common),
});
