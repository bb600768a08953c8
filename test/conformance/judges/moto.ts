import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { AwsClients } from "../../../src/services/aws/clients/aws-clients.ts";
import type { Judge } from "../judge.ts";
import { judgeInstances } from "./moto/instances.ts";
import { startMoto } from "./moto/moto-server.ts";
import { judgeUploads } from "./moto/uploads.ts";

/** The AWS steps with a third-party stand-in, which is independent of the sandbox's S3 and EC2. */
export const moto: Judge = {
  name: "moto",
  title: "Our steps against moto",
  requirements: "requirements-moto.txt",
  python: { least: 10 },
  async run(setup) {
    const server = await startMoto(setup);
    const common = {
      endpoint: server.endpoint,
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "moto checks no signature" },
    };
    const s3 = new S3Client({ ...common, forcePathStyle: true });
    const { region, endpoint, credentials } = common;
    const withoutChecksums = new AwsClients({
      ...{ region, endpoint, requestChecksums: "WHEN_REQUIRED" },
      credentials: { source: { kind: "keys", ...credentials } },
    });
    const ec2 = new EC2Client(common);
    try {
      await judgeUploads(setup, s3, await withoutChecksums.s3());
      await judgeInstances(setup, ec2);
    } finally {
      s3.destroy();
      await withoutChecksums.destroy();
      ec2.destroy();
      await server.close();
    }
  },
};
