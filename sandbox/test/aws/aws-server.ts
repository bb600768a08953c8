import type { AddressInfo } from "node:net";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { AwsCredentials, AwsService } from "../../src/aws/aws-service.ts";
import { createAwsServer } from "../../src/aws/server.ts";
import { createFaults, type Faults } from "../../src/faults/faults.ts";
import { createS3Service } from "../../src/s3/s3-service.ts";
import type { ObjectStorage } from "../../src/s3/storage/object-storage.ts";
import { createStsService, type Role } from "../../src/sts/sts-service.ts";

export const REGION = "eu-central-1";
export const CREDENTIALS: AwsCredentials = { accessKeyId: "AKIASANDBOXTEST", secretAccessKey: "not/a+real=secret" };

export interface RunningAws {
  readonly endpoint: string;
  readonly dir: string;
  readonly faults: Faults;
  readonly storage: ObjectStorage;
  /** The log of the server: empty, unless there was an internal error. */
  readonly log: string[];
  s3(config?: S3ClientConfig): S3Client;
  /** Stops the server and keeps the folder. */
  stop(): Promise<void>;
  /** Stops the server and removes the folder. */
  close(): Promise<void>;
}

/** A server with S3 and STS on a free port. */
export async function startAws(
  options: { dir?: string; roles?: readonly Role[]; others?: readonly AwsService[] } = {},
): Promise<RunningAws> {
  const dir = options.dir ?? temporaryFolder();
  const log: string[] = [];
  const faults = createFaults();
  const s3 = await createS3Service({ dir, region: REGION, log: (line) => log.push(line) });
  const sts = createStsService({ credentials: CREDENTIALS, ...(options.roles && { roles: options.roles }) });
  const services = [s3, sts, ...(options.others ?? [])];
  const server = createAwsServer({ credentials: CREDENTIALS, services, faults, log: (line) => log.push(line) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const clients: S3Client[] = [];
  const stop = async () => {
    for (const client of clients) {
      client.destroy();
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    endpoint,
    dir,
    faults,
    storage: s3.storage,
    log,
    s3(config = {}) {
      const base = { endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true, maxAttempts: 1 };
      const client = new S3Client({ ...base, ...config });
      clients.push(client);
      return client;
    },
    stop,
    close: stop,
  };
}

/** For `assert.rejects`: an error of that AWS name and status. */
export function fault(name: string, status?: number): (error: unknown) => boolean {
  return (error) => {
    const { name: actual, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if (actual !== name || (status !== undefined && $metadata?.httpStatusCode !== status)) {
      throw new Error(`expected ${name} ${status ?? ""}, got ${actual} ${$metadata?.httpStatusCode}`, { cause: error });
    }
    return true;
  };
}
