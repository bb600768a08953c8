/** Kinds of buckets, as S3 accepts them in place of a bucket's name. */
export type BucketKind =
  /** A bucket of AWS, an alias of an access point, or a directory bucket. */
  | "bucket"
  /** A name that AWS does not accept, but S3-compatible stores do: upper-case letters, underscores, more than 63 characters. */
  | "legacy"
  /** The ARN of an access point, of an access point on Outposts, or of an Object Lambda access point. */
  | "accessPoint"
  /** The ARN of a multi-region access point. */
  | "multiRegion";

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Names that S3 reserves, or does not accept as a bucket. Aliases of access points and directory buckets have their own suffixes. */
const RESERVED_NAME = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:\.mrap|--table-s3)$/;
/** Ceph has the tenant in front, with a colon. */
const LEGACY_NAME = /^[A-Za-z0-9][\w.:-]{1,253}[A-Za-z0-9_]$/;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

const ACCESS_POINT_ARN =
  /^arn:aws[a-z-]{0,20}:(?:s3|s3-object-lambda):[a-z0-9-]{3,40}:\d{12}:accesspoint[:/][a-z0-9][a-z0-9-]{1,61}$/;
const OUTPOST_ARN =
  /^arn:aws[a-z-]{0,20}:s3-outposts:[a-z0-9-]{3,40}:\d{12}:outpost[:/]op-[a-z0-9]{1,30}[:/]accesspoint[:/][a-z0-9][a-z0-9-]{1,61}$/;
const MULTI_REGION_ARN = /^arn:aws[a-z-]{0,20}:s3::\d{12}:accesspoint[:/][a-z0-9][a-z0-9-]{1,50}\.mrap$/;

/** The kind of a bucket; `undefined` for a text that no store accepts. */
export function bucketKind(text: string): BucketKind | undefined {
  if (text.startsWith("arn:")) {
    return kindOfArn(text);
  }
  if (text.includes("..") || ADDRESS.test(text)) {
    return undefined;
  }
  if (NAME.test(text)) {
    return RESERVED_NAME.test(text) ? undefined : "bucket";
  }
  return LEGACY_NAME.test(text) ? "legacy" : undefined;
}

function kindOfArn(arn: string): BucketKind | undefined {
  if (MULTI_REGION_ARN.test(arn)) {
    return "multiRegion";
  }
  return ACCESS_POINT_ARN.test(arn) || OUTPOST_ARN.test(arn) ? "accessPoint" : undefined;
}
