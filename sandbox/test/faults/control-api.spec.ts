import assert from "node:assert/strict";
import { StartInstancesCommand } from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { SandboxEvent } from "../../src/faults/event-log.ts";
import { named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("The control API of the sandbox", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning();
  });
  after(() => cloud.close());

  it("requires its header, which a web page can't send", async () => {
    const answer = await fetch(`${cloud.sandbox.endpoints.aws}/_sandbox/faults`, { method: "DELETE" });
    assert.equal(answer.status, 403);
  });

  it("injects, lists and removes faults", async () => {
    const added = await cloud.control("POST", "faults", {
      service: "ec2",
      operation: "StartInstances",
      kind: "throttle",
    });
    await assert.rejects(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] })),
      named("RequestLimitExceeded"),
    );
    const set = await cloud.control("POST", "faults", { capacityMissing: 1, workerCrash: "EMBEDDING" });
    assert.equal(set.body.capacityMissing, 1);
    assert.equal(cloud.sandbox.faults.workerCrash, "EMBEDDING");
    await cloud.control("DELETE", `faults/${String(added.body.id)}`);
    await assert.rejects(
      cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [cloud.id] })),
      named("InsufficientInstanceCapacity"),
    );
    const cleared = await cloud.control("DELETE", "faults");
    assert.deepEqual([cleared.body.capacityMissing, cleared.body.workerCrash, cleared.body.rules], [0, false, []]);
  });

  it("explains invalid requests", async () => {
    const wrong = await cloud.control("POST", "faults", { service: "s4", kind: "status" });
    assert.equal(wrong.status, 400);
    assert.match(String(wrong.body.error), /'s4' is not a valid service/);
    assert.equal((await cloud.control("GET", "nonsense")).status, 404);
    assert.equal((await cloud.control("POST", `instances/${cloud.id}/shutdown`, { minutes: 1 })).status, 409);
  });

  it("records instances, commands and objects without secrets", async () => {
    await cloud.boot();
    await cloud.run(`echo ${cloud.sandbox.token} ${cloud.sandbox.credentials.secretAccessKey}`);
    const { region, credentials, endpoints } = cloud.sandbox;
    const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: "lightly-input", Key: "a b/ü", Body: "x" }));
    s3.destroy();
    const { body } = await cloud.control("GET", "events");
    const events = body.events as SandboxEvent[];
    const kinds = (kind: string): SandboxEvent[] => events.filter((event) => event.kind === kind);
    assert.deepEqual(
      kinds("instance").map((event) => event.state),
      ["pending", "running"],
    );
    assert.equal(kinds("agent").length, 1);
    assert.deepEqual(kinds("command")[0]?.commands, ["echo *** ***"]);
    assert.deepEqual(
      kinds("invocation").map((event) => event.status),
      ["InProgress", "Success"],
    );
    assert.equal(kinds("object")[0]?.path, "/lightly-input/a b/ü");
    const later = await cloud.control("GET", `events?after=${events.at(-1)?.id}&kind=object`);
    assert.deepEqual(later.body.events, []);
  });
});
