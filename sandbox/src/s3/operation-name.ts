import { AwsFault } from "../aws/aws-fault.ts";

type Rule = readonly [method: string, flag: string, operation: string];

/** The first rule with matching method and query flag names the operation; an empty flag always matches. */
const BUCKET_RULES = [
  ["GET", "location", "GetBucketLocation"],
  ["GET", "versioning", "GetBucketVersioning"],
  ["GET", "uploads", "ListMultipartUploads"],
  ["GET", "list-type", "ListObjectsV2"],
  ["GET", "", "ListObjects"],
  ["HEAD", "", "HeadBucket"],
  ["PUT", "", "CreateBucket"],
  ["DELETE", "", "DeleteBucket"],
  ["POST", "delete", "DeleteObjects"],
] as const satisfies readonly Rule[];

const OBJECT_RULES = [
  ["GET", "uploadId", "ListParts"],
  ["GET", "tagging", "GetObjectTagging"],
  ["GET", "", "GetObject"],
  ["HEAD", "", "HeadObject"],
  ["PUT", "uploadId", "UploadPart"],
  ["PUT", "tagging", "PutObjectTagging"],
  ["PUT", "", "PutObject"],
  ["POST", "uploads", "CreateMultipartUpload"],
  ["POST", "uploadId", "CompleteMultipartUpload"],
  ["DELETE", "uploadId", "AbortMultipartUpload"],
  ["DELETE", "tagging", "DeleteObjectTagging"],
  ["DELETE", "", "DeleteObject"],
] as const satisfies readonly Rule[];

/** The operations of writes with `x-amz-copy-source`. */
const COPIES = { PutObject: "CopyObject", UploadPart: "UploadPartCopy" } as const;

export type Operation =
  | "ListBuckets"
  | (typeof BUCKET_RULES)[number][2]
  | (typeof OBJECT_RULES)[number][2]
  | (typeof COPIES)[keyof typeof COPIES];

/** The names of all operations. */
export const S3_OPERATIONS: readonly Operation[] = [
  "ListBuckets",
  ...BUCKET_RULES.map(([, , name]) => name),
  ...OBJECT_RULES.map(([, , name]) => name),
  ...Object.values(COPIES),
];

/** Flags that select another operation than the default one of their method. */
const NOT_IMPLEMENTED = new Set(
  `acl accelerate analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging
  metadataConfiguration metadataTable metrics notification object-lock ownershipControls policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select session torrent versions website`.split(
    /\s+/,
  ),
);

export interface OperationTarget {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly isCopy: boolean;
}

/**
 * The AWS name of a request's operation.
 *
 * @throws AwsFault `NotImplemented`, `MethodNotAllowed`
 */
export function operationName({ method, bucket, key, query, isCopy }: OperationTarget): Operation {
  const flag = [...query.keys()].find(
    (name) =>
      NOT_IMPLEMENTED.has(name) ||
      (key === "" && name === "tagging") ||
      (key === "" && name === "versioning" && method !== "GET"),
  );
  if (flag !== undefined) {
    throw new AwsFault("NotImplemented", 501, `The sandbox does not implement ${method} with ?${flag}.`);
  }
  if (bucket === "" && method === "GET") {
    return "ListBuckets";
  }
  const rules: readonly (readonly [string, string, Operation])[] = key === "" ? BUCKET_RULES : OBJECT_RULES;
  const rule = rules.find(([verb, name]) => verb === method && (name === "" || query.has(name)));
  if (bucket === "" || rule === undefined) {
    throw new AwsFault("MethodNotAllowed", 405, "The specified method is not allowed against this resource.", {
      Method: method,
      ResourceType: key === "" ? "BUCKET" : "OBJECT",
    });
  }
  const [, , name] = rule;
  return isCopy && (name === "PutObject" || name === "UploadPart") ? COPIES[name] : name;
}
