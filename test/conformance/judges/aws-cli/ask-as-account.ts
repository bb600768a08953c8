import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ListBucketsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { getCallerIdentity } from "../../../../src/services/aws/account/caller-identity.ts";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { awsRequestRefused, mapCommonAwsError } from "../../../../src/services/aws/errors/map-aws-error.ts";

/** What the judge asks of the AWS CLI and of an account. */
export type Question = "buckets" | "objects" | "put" | "instances" | "caller";

/** `node ask-as-account.ts QUESTION [PROFILE]`: sends one request as an account would; the environment and the files are the caller's. */
async function main(question: Question, profile: string | undefined): Promise<void> {
  const source = profile === undefined ? ({ kind: "chain" } as const) : ({ kind: "profile", profile } as const);
  const clients = new AwsClients({ credentials: { source } });
  const asked: Readonly<Record<Question, () => Promise<unknown>>> = {
    buckets: async () => (await clients.s3()).send(new ListBucketsCommand({})),
    objects: async () => (await clients.s3()).send(new ListObjectsV2Command({ Bucket: "videos" })),
    put: async () => (await clients.s3()).send(new PutObjectCommand({ Bucket: "videos", Key: "a", Body: "frames" })),
    instances: async () => (await clients.ec2()).send(new DescribeInstancesCommand({})),
    caller: async () =>
      getCallerIdentity({
        ec2: await clients.ec2(),
        address: await clients.stsAddress(),
        signal: AbortSignal.timeout(30_000),
      }),
  };
  try {
    await asked[question]();
  } catch (error) {
    const context = { service: "s3", action: question, resource: "the account" } as const;
    const { code, message } = mapCommonAwsError(error, context) ?? awsRequestRefused(error, context);
    process.stderr.write(`${code} ${message}\n`);
    process.exitCode = 1;
  } finally {
    await clients.destroy();
  }
}

await main(process.argv[2] as Question, process.argv[3]);
