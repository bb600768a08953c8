import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { type StopInstancesOptions, stopInstances } from "../../../src/services/ec2/stop-instances.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import {
  ec2Accepted,
  ec2Fault,
  ec2Instances,
  idsOf,
  serveEc2,
  type WireAnswer,
  type WireInstance,
} from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const OTHER = "i-0123456789abcdef1";

describe("stopInstances", () => {
  let wire: Awaited<ReturnType<typeof serveEc2>>;
  let clock: FakeClock;

  beforeEach(async () => {
    wire = await serveEc2();
    clock = new FakeClock();
  });

  afterEach(() => wire.close());

  const stop = (more: Partial<StopInstancesOptions> = {}) =>
    stopInstances({
      ec2: wire.ec2,
      select: { ids: [ID] },
      wait: true,
      timeoutMs: 900_000,
      pollMs: 5000,
      signal: new AbortController().signal,
      clock,
      ...more,
    });

  /** Each describe returns the next states (finally the last ones), and each stop the next response. */
  const script = (
    looks: Array<string | WireInstance | readonly WireInstance[] | WireAnswer>,
    stops: WireAnswer[] = [ec2Accepted()],
  ) => {
    wire.answer = ({ operation }) => {
      const answers = operation === "DescribeInstances" ? looks : stops;
      const answer = answers[Math.min(wire.count(operation), answers.length) - 1] ?? ec2Fault("NoAnswer");
      if (typeof answer === "string") {
        return ec2Instances([{ id: ID, state: answer }]);
      }
      return "id" in answer ? ec2Instances([answer]) : "length" in answer ? ec2Instances(answer) : answer;
    };
  };

  it("stops without a dry run, and waits until EC2 reports stopped", async () => {
    script([
      "running",
      "stopping",
      "stopping",
      { id: ID, state: "stopped", reasonCode: "Client.UserInitiatedShutdown" },
    ]);
    assert.deepEqual(await stop(), {
      instanceIds: [ID],
      instances: [
        {
          instanceId: ID,
          state: "stopped",
          instanceType: "g4dn.xlarge",
          reason: "Client.UserInitiatedShutdown: it says why",
          reasonCode: "Client.UserInitiatedShutdown",
          wasStopped: false,
        },
      ],
      hibernated: false,
    });
    const request = wire.requests.find(({ operation }) => operation === "StopInstances");
    assert.equal(request?.input["InstanceId.1"], ID);
    assert.equal(request?.input.DryRun, undefined);
    assert.equal(request?.input.Hibernate, undefined);
    assert.equal(wire.count("StopInstances"), 1);
  });

  for (const state of ["stopped", "terminated", "shutting-down"] as const) {
    it(`succeeds for ${state} without a stop`, async () => {
      script([state]);
      const { instances } = await stop();
      assert.deepEqual(
        { state: instances[0]?.state, wasStopped: instances[0]?.wasStopped },
        { state, wasStopped: true },
      );
      assert.equal(wire.count("StopInstances"), 0);
      assert.deepEqual(clock.slept, []);
    });
  }

  it("reports the found instances before it requests a stop, and awaits the callback", async () => {
    script(["running", "stopped"]);
    let stopsBefore: number | undefined;
    const onFound = async (states: ReadonlyArray<{ instanceId: string; state: string }>): Promise<void> => {
      assert.deepEqual(
        states.map(({ instanceId, state }) => [instanceId, state]),
        [[ID, "running"]],
      );
      await wait(20);
      stopsBefore = wire.count("StopInstances");
    };
    await stop({ onFound });
    assert.deepEqual([stopsBefore, wire.count("StopInstances")], [0, 1]);
  });

  it("sends no request if it is aborted during the callback", async () => {
    script(["running"]);
    const aborted = new AbortController();
    const onFound = async (): Promise<void> => aborted.abort(new Error("a run needs it"));
    await assert.rejects(stop({ onFound, signal: aborted.signal }), { code: "ABORTED" });
    assert.equal(wire.count("StopInstances"), 0);
  });

  it("reports once that EC2 has accepted the stop, even if there was nothing to stop", async () => {
    for (const looks of [["running", "stopping", "stopping", "stopped"], ["stopped"]]) {
      script(looks);
      let accepted = 0;
      const onAccepted = (): void => {
        accepted += 1;
      };
      await stop({ onAccepted });
      assert.equal(accepted, 1);
    }
  });

  it("forces the stop of an instance that is stuck while stopping, if requested", async () => {
    script(["stopping", "stopping", "stopped"]);
    await stop({ force: true });
    const request = wire.requests.find(({ operation }) => operation === "StopInstances");
    assert.equal(request?.input.Force, "true");
    assert.equal(wire.count("StopInstances"), 1);
  });

  // A failed step aborts the start of the same run, and its Catch leads directly to the stop.
  for (const waits of [true, false]) {
    it(`does not treat an instance as stopped whose start was requested a moment ago (wait: ${waits})`, async () => {
      const failing = new AbortController();
      const looks = ["stopped", "stopped", "stopped", "stopped", "running", "stopping", "stopped"];
      wire.answer = ({ operation }) => {
        if (operation === "DescribeInstances") {
          const state = looks[Math.min(wire.count(operation), looks.length) - 1] ?? "stopped";
          return ec2Instances([{ id: ID, state }]);
        }
        if (operation === "StartInstances") {
          failing.abort(new Error("another step has failed"));
        }
        return ec2Accepted();
      };
      const limits = { timeoutMs: 900_000, capacityTimeoutMs: 0, pollMs: 5000 };
      await assert.rejects(
        startInstances({ ec2: wire.ec2, select: { ids: [ID] }, ...limits, signal: failing.signal, clock }),
        { code: "ABORTED" },
      );
      await stop({ wait: waits });
      assert.equal(wire.count("StopInstances"), 1);
    });
  }

  it("waits for a stop that someone else has requested", async () => {
    script(["stopping", "stopping", "stopped"]);
    assert.equal((await stop()).instances[0]?.wasStopped, false);
    assert.equal(wire.count("StopInstances"), 0);
  });

  it("treats an instance that is terminated while stopping as stopped", async () => {
    script(["running", "stopping", "terminated"]);
    assert.equal((await stop()).instances[0]?.state, "terminated");
  });

  it("does not wait for the end if only the request matters", async () => {
    script(["running"]);
    const { instances } = await stop({ wait: false });
    assert.equal(instances[0]?.state, "running");
    assert.equal(wire.count("StopInstances"), 1);
    assert.deepEqual(clock.slept, []);
  });

  it("repeats the request until it works for an instance that is still starting", async () => {
    script(
      ["pending", "pending", "running", "stopping", "stopped"],
      [ec2Fault("IncorrectInstanceState"), ec2Fault("IncorrectInstanceState"), ec2Accepted()],
    );
    await stop({ wait: false });
    assert.equal(wire.count("StopInstances"), 3);
  });

  it("tolerates outdated states after an accepted stop", async () => {
    script(["running", "running", "running", "stopped"]);
    await stop();
    assert.equal(wire.count("StopInstances"), 1);
  });

  it("stops an instance again that is still or again running a minute later", async () => {
    const since = clock.now();
    wire.answer = ({ operation }) =>
      operation === "StopInstances"
        ? ec2Accepted()
        : ec2Instances([{ id: ID, state: wire.count("StopInstances") < 2 ? "running" : "stopped" }]);
    await stop();
    assert.equal(wire.count("StopInstances"), 2);
    const elapsedMs = clock.now() - since;
    assert.ok(elapsedMs >= 60_000 && elapsedMs <= 70_000, `${elapsedMs} ms`);
  });

  it("stops all others if one can't be stopped", async () => {
    wire.answer = (request) =>
      request.operation === "DescribeInstances"
        ? ec2Instances([
            { id: ID, state: "pending" },
            { id: OTHER, state: wire.count("StopInstances") > 1 ? "stopped" : "running" },
          ])
        : idsOf(request).includes(ID)
          ? ec2Fault("IncorrectInstanceState")
          : ec2Accepted();
    await assert.rejects(stop({ select: { ids: [ID, OTHER] }, timeoutMs: 20_000 }), { code: "TIMED_OUT" });
    const asked = wire.requests.filter(({ operation }) => operation === "StopInstances").map(idsOf);
    assert.deepEqual(
      asked.filter(([id]) => id === OTHER),
      [[OTHER]],
    );
  });

  it("stops all others if one is protected, and then names the running one", async () => {
    wire.answer = (request) =>
      request.operation === "DescribeInstances"
        ? ec2Instances([ID, OTHER].map((id) => ({ id, state: "running" })))
        : idsOf(request).includes(ID)
          ? ec2Fault("OperationNotPermitted")
          : ec2Accepted();
    await assert.rejects(stop({ select: { ids: [ID, OTHER] } }), {
      code: "EC2_STOP_PROTECTED",
      message: new RegExp(ID),
    });
    assert.deepEqual(wire.requests.filter(({ operation }) => operation === "StopInstances").map(idsOf), [
      [ID],
      [OTHER],
    ]);
  });

  it("keeps trying while AWS does not respond, because nothing else would stop the instance", async () => {
    const broken = ec2Fault("Unavailable", "oops", 503);
    script([broken, broken, broken, "running", "stopped"], [broken, broken, broken, ec2Accepted()]);
    assert.equal((await stop()).instances[0]?.state, "stopped");
  });

  it("reports the last state at its limit", async () => {
    script(["running", "stopping"]);
    await assert.rejects(stop({ timeoutMs: 60_000 }), {
      code: "TIMED_OUT",
      message: `Waited 60 s for instance ${ID} to stop. The last state was: stopping.`,
    });
  });

  for (const [code, expected, message] of [
    ["OperationNotPermitted", "EC2_STOP_PROTECTED", /disableApiStop/],
    ["UnsupportedOperation", "EC2_STATE_UNSUPPORTED", /does not allow/],
    ["UnauthorizedOperation", "EC2_ACCESS_DENIED", /Allow ec2:StopInstances/],
    ["AuthFailure", "AWS_CREDENTIALS_INVALID", /AWS_ACCESS_KEY_ID/],
  ] as const) {
    it(`fails immediately with ${expected} for ${code}`, async () => {
      script(["running"], [ec2Fault(code)]);
      await assert.rejects(stop(), { code: expected, message });
      assert.deepEqual(clock.slept, []);
    });
  }

  it("fails immediately if there is no such instance", async () => {
    script([ec2Fault("InvalidInstanceID.NotFound")]);
    await assert.rejects(stop(), { code: "EC2_INSTANCE_NOT_FOUND" });
  });

  it("stops all instances with the tags", async () => {
    wire.answer = ({ operation, input }) =>
      operation === "StopInstances"
        ? ec2Accepted()
        : ec2Instances([
            { id: ID, state: input["Filter.1.Name"] ? "running" : "stopped" },
            { id: OTHER, state: "stopped" },
          ]);
    const { instances } = await stop({ select: { tags: { Name: "gpu" } } });
    assert.deepEqual(
      instances.map(({ instanceId, wasStopped }) => ({ instanceId, wasStopped })),
      [
        { instanceId: ID, wasStopped: false },
        { instanceId: OTHER, wasStopped: true },
      ],
    );
  });

  describe("with hibernation", () => {
    it("requests and reports it", async () => {
      script(["running", { id: ID, state: "stopped", reasonCode: "Client.UserInitiatedHibernate" }]);
      assert.equal((await stop({ hibernate: true })).hibernated, true);
      assert.equal(wire.requests[1]?.input.Hibernate, "true");
    });

    it("stops an instance that can't hibernate without it, and reports that", async () => {
      script(
        ["running", { id: ID, state: "stopped", reasonCode: "Client.UserInitiatedShutdown" }],
        [ec2Fault("UnsupportedHibernationConfiguration"), ec2Accepted()],
      );
      const { hibernated, instances } = await stop({ hibernate: true });
      assert.deepEqual({ hibernated, state: instances[0]?.state }, { hibernated: false, state: "stopped" });
      assert.equal(wire.requests[2]?.input.Hibernate, undefined);
    });

    it("reports that AWS has shut it down because hibernation has failed", async () => {
      script(["running", { id: ID, state: "stopped", reasonCode: "Client.UserInitiatedShutdown" }]);
      assert.equal((await stop({ hibernate: true })).hibernated, false);
    });
  });
});
