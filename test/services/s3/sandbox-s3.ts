import { S3Client } from "@aws-sdk/client-s3";
import {
  createAwsServer,
  createFaults,
  createS3Service,
  type Faults,
  listen,
  stopServer,
} from "lightly-aws-sandbox/services";

const CREDENTIALS = { accessKeyId: "AKIDSANDBOX", secretAccessKey: "sandbox-secret" };
const REGION = "eu-central-1";

/** The sandbox's S3 with one bucket, for the tests of one file. */
export interface SandboxS3 {
  readonly faults: Faults;
  client(): S3Client;
  stop(): Promise<void>;
}

/** Starts S3 with its data in `dir`. */
export async function startSandboxS3(dir: string, bucket: string): Promise<SandboxS3> {
  const service = await createS3Service({ dir, region: REGION });
  await service.storage.createBucket(bucket);
  const faults = createFaults();
  const server = createAwsServer({ credentials: CREDENTIALS, services: [service], faults });
  const endpoint = await listen(server, 0, "aws");
  return {
    faults,
    client: () => new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true }),
    stop: () => stopServer(server),
  };
}
