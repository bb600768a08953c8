import { deepEqual, equal, match } from "node:assert/strict";
import { runs } from "../../../src/runs/run-registry.ts";
import { worker } from "../../runs/fake-flow.ts";
import { ec2Accepted, ec2Fault, ec2Instances, idsOf, serveEc2, type WireServer } from "../../services/aws/wire.ts";
import { helper, loadFlow, useNodeRed } from "../support/flow.ts";
import { until } from "../support/until.ts";

const USED = "i-0123456789abcdef0";
const WRONG = "i-0fffffffffffffff0";
const ACCOUNT = { id: "aws", type: "lightly-aws-account", region: "eu-central-1", credentialSource: "keys" };
const KEYS = { aws: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-EXAMPLE" } };

describe("lightly-ec2-start with ids", () => {
  useNodeRed();
  let wire: WireServer;
  let isRunning: boolean;
  let pairs = 0;

  beforeEach(async () => {
    wire = await serveEc2();
    isRunning = false;
    wire.answer = (request) => {
      const ids = idsOf(request);
      if (ids.includes(WRONG)) {
        return ec2Fault("InvalidInstanceID.NotFound", `The instance ID '${WRONG}' does not exist`);
      }
      if (request.operation === "DescribeInstances") {
        return ec2Instances(ids.map((id) => ({ id, state: isRunning ? "running" : "stopped" })));
      }
      isRunning = request.operation === "StartInstances";
      return ec2Accepted();
    };
  });
  afterEach(async () => {
    // A guard may be stopping the instance.
    await helper.unload();
    await wire.close();
  });

  /** Loads the flow, and begins two runs. The first one stays open. */
  async function begin() {
    pairs += 1;
    const [first, second] = [`first ${pairs}`, `second ${pairs}`];
    const working = runs.begin(first, worker);
    const flow = await loadFlow({
      step: {
        ...{ type: "lightly-ec2-start", account: "aws", waitFor: "running", pollSeconds: "0.02", autoStopMinutes: "0" },
        ...{ select: "ids", instanceIds: "ids", instanceIdsType: "msg", onBusy: "wait" },
      },
      others: [{ ...ACCOUNT, endpoint: wire.endpoint }],
      credentials: KEYS,
    });
    return { flow, first, second, working };
  }

  /** Two runs on the instance: the first one stays open, and the second one asks for `ids`. */
  async function twoRuns(ids: string) {
    const { flow, first, second, working } = await begin();
    flow.receive({ runId: first, ids: USED });
    await flow.until(() => flow.completed.length > 0);
    const ofFirst = wire.requests.map(({ operation }) => operation);
    flow.receive({ runId: second, ids });
    return { flow, working, ofFirst };
  }

  it("are described once before the start, by a run that does not wait", async () => {
    const { flow, working, ofFirst } = await twoRuns(USED);
    deepEqual(ofFirst.slice(0, 3), ["DescribeInstances", "StartInstances", "DescribeInstances"]);
    working.complete({});
    await flow.until(() => flow.completed.length > 1);
  });

  it("are described before the wait for one in use, so that one that does not exist shows at once", async () => {
    const { flow, working } = await twoRuns(`${USED}, ${WRONG}`);
    await flow.until(() => flow.caught.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_NOT_FOUND");
    match(flow.caught[0]?.error.message ?? "", new RegExp(WRONG));
    equal(wire.count("StartInstances"), 1, "only by the first run");
    working.complete({});
  });

  it("are free again when one of them does not exist, although the run is still active", async () => {
    const { flow, first, second, working } = await begin();
    flow.receive({ runId: first, ids: `${USED}, ${WRONG}` });
    flow.receive({ runId: second, ids: USED });
    await flow.until(() => flow.completed.length > 0);
    equal(flow.caught[0]?.error.code, "EC2_INSTANCE_NOT_FOUND");
    equal(runs.find(first).state, "failed");
    working.complete({});
  });

  it("stay leased when one of them does not exist, if the run uses them", async () => {
    const { flow, first, working } = await begin();
    flow.receive({ runId: first, ids: USED });
    await flow.until(() => flow.completed.length > 0);
    flow.receive({ runId: first, ids: `${USED}, ${WRONG}` });
    await flow.until(() => flow.caught.length > 0);
    deepEqual(working.instances.leased(), [USED]);
    deepEqual(runs.instances.leases.usersOf(USED), [first]);
    working.complete({});
  });

  it("are described after the wait too, in which the other run has stopped the instance", async () => {
    const { flow, working } = await twoRuns(USED);
    await until(() => wire.count("DescribeInstances") > 2);
    isRunning = false;
    working.complete({});
    await flow.until(() => flow.completed.length > 1);
    equal(wire.count("StartInstances"), 2);
  });
});
