import { AwsFault } from "../../aws/aws-fault.ts";
import { encodeUri } from "../../aws/signature-v4.ts";
import { type Page, type PageItem, pageKeys } from "../page-keys.ts";
import { readCount, type S3Call, sendXml } from "../s3-call.ts";
import { isoSeconds } from "../s3-time.ts";
import { group, text, xmlDocument } from "../s3-xml.ts";
import type { Bucket } from "../storage/bucket.ts";
import { owner } from "./buckets.ts";

const MAX_KEYS = 1000;

/** Encodes names in this response: unchanged, or percent-encoded so that any character survives XML. */
export type Encoder = (name: string) => string;

/** @throws AwsFault `InvalidArgument` when an unknown encoding is asked for */
export function readEncoding(call: S3Call): { encode: Encoder; element: string } {
  const encoding = call.query.get("encoding-type");
  if (encoding !== null && encoding !== "url") {
    throw new AwsFault("InvalidArgument", 400, "Invalid Encoding Method specified in Request", {
      ArgumentName: "encoding-type",
    });
  }
  const encode: Encoder = (name) => (encoding === null ? name : name.split("/").map(encodeUri).join("/"));
  return { encode, element: text("EncodingType", encoding ?? undefined) };
}

/** ListObjectsV2 */
export function listObjectsV2(call: S3Call): void {
  const { query } = call;
  const bucket = call.store.bucket(call.bucket);
  const { encode, element } = readEncoding(call);
  const limit = readCount(call, "max-keys", MAX_KEYS, MAX_KEYS);
  const token = query.get("continuation-token") ?? undefined;
  const startAfter = query.get("start-after") ?? undefined;
  const from = token === undefined ? { after: startAfter ?? "", afterPrefix: false } : readToken(token);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const page = pageKeys(bucket.keys, { prefix, delimiter, limit, ...from });
  const last = page.items.at(-1);
  const xml = xmlDocument(
    "ListBucketResult",
    text("Name", call.bucket),
    text("Prefix", encode(prefix)),
    text("KeyCount", page.items.length),
    text("MaxKeys", limit),
    text("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element,
    text("IsTruncated", page.truncated),
    text("ContinuationToken", token),
    text("NextContinuationToken", page.truncated && last ? writeToken(last) : undefined),
    text("StartAfter", startAfter === undefined ? undefined : encode(startAfter)),
    writeItems(bucket, page, encode, query.get("fetch-owner") === "true"),
  );
  sendXml(call, xml);
}

/** ListObjects, the first version, which continues after a key instead of a token. */
export function listObjects(call: S3Call): void {
  const { query } = call;
  const bucket = call.store.bucket(call.bucket);
  const { encode, element } = readEncoding(call);
  const limit = readCount(call, "max-keys", MAX_KEYS, MAX_KEYS);
  const marker = query.get("marker") ?? "";
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const afterPrefix = delimiter !== "" && marker.endsWith(delimiter);
  const page = pageKeys(bucket.keys, { prefix, delimiter, limit, after: marker, afterPrefix });
  const last = page.items.at(-1)?.name;
  const xml = xmlDocument(
    "ListBucketResult",
    text("Name", call.bucket),
    text("Prefix", encode(prefix)),
    text("Marker", encode(marker)),
    text("NextMarker", page.truncated && delimiter !== "" && last !== undefined ? encode(last) : undefined),
    text("MaxKeys", limit),
    text("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element,
    text("IsTruncated", page.truncated),
    writeItems(bucket, page, encode, true),
  );
  sendXml(call, xml);
}

function writeItems(bucket: Bucket, page: Page, encode: Encoder, withOwner: boolean): string {
  const contents = page.items.filter(({ kind }) => kind === "key").map(({ name }) => bucket.get(name));
  const prefixes = page.items.filter(({ kind }) => kind === "prefix");
  return [
    ...contents.map((object) =>
      object === undefined
        ? ""
        : group(
            "Contents",
            text("Key", encode(object.key)),
            text("LastModified", isoSeconds(object.modified)),
            text("ETag", `"${object.etag}"`),
            text("ChecksumAlgorithm", object.checksum?.algorithm),
            text("ChecksumType", object.checksum?.type),
            text("Size", object.bytes),
            withOwner ? owner("Owner") : "",
            text("StorageClass", object.storageClass),
          ),
    ),
    ...prefixes.map(({ name }) => group("CommonPrefixes", text("Prefix", encode(name)))),
  ].join("");
}

function writeToken(item: PageItem): string {
  return Buffer.from(JSON.stringify(item)).toString("base64url");
}

function readToken(token: string): { after: string; afterPrefix: boolean } {
  try {
    const { kind, name } = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Partial<PageItem>;
    if (typeof name === "string") {
      return { after: name, afterPrefix: kind === "prefix" };
    }
  } catch {
    // Refused below, like every string that is not a valid token.
  }
  throw new AwsFault("InvalidArgument", 400, "The continuation token provided is incorrect", {
    ArgumentName: "continuation-token",
  });
}
