import { matching, oneOf } from "./rule.ts";

/** The regions that Lightly's API accepts. It has its own names for the two regions of the US government. */
export const LIGHTLY_REGIONS: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east", "us-gov-west", "ca-central-1", "sa-east-1"],
  ...["eu-central-1", "eu-central-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-south-1", "eu-south-2", "eu-north-1"],
  ...["ap-east-1", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"],
  ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "cn-northwest-1"],
  ...["af-south-1", "me-south-1", "me-central-1"],
];

export const lightlyRegion = oneOf(LIGHTLY_REGIONS, "lightlyRegion", "LIGHTLY_DATASOURCE_INVALID");

const ROLE_ARN = /^arn:aws:iam::[0-9]{12}:role\/.+$/;

/** Returns whether Lightly accepts a role's ARN. It accepts only roles of the commercial partition. */
export function isLightlyRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

export const lightlyRoleArn = matching(ROLE_ARN, "roleArn", "LIGHTLY_DATASOURCE_INVALID");

export const MIN_EXTERNAL_ID_LENGTH = 10;

/** Returns whether Lightly accepts an external id. It must be too long to be guessed. */
export function isLightlyExternalId(text: string): boolean {
  return text.length >= MIN_EXTERNAL_ID_LENGTH && /^[a-zA-Z0-9_+=,.@:/-]+$/.test(text);
}

export const lightlyExternalId = (text: string) =>
  isLightlyExternalId(text) ? undefined : ({ key: "lightlyExternalId", code: "LIGHTLY_DATASOURCE_INVALID" } as const);

export const datasetName = matching(/^[a-zA-Z0-9][a-zA-Z0-9 _-]{2,}$/, "datasetName", "LIGHTLY_DATASET_NAME_INVALID");

/** The ARN of a KMS key. Lightly accepts neither an alias nor a key id alone. */
export const lightlyKmsKey = matching(
  /^arn:aws:kms:[a-zA-Z0-9-]*:[0-9]{12}:key\/.+$/,
  "kmsKeyArn",
  "LIGHTLY_DATASOURCE_INVALID",
);
