import { AwsFault } from "../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../aws/aws-service.ts";
import type { S3Call } from "./s3-call.ts";
import type { ObjectProperties } from "./storage/object-records.ts";
import { readTagHeader } from "./tag-set.ts";

/** Headers that are stored with an object and returned with it. */
const STORED_HEADERS = [
  "content-type",
  "content-encoding",
  "content-language",
  "content-disposition",
  "cache-control",
  "expires",
  "x-amz-website-redirect-location",
] as const;

const STORAGE_CLASSES = new Set(
  `STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER DEEP_ARCHIVE GLACIER_IR EXPRESS_ONEZONE
  OUTPOSTS SNOW`.split(/\s+/),
);
const MAX_METADATA_BYTES = 2048;
const META = "x-amz-meta-";

/**
 * The properties that a write request gives its object, without the bytes.
 *
 * @throws AwsFault `MetadataTooLarge`, `InvalidStorageClass`, `InvalidEncryptionAlgorithmError`, `InvalidArgument`,
 *   `InvalidTag`, `AccessControlListNotSupported`, `NotImplemented`
 */
export function readProperties(call: S3Call): ObjectProperties {
  refuseWhatIsNotKept(call);
  const storageClass = call.header("x-amz-storage-class") ?? "STANDARD";
  if (!STORAGE_CLASSES.has(storageClass)) {
    throw new AwsFault("InvalidStorageClass", 400, "The storage class you specified is not valid");
  }
  return {
    headers: readHeaders(call),
    metadata: readMetadata(call),
    tags: readTagHeader(call.header("x-amz-tagging")),
    storageClass,
    encryption: readEncryption(call),
  };
}

function readHeaders(call: S3Call): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const name of STORED_HEADERS) {
    const value = call.header(name);
    if (value !== undefined && value !== "") {
      headers[name] = value;
    }
  }
  // The transfer framing of the body is not a property of the object.
  const { "content-encoding": encoding, ...others } = headers;
  const stored = (encoding ?? "").split(",").filter((one) => one.trim() !== "" && one.trim() !== "aws-chunked");
  return stored.length === 0 ? others : { ...others, "content-encoding": stored.join(",").trim() };
}

function readMetadata(call: S3Call): Record<string, string> {
  const query = call.request.presigned ? [...call.query.keys()] : [];
  const names = [...Object.keys(call.request.message.headers), ...query].filter((name) => name.startsWith(META));
  const metadata = Object.fromEntries(names.map((name) => [name.slice(META.length), call.header(name) ?? ""]));
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new AwsFault("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size", {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_METADATA_BYTES),
    });
  }
  return metadata;
}

function readEncryption(call: S3Call): ObjectProperties["encryption"] {
  const algorithm = call.header("x-amz-server-side-encryption") ?? "AES256";
  const keyId = call.header("x-amz-server-side-encryption-aws-kms-key-id");
  if (!["AES256", "aws:kms", "aws:kms:dsse"].includes(algorithm)) {
    const message = "The encryption method specified is not supported";
    throw new AwsFault("InvalidEncryptionAlgorithmError", 400, message);
  }
  if (algorithm === "AES256") {
    if (keyId !== undefined) {
      const message =
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption";
      throw new AwsFault("InvalidArgument", 400, `${message} : aws:kms`);
    }
    return { algorithm };
  }
  return { algorithm, keyId: keyId ?? `arn:aws:kms:${call.region}:${ACCOUNT_ID}:alias/aws/s3` };
}

function refuseWhatIsNotKept(call: S3Call): void {
  const acl = call.header("x-amz-acl") ?? "private";
  const names = Object.keys(call.request.message.headers);
  if (
    !["private", "bucket-owner-full-control"].includes(acl) ||
    names.some((name) => name.startsWith("x-amz-grant-"))
  ) {
    throw new AwsFault("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
  }
  const other = names.find((name) =>
    /^x-amz-(?:server-side-encryption-customer-|object-lock-|write-offset)/.test(name),
  );
  if (other !== undefined) {
    throw new AwsFault("NotImplemented", 501, `The sandbox does not implement ${other}.`, { Header: other });
  }
}

/** The response headers about the object's encryption. */
export function encryptionHeaders({ encryption }: ObjectProperties): Record<string, string> {
  return {
    "x-amz-server-side-encryption": encryption.algorithm,
    ...(encryption.keyId === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": encryption.keyId }),
  };
}

/** The response headers of an object, without its checksum and length. */
export function propertyHeaders(object: ObjectProperties): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [META + name, value])),
    ...encryptionHeaders(object),
    ...(object.storageClass === "STANDARD" ? {} : { "x-amz-storage-class": object.storageClass }),
    ...(tagCount === 0 ? {} : { "x-amz-tagging-count": String(tagCount) }),
  };
}
