import assert from "node:assert/strict";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { readShutdownBehavior } from "../../../src/services/ec2/shutdown-behavior.ts";
import { ec2Fault, serveEc2, type WireAnswer } from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";

describe("readShutdownBehavior", () => {
  let wire: Awaited<ReturnType<typeof serveEc2>>;

  beforeEach(async () => {
    wire = await serveEc2();
  });
  afterEach(() => wire.close());

  const read = (signal = new AbortController().signal) =>
    readShutdownBehavior({ ec2: wire.ec2, instanceId: ID, signal });
  const says = (value: string): WireAnswer => ({
    body: `<DescribeInstanceAttributeResponse><instanceId>${ID}</instanceId><instanceInitiatedShutdownBehavior>${value}</instanceInitiatedShutdownBehavior></DescribeInstanceAttributeResponse>`,
  });

  for (const behavior of ["stop", "terminate"]) {
    it(`reads ${behavior}`, async () => {
      wire.answer = () => says(`<value>${behavior}</value>`);
      assert.equal(await read(), behavior);
      assert.deepEqual(
        wire.requests.map(({ operation, input }) => [operation, input.InstanceId, input.Attribute]),
        [["DescribeInstanceAttribute", ID, "instanceInitiatedShutdownBehavior"]],
      );
    });
  }

  it("names the missing permission", async () => {
    wire.answer = () => ec2Fault("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
    await assert.rejects(read(), { code: "EC2_ACCESS_DENIED", message: /Allow ec2:DescribeInstanceAttribute/ });
  });

  it("does not treat an empty response as stop", async () => {
    wire.answer = () => says("");
    await assert.rejects(read(), { code: "AWS_SERVICE_FAILED", message: new RegExp(ID) });
  });

  it("rejects with the reason of its signal", async () => {
    wire.answer = () => ({ fault: "hang" });
    await assert.rejects(read(AbortSignal.timeout(20)), { code: "AWS_UNREACHABLE" });
    const stopped = AbortSignal.abort(new PipelineError("ABORTED", "Stopped: a test."));
    await assert.rejects(read(stopped), { code: "ABORTED" });
  });
});
