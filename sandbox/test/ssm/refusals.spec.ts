import assert from "node:assert/strict";
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  type SendCommandRequest,
} from "@aws-sdk/client-ssm";
import { eventually, named, type Running, startRunning } from "../instances/running-sandbox.ts";

describe("Refusals of SSM", () => {
  let cloud: Running;
  before(async () => {
    cloud = await startRunning();
  });
  afterEach(() => cloud.sandbox.faults.clear());
  after(() => cloud.close());

  const refused = (request: Partial<SendCommandRequest>, name: string, pattern?: RegExp): Promise<void> =>
    assert.rejects(cloud.send("true", request), named(name, pattern));

  it("does not list an instance that is not running, and accepts no command for it", async () => {
    const { InstanceInformationList } = await cloud.ssm.send(new DescribeInstanceInformationCommand({}));
    assert.deepEqual(InstanceInformationList, []);
    await refused(
      {},
      "InvalidInstanceId",
      /Instances \[\[i-0123456789abcdef0\]\] not in a valid state for account \d+/,
    );
  });

  it("checks the syntax of a command before its instances", async () => {
    await refused({ TimeoutSeconds: 29 }, "ValidationException");
    await refused({ OutputS3BucketName: "x" }, "ValidationException");
  });

  it("does not list an agent with the fault never-online", async () => {
    cloud.sandbox.faults.neverOnline = true;
    const { waitUntilInstanceRunning, StartInstancesCommand } = await import("@aws-sdk/client-ec2");
    const InstanceIds = [cloud.id];
    await cloud.ec2.send(new StartInstancesCommand({ InstanceIds }));
    await waitUntilInstanceRunning({ client: cloud.ec2, maxWaitTime: 5, minDelay: 1 }, { InstanceIds });
    await refused({}, "InvalidInstanceId");
    await cloud.halt();
  });

  it("checks every part of a command before it accepts it", async () => {
    await cloud.boot();
    const twice = [cloud.id, cloud.id];
    await refused({ InstanceIds: ["i-00000000000000000"] }, "InvalidInstanceId");
    await refused({ InstanceIds: twice }, "DuplicateInstanceId");
    await refused({ InstanceIds: ["i-1"] }, "ValidationException");
    await refused({ InstanceIds: [] }, "ValidationException");
    await refused({ DocumentName: "AWS-RunSomething" }, "InvalidDocument");
    await refused({ DocumentVersion: "7" }, "InvalidDocumentVersion");
    await refused({ DocumentName: "AWS-RunPowerShellScript" }, "UnsupportedPlatformType");
    await refused({ Parameters: { color: ["red"] } }, "InvalidParameters");
    await refused({ Parameters: { commands: [] } }, "InvalidParameters");
    await refused({ Parameters: { executionTimeout: ["5", "6"] } }, "InvalidParameters");
    await refused({ Parameters: { commands: ["x".repeat(70_000)] } }, "MaxDocumentSizeExceeded");
    await refused({ TimeoutSeconds: 29 }, "ValidationException", /'29' at 'timeoutSeconds'/);
    await refused({ Comment: "x".repeat(101) }, "ValidationException");
    await refused({ CloudWatchOutputConfig: { CloudWatchLogGroupName: "a group" } }, "ValidationException");
    await refused({ OutputS3BucketName: "x" }, "ValidationException");
  });

  it("ends a command for another platform as such, when it was sent by tag", async () => {
    const id = await cloud.send("Get-Date", {
      DocumentName: "AWS-RunPowerShellScript",
      InstanceIds: [],
      Targets: [{ Key: "tag:Name", Values: ["lightly-worker"] }],
    });
    const end = await cloud.ended(id);
    assert.equal(end.Status, "Failed");
    assert.equal(end.StatusDetails, "InvalidPlatform");
  });

  it("limits pages, filters, names and actions", async () => {
    const describe = (request: object) => cloud.ssm.send(new DescribeInstanceInformationCommand(request));
    await assert.rejects(describe({ MaxResults: 4 }), named("ValidationException"));
    await assert.rejects(describe({ Filters: [{ Key: "Color", Values: ["red"] }] }), named("InvalidFilterKey"));
    await assert.rejects(describe({ NextToken: "guess" }), named("InvalidNextToken"));
    const lost = await describe({ Filters: [{ Key: "PingStatus", Values: ["ConnectionLost"] }] });
    assert.deepEqual(lost.InstanceInformationList, []);
    const unknown = { CommandId: "00000000-0000-0000-0000-000000000000", InstanceId: cloud.id };
    await assert.rejects(cloud.ssm.send(new GetCommandInvocationCommand(unknown)), named("InvocationDoesNotExist"));
    const id = await cloud.send("true");
    await eventually("the command", () => cloud.look(id));
    await assert.rejects(
      cloud.ssm.send(new GetCommandInvocationCommand({ CommandId: id, InstanceId: cloud.id, PluginName: "other" })),
      named("InvalidPluginName"),
    );
    await assert.rejects(cloud.ssm.send(new GetParameterCommand({ Name: "x" })), named("UnknownOperationException"));
  });

  it("throttles and denies by injected fault, in SSM's format", async () => {
    cloud.sandbox.faults.add({ service: "ssm", operation: "SendCommand", kind: "throttle", times: 1 });
    await refused({}, "ThrottlingException");
    cloud.sandbox.faults.add({ service: "ssm", kind: "status", status: 400, code: "AccessDeniedException", times: 1 });
    await refused({}, "AccessDeniedException");
    cloud.sandbox.faults.add({ service: "ssm", kind: "reset", times: 1 });
    await assert.rejects(cloud.send("true"), /ECONNRESET|socket hang up/);
  });
});
