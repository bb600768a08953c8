import assert from "node:assert/strict";
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeTagsCommand,
  type Filter,
  paginateDescribeInstances,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("Describing instances", () => {
  let cloud: Running;
  let launched: string[];
  before(async () => {
    cloud = await startRunning();
    const { Instances } = await cloud.ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-0123456789abcdef0",
        InstanceType: "t3.micro",
        MinCount: 6,
        MaxCount: 6,
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "role", Value: "a*b & <c>" }] }],
      }),
    );
    launched = (Instances ?? []).map((instance) => instance.InstanceId ?? "");
  });
  after(() => cloud.close());

  async function found(request: DescribeInstancesCommandInput): Promise<string[]> {
    const { Reservations } = await cloud.ec2.send(new DescribeInstancesCommand(request));
    return (Reservations ?? []).flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId ?? ""));
  }
  const filtered = (...filters: Array<[string, ...string[]]>): Promise<string[]> =>
    found({ Filters: filters.map(([Name, ...Values]): Filter => ({ Name, Values })) });

  it("finds by tag, type and state, and requires all filters to match", async () => {
    assert.deepEqual(await filtered(["tag:Name", "lightly-worker"]), [cloud.id]);
    assert.deepEqual(await filtered(["instance-type", "g4dn.xlarge", "p3.2xlarge"]), [cloud.id]);
    assert.deepEqual((await filtered(["tag-key", "role"])).sort(), [...launched].sort());
    assert.deepEqual(await filtered(["tag-key", "role"], ["instance-state-name", "stopped"]), []);
    assert.deepEqual(await filtered(["instance-id", cloud.id], ["instance-state-name", "stopped", "running"]), [
      cloud.id,
    ]);
  });

  it("supports wildcards and their escapes", async () => {
    assert.deepEqual(await filtered(["tag:Name", "lightly-*"]), [cloud.id]);
    assert.deepEqual(await filtered(["tag:Name", "lightly?worker"]), [cloud.id]);
    assert.deepEqual(await filtered(["tag:Name", "lightly"]), []);
    assert.deepEqual(await filtered(["tag:Name", "Lightly-*"]), []);
    assert.equal((await filtered(["tag:role", "a\\*b & <c>"])).length, 6);
    assert.equal((await filtered(["tag:role", "a\\*c*"])).length, 0);
  });

  it("supports pages, but not together with ids", async () => {
    const seen: string[] = [];
    let pages = 0;
    for await (const page of paginateDescribeInstances({ client: cloud.ec2, pageSize: 5 }, {})) {
      pages += 1;
      seen.push(...(page.Reservations ?? []).flatMap((one) => (one.Instances ?? []).map((i) => i.InstanceId ?? "")));
    }
    assert.equal(pages, 2);
    assert.deepEqual(seen.sort(), [cloud.id, ...launched].sort());
    await assert.rejects(found({ InstanceIds: [cloud.id], MaxResults: 5 }), named("InvalidParameterCombination"));
    await assert.rejects(found({ MaxResults: 4 }), named("InvalidParameterValue"));
    await assert.rejects(found({ MaxResults: 5, NextToken: "guess" }), named("InvalidParameterValue"));
  });

  it("fails for one bad id", async () => {
    const unknown = "i-00000000000000000";
    await assert.rejects(
      found({ InstanceIds: [cloud.id, unknown] }),
      named("InvalidInstanceID.NotFound", /does not exist/),
    );
    await assert.rejects(found({ InstanceIds: ["i-xyz"] }), named("InvalidInstanceID.Malformed"));
    await assert.rejects(found({ InstanceIds: [cloud.id.toUpperCase()] }), named("InvalidInstanceID.Malformed"));
    await assert.rejects(filtered(["color", "red"]), named("InvalidParameterValue", /'color' is invalid/));
  });

  it("creates and returns tags", async () => {
    const tag = { Key: "cost centre", Value: "grün" };
    await cloud.ec2.send(new CreateTagsCommand({ Resources: [cloud.id], Tags: [tag] }));
    assert.deepEqual(await filtered(["tag:cost centre", "grün"]), [cloud.id]);
    const { Tags } = await cloud.ec2.send(
      new DescribeTagsCommand({
        Filters: [
          { Name: "resource-id", Values: [cloud.id] },
          { Name: "key", Values: ["cost*"] },
        ],
      }),
    );
    assert.deepEqual(Tags, [{ ...tag, ResourceId: cloud.id, ResourceType: "instance" }]);
    await cloud.ec2.send(new DeleteTagsCommand({ Resources: [cloud.id], Tags: [{ Key: tag.Key }] }));
    assert.deepEqual(await filtered(["tag:cost centre", "*"]), []);
    await assert.rejects(
      cloud.ec2.send(new CreateTagsCommand({ Resources: [cloud.id], Tags: [{ Key: "aws:x", Value: "" }] })),
      named("InvalidParameterValue"),
    );
  });
});
