import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { getCallerIdentity } from "../../../src/services/aws/account/caller-identity.ts";
import { awsPages } from "../../../src/services/aws/aws-pages.ts";
import { AwsClients } from "../../../src/services/aws/clients/aws-clients.ts";
import { findInstances } from "../../../src/services/ec2/describe-instances.ts";
import { listInstances } from "../../../src/services/ec2/list-instances.ts";
import { listBuckets } from "../../../src/services/s3/listing/list-buckets.ts";
import { listPrefixes } from "../../../src/services/s3/listing/list-prefixes.ts";
import { listParts } from "../../../src/services/s3/upload/find-unfinished.ts";
import { readAgents } from "../../../src/services/ssm/agents.ts";

const SESSION = "session/token+of=the-account-0123456789";

describe("a list of an S3-compatible service", () => {
  let clients: AwsClients;
  let endpoint = "";
  let requests: string[] = [];
  let reply: (body: string, headers: Record<string, unknown>) => { status: number; body: string };
  const signal = new AbortController().signal;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString();
    requests.push(`${request.url} ${body}`);
    const answer = reply(`${request.url} ${body}`, request.headers);
    response.writeHead(answer.status, { "content-type": "text/xml" }).end(answer.body);
  });

  // On a busy machine it would close a connection at the moment at which the next request uses it.
  server.keepAliveTimeout = 0;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const source = { kind: "keys", accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: SESSION } as const;
    clients = new AwsClients({ region: "eu-central-1", endpoint, credentials: { source } });
  });
  beforeEach(() => {
    requests = [];
  });
  after(async () => {
    await clients.destroy();
    server.closeAllConnections();
    server.close();
  });

  const isEndless = (error: unknown): boolean =>
    error instanceof PipelineError && error.code === "AWS_SERVICE_FAILED" && /does not end/.test(error.message);

  it("is not continued if a token is repeated", async () => {
    const ec2 = `<DescribeInstancesResponse><reservationSet/><nextToken>again</nextToken></DescribeInstancesResponse>`;
    reply = () => ({ status: 200, body: ec2 });
    const [client, ssm] = [await clients.ec2(), await clients.ssm()];
    await assert.rejects(findInstances(client, { tags: { a: "b" } }, signal), isEndless);
    await assert.rejects(listInstances({ ec2: client, ssm, signal }), isEndless);
    reply = () => ({ status: 200, body: JSON.stringify({ InstanceInformationList: [], NextToken: "again" }) });
    await assert.rejects(readAgents(ssm, ["i-00000001"], signal), isEndless);
    const part = `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>7</NextPartNumberMarker></ListPartsResult>`;
    reply = () => ({ status: 200, body: part });
    await assert.rejects(listParts({ s3: await clients.s3(), bucket: "b", key: "k", signal }, "id"), isEndless);
    assert.equal(requests.length, 8);
  });

  it("ends after a thousand pages", async () => {
    reply = () => ({
      status: 200,
      body: `<DescribeInstancesResponse><reservationSet/><nextToken>${requests.length}</nextToken></DescribeInstancesResponse>`,
    });
    await assert.rejects(findInstances(await clients.ec2(), { tags: { a: "b" } }, signal), isEndless);
    assert.equal(requests.length, 1000);
  });

  it("ends after ten minutes of requests", async () => {
    let ms = 0;
    const pages = awsPages({
      action: "ec2:DescribeInstances",
      read: async (token: string | undefined) => {
        ms += 150_000;
        return { token: `${token}+` };
      },
      next: ({ token }) => token,
      now: () => ms,
    });
    let count = 0;
    await assert.rejects(async () => {
      for await (const _page of pages) {
        count += 1;
        // The time between requests does not count.
        ms += 3_600_000;
      }
    }, isEndless);
    assert.equal(count, 4);
  });

  it("may have any number of items on a page", async () => {
    const prefixes = Array.from(
      { length: 200_000 },
      (_, at) => `<CommonPrefixes><Prefix>${at}/</Prefix></CommonPrefixes>`,
    );
    reply = () => ({ status: 200, body: `<ListBucketResult>${prefixes.join("")}</ListBucketResult>` });
    const { items, more } = await listPrefixes({ s3: await clients.s3(), bucket: "videos", signal });
    assert.deepEqual([items.length, more], [500, true]);
  });

  it("can't add the session token to an error", async () => {
    reply = (_body, headers) => ({
      status: 400,
      body: `<ErrorResponse><Error><Code>Odd</Code><Message>You sent ${headers["x-amz-security-token"]} and ${encodeURIComponent(String(headers["x-amz-security-token"]))}</Message></Error></ErrorResponse>`,
    });
    const [ec2, s3] = [await clients.ec2(), await clients.s3()];
    for (const ask of [() => getCallerIdentity({ ec2, address: endpoint, signal }), () => listBuckets(s3, signal)]) {
      await assert.rejects(ask, (error: Error) => {
        const said = [error.message, error.stack, (error.cause as Error).message, (error.cause as Error).stack].join();
        assert.match(error.message, /You sent/);
        assert.ok(!said.includes(SESSION) && !said.includes(encodeURIComponent(SESSION)), said);
        return true;
      });
    }
  });

  it("has a size limit for responses of STS", async () => {
    reply = () => ({ status: 200, body: `<Arn>x</Arn><Account>1</Account>${"a".repeat(5 * 2 ** 20)}` });
    const ec2 = await clients.ec2();
    await assert.rejects(
      getCallerIdentity({ ec2, address: endpoint, signal }),
      ({ code }: PipelineError) => code === "AWS_SERVICE_FAILED",
    );
  });
});
