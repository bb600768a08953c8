import { deepEqual, equal, match } from "node:assert/strict";
import { ec2Accepted, ec2Instances, idsOf, serveEc2, type WireServer } from "../../services/aws/wire.ts";
import { helper, loadFlow, result, useNodeRed } from "../support/flow.ts";

const IDS = Array.from({ length: 51 }, (_, index) => `i-000000000000000${10 + index}`);
const ACCOUNT = { id: "aws", type: "lightly-aws-account", region: "eu-central-1", credentialSource: "keys" };
const KEYS = { aws: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-EXAMPLE" } };
const SCRIPT = { type: "lightly-ssm-run-script", script: "/bin/true", scriptType: "str" };
const JOB = { type: "lightly-batch-run", queue: "q", queueType: "str", definition: "d", definitionType: "str" };
const byTags = { select: "tags", tags: [{ key: "Pool", value: "gpu" }] };
const byIds = { select: "ids", instanceIds: IDS.join(), instanceIdsType: "str" };

describe("lightly-ec2-start with more instances than a script takes", () => {
  useNodeRed();
  let wire: WireServer;
  let running: Set<string>;

  beforeEach(async () => {
    wire = await serveEc2();
    running = new Set();
    wire.answer = (request) => {
      const asked = idsOf(request);
      if (request.operation === "DescribeInstances") {
        const ids = asked.length > 0 ? asked : IDS;
        return ec2Instances(ids.map((id) => ({ id, state: running.has(id) ? "running" : "stopped" })));
      }
      for (const id of asked) {
        running[request.operation === "StartInstances" ? "add" : "delete"](id);
      }
      return ec2Accepted();
    };
  });
  afterEach(async () => {
    // A guard may be stopping the instances.
    await helper.unload();
    await wire.close();
  });

  /** The message of the step passes a helper to another step. */
  async function run(more: object, next: typeof SCRIPT | typeof JOB) {
    const flow = await loadFlow({
      step: { type: "lightly-ec2-start", account: "aws", waitFor: "running", pollSeconds: "0.02", ...more },
      others: [
        { ...ACCOUNT, endpoint: wire.endpoint },
        { id: "next", z: "tab", account: "aws", wires: [[]], ...next },
      ],
      credentials: KEYS,
    });
    Object.assign(helper.getNode("out0"), { wires: [["next"]] });
    flow.receive({});
    await flow.until(() => flow.caught.length > 0 || flow.completed.length > 0);
    return flow;
  }

  for (const [what, more] of [
    ["a desired number", { ...byTags, desired: "51", desiredType: "num" }],
    ["tags", byTags],
    ["ids", byIds],
  ] as const) {
    it(`starts none of those of ${what} if a script follows`, async () => {
      const flow = await run(more, SCRIPT);
      const { code, message } = flow.caught[0]?.error ?? {};
      equal(code, "INPUT_INVALID");
      match(message ?? "", /^51 instances are wanted.* at most 50\. Nothing was started\. Set "Desired number"/);
      equal(wire.count("StartInstances"), 0);
    });
  }

  it("starts 50 if a script follows", async () => {
    const flow = await run({ ...byTags, desired: "50", desiredType: "num" }, SCRIPT);
    equal(result<string[]>(flow, "payload").length, 50);
  });

  it("starts all if only a job of AWS Batch follows", async () => {
    const flow = await run(byTags, JOB);
    deepEqual(result<string[]>(flow, "payload").toSorted(), IDS.toSorted());
  });
});
