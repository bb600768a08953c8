import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import lightlyAccount from "../../src/nodes/lightly-account/lightly-account.ts";
import awsAccount from "../../src/nodes/lightly-aws-account/lightly-aws-account.ts";
import pexelsAccount from "../../src/nodes/lightly-pexels-account/lightly-pexels-account.ts";
import { addLookupRoutes } from "../../src/plugins/lookups/lookup-routes.ts";
import { helper, useNodeRed } from "../nodes/support/flow.ts";
import { useSandbox } from "../nodes/support/sandbox.ts";
import { NOWHERE } from "../support/nowhere.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** An address without a listener. */
describe("the look-ups over the admin API", () => {
  useNodeRed();
  const local = useSandbox();

  before(async () => {
    const { region, credentials, endpoints, token } = local.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    for (const Key of ["videos/day/a.mp4", "videos/night/b.mp4", "photos/c.png", "top.txt"]) {
      await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key, Body: "x" }));
    }
    s3.destroy();
    const lightly = async (path: string, body: object): Promise<unknown> =>
      (
        await fetch(`${endpoints.lightly}${path}?token=${token}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        })
      ).json();
    await lightly("/v1/datasets", { name: "street", type: "Videos" });
    await lightly("/v1/datasets", { name: "animals", type: "Images" });
    await lightly("/v1/docker/worker", { name: "second", workerType: "FULL", labels: ["gpu", "fast"] });
    await lightly("/v1/docker/worker", { name: "third", workerType: "FULL", labels: ["gpu"] });
  });

  beforeEach(async () => {
    const { others, credentials } = local.accounts;
    const modules = [awsAccount, lightlyAccount, pexelsAccount, addLookupRoutes];
    await helper.load(modules as never, others as never, credentials as never);
  });

  const get = async (path: string): Promise<Answer> => read(await helper.request().get(`/lightly-aws/${path}`));
  const post = async (path: string, body: object): Promise<Answer> =>
    read(await helper.request().post(`/lightly-aws/${path}`).send(body));
  const read = ({ status, text, body }: Answer): Answer => ({ status, text, body });

  /** The account in the request of its form. */
  function filled(id: string, values: Record<string, unknown> = {}, credentials?: Record<string, string>) {
    const node = local.accounts.others.find((one) => one.id === id);
    return { account: { id, type: node?.type, name: "mine", values: { ...node, ...values }, credentials } };
  }

  it("return the buckets of a deployed account", async () => {
    const { status, body } = await get("lookups/buckets?account=aws");
    assert.equal(status, 200);
    assert.deepEqual(body, {
      items: [
        { value: "lightly-input", details: [] },
        { value: "lightly-output", details: [] },
      ],
      more: false,
    });
  });

  it("return the prefixes of a bucket, one level at a time", async () => {
    const values = async (query: string) =>
      ((await get(`lookups/prefixes?account=aws&bucket=lightly-input${query}`)).body.items as { value: string }[]).map(
        ({ value }) => value,
      );
    assert.deepEqual(await values(""), ["photos", "videos"]);
    assert.deepEqual(await values("&folder=videos"), ["videos/day", "videos/night"]);
    assert.deepEqual(await values("&folder=videos/"), ["videos/day", "videos/night"]);
    assert.deepEqual(await values("&folder=nowhere"), []);
  });

  it("return the instances with their name, state and type", async () => {
    const { body } = await get("lookups/instances?account=aws");
    const [first] = body.items as { value: string; name?: string; details: string[] }[];
    assert.equal(first?.value, local.sandbox.instanceId);
    assert.equal(first.details[0], "stopped");
    assert.match(first.details[1] ?? "", /^\w+\.\w+$/);
  });

  it("return the regions of the account, and those of buckets", async () => {
    const { items } = (await get("lookups/regions?account=aws")).body as { items: { value: string }[] };
    const values = items.map(({ value }) => value);
    assert.ok(values.includes("eu-central-1"));
    assert.ok(!values.includes("af-south-1"), "a region that is not enabled");
    assert.deepEqual((await get("lookups/bucketRegions?account=aws&a=lightly-input&b=lightly-output")).body.items, [
      { value: "eu-central-1", details: ["lightly-input", "lightly-output"] },
    ]);
    const partly = (await get("lookups/bucketRegions?account=aws&a=lightly-input&b=not-there")).body;
    assert.deepEqual(partly.items, [{ value: "eu-central-1", details: ["lightly-input"] }]);
    assert.match(String(partly.note), /not-there/);
  });

  it("return the roles that can be assumed, without those of instances", async () => {
    assert.deepEqual((await get("lookups/roles?account=aws")).body, {
      items: [{ value: "arn:aws:iam::123456789012:role/lightly-access", name: "lightly-access", details: [] }],
      more: false,
    });
    local.sandbox.faults.add({ kind: "status", service: "iam", status: 403, code: "AccessDenied" });
    const denied = await get("lookups/roles?account=aws");
    assert.deepEqual([denied.status, denied.body.code], [502, "AWS_REQUEST_REFUSED"]);
    assert.match(String(denied.body.message), /iam:ListRoles/);
  });

  it("return the regions for an account without a region, since it is about to be chosen", async () => {
    const { AWS_REGION, AWS_CONFIG_FILE, AWS_EC2_METADATA_DISABLED } = process.env;
    delete process.env.AWS_REGION;
    Object.assign(process.env, { AWS_CONFIG_FILE: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" });
    try {
      const { accessKeyId, secretAccessKey } = local.sandbox.credentials;
      const account = filled("aws", { region: "" }, { accessKeyId, secretAccessKey });
      assert.equal((await post("lookups/regions", account)).status, 200);
      assert.equal((await post("lookups/instances", account)).body.code, "AWS_REGION_MISSING");
    } finally {
      for (const [name, value] of Object.entries({ AWS_REGION, AWS_CONFIG_FILE, AWS_EC2_METADATA_DISABLED })) {
        if (value === undefined) {
          delete process.env[name];
        } else {
          process.env[name] = value;
        }
      }
    }
  });

  it("return datasets, workers and labels of a Lightly account", async () => {
    assert.deepEqual((await get("lookups/datasets?account=lightly")).body.items, [
      { value: "animals", details: ["Images"] },
      { value: "street", details: ["Videos"] },
    ]);
    const { items } = (await get("lookups/workers?account=lightly")).body as {
      items: { name: string; value: string; details: string[] }[];
    };
    assert.deepEqual(
      items.map(({ name }) => name),
      ["lightly-worker", "second", "third"],
    );
    assert.deepEqual(items[1]?.details, ["OFFLINE", "gpu", "fast"]);
    assert.deepEqual((await get("lookups/labels?account=lightly")).body.items, [
      { value: "fast", details: ["second"] },
      { value: "gpu", details: ["lightly-worker", "second", "third"] },
    ]);
  });

  it("work with an account that is not deployed yet", async () => {
    const { accessKeyId, secretAccessKey } = local.sandbox.credentials;
    const body = filled("aws", {}, { accessKeyId, secretAccessKey });
    const unsaved = { ...body, account: { ...body.account, id: "not-there" } };
    assert.equal((await get("lookups/buckets?account=not-there")).body.code, "ACCOUNT_MISSING");
    const { status, body: answer } = await post("lookups/buckets", unsaved);
    assert.deepEqual([status, (answer.items as unknown[]).length], [200, 2]);
  });

  it("use the stored secret if the editor does not know it", async () => {
    const { accessKeyId } = local.sandbox.credentials;
    const known = await post("lookups/buckets", filled("aws", {}, { accessKeyId, secretAccessKey: "__PWRD__" }));
    assert.equal(known.status, 200);
    const unfetched = await post("lookups/datasets", filled("lightly"));
    assert.equal(unfetched.status, 200);
    const cleared = await post("lookups/buckets", filled("aws", {}, { accessKeyId, secretAccessKey: "" }));
    assert.deepEqual([cleared.status, cleared.body.code], [400, "AWS_CREDENTIALS_MISSING"]);
  });

  it("insert environment variables like Node-RED, and name an unset one", async () => {
    process.env.LOOKUP_TEST_REGION = "eu-central-1";
    const variable = (name: string): string => ["$", `{${name}}`].join("");
    try {
      const good = await post("lookups/buckets", filled("aws", { region: variable("LOOKUP_TEST_REGION") }));
      assert.equal(good.status, 200);
      const bad = await post("lookups/buckets", filled("aws", { region: variable("LOOKUP_TEST_NOWHERE") }));
      assert.deepEqual([bad.status, bad.body.code], [400, "VARIABLE_UNDEFINED"]);
      assert.match(String(bad.body.message), /"mine".*LOOKUP_TEST_NOWHERE/);
    } finally {
      delete process.env.LOOKUP_TEST_REGION;
    }
  });

  it("describe a missing permission for the user", async () => {
    local.sandbox.faults.add({ kind: "status", service: "s3", status: 403, code: "AccessDenied" });
    const buckets = await get("lookups/buckets?account=aws");
    assert.deepEqual([buckets.status, buckets.body.code], [502, "S3_ACCESS_DENIED"]);
    assert.match(
      String(buckets.body.message),
      /Allow s3:ListAllMyBuckets on all resources .* Or enter the name yourself/,
    );
    const prefixes = await get("lookups/prefixes?account=aws&bucket=lightly-input");
    assert.match(String(prefixes.body.message), /Allow s3:ListBucket on arn:aws:s3:::lightly-input/);
  });

  it("list instances without permission for SSM, and say so", async () => {
    const { EC2Client, StartInstancesCommand } = await import("@aws-sdk/client-ec2");
    const { region, credentials, endpoints, instanceId, faults } = local.sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));
    ec2.destroy();
    const details = async (): Promise<string[]> =>
      ((await get("lookups/instances?account=aws")).body.items as { details: string[] }[])[0]?.details ?? [];
    while (!(await details()).includes("SSM Online")) {
      // The sandbox's agent needs some milliseconds.
    }
    faults.add({ kind: "status", service: "ssm", status: 400, code: "AccessDeniedException" });
    const { status, body } = await get("lookups/instances?account=aws");
    assert.equal(status, 200);
    assert.equal((body.items as unknown[]).length, 1);
    assert.match(String(body.note), /Allow ssm:DescribeInstanceInformation/);
  });

  it("say that a bucket does not exist", async () => {
    const { status, body } = await get("lookups/prefixes?account=aws&bucket=nowhere-at-all");
    assert.deepEqual([status, body.code], [502, "S3_BUCKET_NOT_FOUND"]);
  });

  it("refuse a look-up that does not exist, and one of another account", async () => {
    for (const what of ["secrets", "datasets", "constructor", "toString"]) {
      const { status, body } = await get(`lookups/${what}?account=aws`);
      assert.deepEqual([status, body.code], [400, "INPUT_INVALID"], what);
    }
    const { body } = await post("lookups/buckets", { account: { id: "x", type: "inject" } });
    assert.equal(body.code, "INPUT_INVALID");
  });

  it("fail after ten seconds", async () => {
    local.sandbox.faults.add({ kind: "hang", service: "lightly" });
    const { status, body } = await get("lookups/datasets?account=lightly");
    assert.deepEqual([status, body.code], [504, "TIMED_OUT"]);
    assert.match(String(body.message), /Lightly did not respond within 10 s/);
  });

  it("accept only JSON, which a page of another site can't send", async () => {
    for (const path of ["lookups/buckets", "connection-test"]) {
      const { status } = await helper.request().post(`/lightly-aws/${path}`).type("form").send("account[id]=aws");
      assert.equal(status, 415);
    }
  });

  describe("that test an account", () => {
    it("return the identity of an AWS account and its permissions", async () => {
      const { status, body } = await post("connection-test", filled("aws"));
      assert.equal(status, 200);
      assert.match((body.identity as { arn: string }).arn, /^arn:aws:iam::123456789012:/);
      assert.equal((body.allowed as string[]).length, 3);
      assert.deepEqual(body.refused, []);
    });

    it("return the number of datasets that a Lightly token can access", async () => {
      const { body } = await post("connection-test", filled("lightly"));
      assert.deepEqual(body, { kind: "lightly", server: local.sandbox.endpoints.lightly, datasets: 2, more: false });
    });

    it("return the remaining quota of a Pexels key", async () => {
      const { body } = await post("connection-test", filled("pexels"));
      assert.equal(body.kind, "pexels");
      assert.equal(typeof body.remaining, "number");
    });

    it("return why an account can't be used, and never a secret", async () => {
      const secret = "a-secret-of-the-account";
      const key = { accessKeyId: local.sandbox.credentials.accessKeyId, secretAccessKey: secret };
      const tries: ReadonlyArray<readonly [object, string]> = [
        [filled("aws", {}, key), "AWS_CREDENTIALS_INVALID"],
        [filled("aws", { endpoint: NOWHERE }, key), "AWS_UNREACHABLE"],
        [filled("lightly", {}, { token: secret }), "LIGHTLY_UNAUTHORIZED"],
        [filled("lightly", { apiUrl: NOWHERE }, { token: secret }), "LIGHTLY_UNREACHABLE"],
        [filled("lightly", { apiUrl: "nowhere" }, { token: secret }), "INPUT_INVALID"],
        [filled("pexels", {}, { apiKey: secret }), "PEXELS_UNAUTHORIZED"],
        [filled("pexels", { apiUrl: NOWHERE }, { apiKey: secret }), "PEXELS_UNREACHABLE"],
      ];
      for (const [body, code] of tries) {
        const answer = await post("connection-test", body);
        assert.equal(answer.body.code, code);
        assert.ok(answer.status >= 400);
        assert.ok(!answer.text.includes(secret), answer.text);
      }
    });

    it("mask a secret in a message of the server", async () => {
      const secret = "a-secret-of-the-account";
      const server = createServer((request, response) => {
        const error = `No user has the token ${secret} of ${request.url}`;
        response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ code: "X", error }));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const answer = await post(
        "connection-test",
        filled("lightly", { apiUrl: `http://127.0.0.1:${port}` }, { token: secret }),
      );
      server.closeAllConnections();
      server.close();
      assert.equal(answer.body.code, "LIGHTLY_REQUEST_REFUSED");
      assert.ok(!answer.text.includes(secret), answer.text);
    });
  });
});
