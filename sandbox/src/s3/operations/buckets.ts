import { AwsFault } from "../../aws/aws-fault.ts";
import { ACCOUNT_ID } from "../../aws/aws-service.ts";
import { readCheckedBody } from "../integrity.ts";
import { checkBucketName } from "../names.ts";
import { type S3Call, sendEmpty, sendXml } from "../s3-call.ts";
import { isoSeconds } from "../s3-time.ts";
import { childText, group, parseXml, text, xmlDocument } from "../s3-xml.ts";

/** ListBuckets; all on one page. */
export function listBuckets(call: S3Call): void {
  const prefix = call.query.get("prefix") ?? "";
  const buckets = call.store
    .buckets()
    .filter(({ record }) => record.name.startsWith(prefix))
    .map(({ record }) =>
      group(
        "Bucket",
        text("Name", record.name),
        text("CreationDate", isoSeconds(record.created)),
        text("BucketRegion", record.region ?? call.region),
      ),
    );
  sendXml(call, xmlDocument("ListAllMyBucketsResult", owner("Owner"), group("Buckets", ...buckets)));
}

/** CreateBucket */
export async function createBucket(call: S3Call): Promise<void> {
  checkBucketName(call.bucket);
  const body = await readCheckedBody(call);
  const asked =
    body.length === 0 ? undefined : childText(parseXml(body, "CreateBucketConfiguration"), "LocationConstraint");
  // Only us-east-1 accepts a request without a location; in other regions it must name the region.
  const expected = call.region === "us-east-1" ? undefined : call.region;
  if (asked !== expected) {
    const what = asked === undefined ? "unspecified" : asked;
    const message = `The ${what} location constraint is incompatible for the region specific endpoint this request was sent to.`;
    throw new AwsFault("IllegalLocationConstraintException", 400, message);
  }
  call.store.createBucket(call.bucket, call.region);
  sendEmpty(call, 200, { location: `/${call.bucket}`, "content-length": "0" });
}

/** HeadBucket */
export function headBucket(call: S3Call): void {
  call.store.bucket(call.bucket);
  sendEmpty(call, 200, {
    "x-amz-bucket-region": call.region,
    "x-amz-access-point-alias": String(call.request.url.pathname.includes("-s3alias")),
  });
}

/** GetBucketLocation */
export function getBucketLocation(call: S3Call): void {
  call.store.bucket(call.bucket);
  sendXml(call, xmlDocument("LocationConstraint", call.region === "us-east-1" ? "" : call.region));
}

/** GetBucketVersioning; versioning is never enabled. */
export function getBucketVersioning(call: S3Call): void {
  call.store.bucket(call.bucket);
  sendXml(call, xmlDocument("VersioningConfiguration"));
}

/** DeleteBucket */
export function deleteBucket(call: S3Call): void {
  call.store.deleteBucket(call.bucket);
  sendEmpty(call, 204);
}

/** Everything belongs to the only account. */
export function owner(element: "Owner" | "Initiator"): string {
  return group(element, text("ID", ACCOUNT_ID), text("DisplayName", "sandbox"));
}
