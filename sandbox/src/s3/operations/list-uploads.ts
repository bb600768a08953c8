import { compareKeys } from "../names.ts";
import { pageKeys } from "../page-keys.ts";
import { readCount, type S3Call, sendXml } from "../s3-call.ts";
import { isoSeconds } from "../s3-time.ts";
import { group, text, xmlDocument } from "../s3-xml.ts";
import { SortedKeys } from "../storage/sorted-keys.ts";
import type { Upload } from "../storage/uploads.ts";
import { owner } from "./buckets.ts";
import { readEncoding } from "./list-objects.ts";
import { findUpload } from "./multipart-upload.ts";

const MAX_ITEMS = 1000;

/** ListParts */
export function listParts(call: S3Call): void {
  const { record, parts } = findUpload(call);
  const limit = readCount(call, "max-parts", MAX_ITEMS, MAX_ITEMS);
  const marker = readCount(call, "part-number-marker", 0, Number.MAX_SAFE_INTEGER);
  const after = [...parts.values()].filter(({ number }) => number > marker).sort((a, b) => a.number - b.number);
  const page = after.slice(0, limit);
  const truncated = limit > 0 && after.length > limit;
  const xml = xmlDocument(
    "ListPartsResult",
    text("Bucket", call.bucket),
    text("Key", call.key),
    text("UploadId", record.uploadId),
    owner("Initiator"),
    owner("Owner"),
    text("StorageClass", record.storageClass),
    text("PartNumberMarker", marker),
    text("NextPartNumberMarker", truncated ? page.at(-1)?.number : undefined),
    text("MaxParts", limit),
    text("IsTruncated", truncated),
    text("ChecksumAlgorithm", record.checksum?.algorithm),
    text("ChecksumType", record.checksum?.type),
    ...page.map(({ number, modified, md5, bytes, checksum }) =>
      group(
        "Part",
        text("PartNumber", number),
        text("LastModified", isoSeconds(modified)),
        text("ETag", `"${md5}"`),
        text("Size", bytes),
        checksum ? text(`Checksum${checksum.algorithm}`, checksum.value) : "",
      ),
    ),
  );
  sendXml(call, xml);
}

/** ListMultipartUploads: by key, and for one key by start time. */
export function listMultipartUploads(call: S3Call): void {
  const { query } = call;
  const { uploads } = call.store.bucket(call.bucket);
  const { encode, element } = readEncoding(call);
  const limit = readCount(call, "max-uploads", MAX_ITEMS, MAX_ITEMS);
  const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
  const [keyMarker, idMarker] = [query.get("key-marker") ?? "", query.get("upload-id-marker") ?? ""];
  const afterPrefix = delimiter !== "" && keyMarker.endsWith(delimiter);
  const waiting = afterMarkers(uploads.list(), keyMarker, idMarker);
  const keys = new SortedKeys(new Set(waiting.map(({ record }) => record.key)));
  const { items } = pageKeys(keys, {
    prefix,
    delimiter,
    after: afterPrefix ? keyMarker : "",
    afterPrefix,
    limit: Infinity,
  });
  const all = items.flatMap(({ kind, name }) =>
    kind === "prefix"
      ? [{ name, id: "", xml: group("CommonPrefixes", text("Prefix", encode(name))) }]
      : waiting
          .filter(({ record }) => record.key === name)
          .map(({ record }) => ({ name, id: record.uploadId, xml: writeUpload(record, encode(name)) })),
  );
  const page = all.slice(0, limit);
  const truncated = limit > 0 && all.length > limit;
  const last = page.at(-1);
  const xml = xmlDocument(
    "ListMultipartUploadsResult",
    text("Bucket", call.bucket),
    text("KeyMarker", encode(keyMarker)),
    text("UploadIdMarker", idMarker),
    text("NextKeyMarker", truncated && last ? encode(last.name) : undefined),
    text("NextUploadIdMarker", truncated && last ? last.id : undefined),
    text("Prefix", encode(prefix)),
    text("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element,
    text("MaxUploads", limit),
    text("IsTruncated", truncated),
    ...page.map((item) => item.xml),
  );
  sendXml(call, xml);
}

/** Uploads in their order, starting after the markers. */
function afterMarkers(uploads: readonly Upload[], keyMarker: string, idMarker: string): Upload[] {
  const sorted = [...uploads].sort(
    ({ record: a }, { record: b }) =>
      compareKeys(a.key, b.key) || compareKeys(a.initiated, b.initiated) || compareKeys(a.uploadId, b.uploadId),
  );
  const at = sorted.findIndex(({ record }) => record.key === keyMarker && record.uploadId === idMarker);
  if (at >= 0) {
    return sorted.slice(at + 1);
  }
  return sorted.filter(({ record }) => keyMarker === "" || compareKeys(record.key, keyMarker) > 0);
}

function writeUpload(record: Upload["record"], key: string): string {
  return group(
    "Upload",
    text("Key", key),
    text("UploadId", record.uploadId),
    owner("Initiator"),
    owner("Owner"),
    text("StorageClass", record.storageClass),
    text("Initiated", isoSeconds(record.initiated)),
    text("ChecksumAlgorithm", record.checksum?.algorithm),
    text("ChecksumType", record.checksum?.type),
  );
}
