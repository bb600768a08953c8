import { toPipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import { findBucket } from "../../services/s3/listing/find-bucket.ts";
import { tryRead, tryWrite } from "../../services/s3/object/try-access.ts";
import { failure, notPermitted, ok, problem, type Result, unchecked, warning } from "../finding.ts";
import type { FolderUse, LightlyBucket } from "../plan/plan.ts";

/** Checks that a bucket exists, in which region, and that Node-RED may write or read where its steps do. Nothing is left in it. */
export async function checkFolder(
  clients: AwsClients,
  { bucket, prefix, writes, reads }: FolderUse,
  signal: AbortSignal,
): Promise<Result[]> {
  const s3 = await clients.s3();
  const place = `s3://${bucket}/${prefix === "" ? "" : `${prefix}/`}`;
  const exists = await existence(clients, bucket, signal);
  if (exists.code === "S3_BUCKET_NOT_FOUND") {
    return [exists];
  }
  const folder = { s3, bucket, prefix, signal };
  return [
    exists,
    ...(writes ? [await tried(place, "Node-RED may write here.", () => tryWrite(folder))] : []),
    ...(reads ? [await tried(place, "Node-RED may read here.", () => tryRead(folder))] : []),
  ];
}

/**
 * Checks that a bucket exists that Lightly uses with its own role, and that its region is that of the form. Without permission for the
 * bucket, Node-RED can't tell; Lightly itself checks its permissions on it.
 */
export async function checkLightlyBucket(
  clients: AwsClients,
  { bucket, region }: LightlyBucket,
  signal: AbortSignal,
): Promise<Result> {
  try {
    const found = await findBucket(await clients.s3(), bucket, signal);
    return found !== undefined && region !== undefined && found !== region
      ? problem(
          bucket,
          `The bucket is in ${found}, but lightly run has the region ${region}. Correct the region in lightly run.`,
        )
      : ok(bucket, `The bucket exists${found === undefined ? "" : ` in ${found}`}.`);
  } catch (error) {
    return notPermitted(bucket, error, "s3:ListBucket for this account. Lightly uses the bucket with its own role");
  }
}

async function existence(clients: AwsClients, bucket: string, signal: AbortSignal): Promise<Result> {
  try {
    const found = await findBucket(await clients.s3(), bucket, signal);
    const own = await clients.region();
    return found !== undefined && found !== own
      ? warning(
          bucket,
          `The bucket is in ${found}, and the account uses ${own}: transfers between regions cost more and take longer.`,
        )
      : ok(bucket, `The bucket exists${found === undefined ? "" : ` in ${found}`}.`);
  } catch (error) {
    return toPipelineError(error).code === "S3_ACCESS_DENIED"
      ? unchecked(bucket, "needs s3:ListBucket to say whether the bucket exists, and in which region.")
      : failure(bucket, error);
  }
}

async function tried(place: string, success: string, attempt: () => Promise<void>): Promise<Result> {
  try {
    await attempt();
    return ok(place, success);
  } catch (error) {
    return failure(place, error);
  }
}
