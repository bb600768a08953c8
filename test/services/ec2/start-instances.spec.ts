import assert from "node:assert/strict";
import type { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { type StartInstancesOptions, startInstances } from "../../../src/services/ec2/start-instances.ts";
import type { StartMemory } from "../../../src/services/ec2/start-waits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import {
  ec2Accepted,
  ec2Fault,
  ec2Instances,
  idsOf,
  serveEc2,
  serveSsm,
  ssmAnswer,
  ssmFault,
  type WireAnswer,
  type WireInstance,
} from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const OTHER = "i-0123456789abcdef1";

/** The maximum pause between checks is 5 s, so that a limit is detected at most 5 s late, and never early. */
function assertWithinOnePause(elapsedMs: number, limitMs: number): void {
  assert.ok(elapsedMs >= limitMs && elapsedMs <= limitMs + 5000, `${elapsedMs} ms`);
}

describe("startInstances", () => {
  let wire: Awaited<ReturnType<typeof serveEc2>>;
  let clock: FakeClock;

  beforeEach(async () => {
    wire = await serveEc2();
    clock = new FakeClock({ now: Date.parse("2026-01-01T00:00:00Z") });
  });

  afterEach(() => wire.close());

  const start = (more: Partial<StartInstancesOptions> = {}) =>
    startInstances({
      ec2: wire.ec2,
      select: { ids: [ID] },
      timeoutMs: 900_000,
      capacityTimeoutMs: 900_000,
      pollMs: 5000,
      signal: new AbortController().signal,
      clock,
      ...more,
    });

  /** Each describe returns the next states (finally the last ones), and each start the next response. */
  const script = (
    looks: Array<string | WireInstance | readonly WireInstance[] | WireAnswer>,
    starts: WireAnswer[] = [ec2Accepted()],
  ) => {
    wire.answer = ({ operation }) => {
      const answers = operation === "DescribeInstances" ? looks : starts;
      const answer = answers[Math.min(wire.count(operation), answers.length) - 1] ?? ec2Fault("NoAnswer");
      if (typeof answer === "string") {
        return ec2Instances([{ id: ID, state: answer }]);
      }
      return "id" in answer ? ec2Instances([answer]) : "length" in answer ? ec2Instances(answer) : answer;
    };
  };

  it("starts a stopped instance and waits until it is running", async () => {
    script([
      "stopped",
      "pending",
      { id: ID, state: "running", launched: "2026-01-01T00:00:05.000Z", name: "lightly-worker" },
    ]);
    assert.deepEqual(await start(), {
      instanceIds: [ID],
      instances: [
        {
          instanceId: ID,
          state: "running",
          instanceType: "g4dn.xlarge",
          name: "lightly-worker",
          launchedAt: "2026-01-01T00:00:05.000Z",
          wasRunning: false,
        },
      ],
    });
    assert.equal(wire.count("StartInstances"), 1);
    assert.deepEqual(clock.slept, [5]);
  });

  it("succeeds for a running instance without a start", async () => {
    script(["running"]);
    assert.equal((await start()).instances[0]?.wasRunning, true);
    assert.deepEqual(
      wire.requests.map(({ operation }) => operation),
      ["DescribeInstances"],
    );
    assert.deepEqual(clock.slept, []);
  });

  it("reports the found instances, and waits until they are saved, before it requests a start", async () => {
    script(["stopped", "pending", "running"]);
    const found: unknown[] = [];
    await start({
      onFound: async (states) => {
        const ids = states.map(({ instanceId }) => instanceId);
        await new Promise((noted) => setImmediate(noted));
        found.push(ids, wire.count("StartInstances"));
      },
    });
    assert.deepEqual(found, [[ID], 0]);
    assert.equal(wire.count("StartInstances"), 1);
  });

  it("waits for an instance that someone else is starting", async () => {
    script(["pending", "pending", "pending", "running"]);
    assert.equal((await start()).instances[0]?.wasRunning, false);
    assert.equal(wire.count("StartInstances"), 0);
  });

  it("checks soon at the start, and then at most at the poll interval", async () => {
    script(["stopped", ...Array.from({ length: 14 }, () => "pending"), "running"]);
    await start();
    assert.ok(clock.slept.slice(0, 4).reduce((sum, ms) => sum + ms, 0) <= 1500, String(clock.slept));
    assert.deepEqual(clock.slept.slice(-3), [5000, 5000, 5000]);
  });

  it("waits for the end of a stop, and then starts", async () => {
    script(["stopping", "stopping", "stopping", "stopped", "pending", "running"]);
    await start();
    const operations = wire.requests.map(({ operation }) => operation);
    assert.equal(operations.indexOf("StartInstances"), 4);
  });

  it("starts only the stopped ones of several instances", async () => {
    script([
      [
        { id: ID, state: "running" },
        { id: OTHER, state: "stopped" },
      ],
      [
        { id: ID, state: "running" },
        { id: OTHER, state: "stopped" },
      ],
      [
        { id: OTHER, state: "running" },
        { id: ID, state: "running" },
      ],
    ]);
    const { instances } = await start({ select: { ids: [ID, OTHER] } });
    const started = wire.requests.find(({ operation }) => operation === "StartInstances");
    assert.deepEqual(started && idsOf(started), [OTHER]);
    assert.deepEqual(
      instances.map(({ instanceId, wasRunning }) => ({ instanceId, wasRunning })),
      [
        { instanceId: ID, wasRunning: true },
        { instanceId: OTHER, wasRunning: false },
      ],
    );
  });

  for (const state of ["terminated", "shutting-down"]) {
    it(`fails immediately if the instance is ${state}, before and during its start`, async () => {
      script([state]);
      await assert.rejects(start(), { code: "EC2_INSTANCE_TERMINATED", message: new RegExp(`${ID} is ${state}`) });
      assert.equal(wire.count("StartInstances"), 0);
      wire.requests.length = 0;
      script(["stopped", "pending", { id: ID, state, reasonCode: "Server.SpotInstanceTermination" }]);
      await assert.rejects(start(), {
        code: "EC2_INSTANCE_TERMINATED",
        message: /Server\.SpotInstanceTermination: it says why/,
      });
    });
  }

  it("fails immediately with the reason when the instance falls back to stopped", async () => {
    script(["stopped", "pending", { id: ID, state: "stopped", reasonCode: "Client.InternalError" }]);
    await assert.rejects(start(), { code: "EC2_START_FAILED", message: /Client\.InternalError.*kms:CreateGrant/ });
  });

  it("detects a fall-back without a reason by its earlier state pending", async () => {
    script(["stopped", "pending", "stopped"]);
    await assert.rejects(start(), { code: "EC2_START_FAILED" });
    assert.deepEqual(clock.slept, [5]);
  });

  it("starts none of several instances if one is terminated", async () => {
    script([
      [
        { id: ID, state: "stopped" },
        { id: OTHER, state: "terminated" },
      ],
    ]);
    await assert.rejects(start({ select: { ids: [ID, OTHER] } }), {
      code: "EC2_INSTANCE_TERMINATED",
      message: new RegExp(OTHER),
    });
    assert.equal(wire.count("StartInstances"), 0);
  });

  it("detects a fall-back by its new reason even if it was never seen pending", async () => {
    const stopped = { id: ID, state: "stopped", transition: "User initiated (2025-12-31 10:00:00 GMT)" };
    script([stopped, stopped, stopped, { id: ID, state: "stopped", reasonCode: "Client.InternalError" }]);
    await assert.rejects(start(), { code: "EC2_START_FAILED" });
    assert.deepEqual(clock.slept, [5, 5]);
  });

  it("does not treat a cleared reason as a fall-back", async () => {
    const stopped = { id: ID, state: "stopped", transition: "User initiated (2025-12-31 10:00:00 GMT)" };
    script([stopped, "stopped", "running"]);
    assert.equal((await start()).instances[0]?.state, "running");
  });

  it("tolerates outdated states after an accepted start for a minute", async () => {
    script(["stopped", "stopped", "stopped", "pending", "running"]);
    assert.equal((await start()).instances[0]?.state, "running");
    wire.requests.length = 0;
    const since = clock.now();
    script(["stopped"]);
    await assert.rejects(start(), { code: "EC2_START_FAILED" });
    assertWithinOnePause(clock.now() - since, 60_000);
  });

  describe("without capacity", () => {
    const FULL = ec2Fault("InsufficientInstanceCapacity", "We currently do not have sufficient capacity", 500);

    it("retries after 30 s, 60 s and 120 s", async () => {
      script(
        ["stopped", "stopped", "stopped", "stopped", "running"],
        [FULL, FULL, FULL, FULL, FULL, FULL, FULL, FULL, FULL, ec2Accepted()],
      );
      await start();
      // The SDK itself sends three requests within milliseconds.
      assert.deepEqual(clock.slept, [30_000, 60_000, 120_000]);
      assert.equal(wire.count("StartInstances"), 10);
    });

    it("fails exactly at its limit, and reports the number of attempts", async () => {
      script(["stopped"], [FULL]);
      await assert.rejects(start({ capacityTimeoutMs: 100_000 }), (error: PipelineError) => {
        assert.equal(error.code, "EC2_NO_CAPACITY");
        assert.match(error.message, /Requested 4 times in 100 s/);
        return true;
      });
      assert.deepEqual(clock.slept, [30_000, 60_000, 10_000]);
    });

    it("fails immediately with a limit of 0", async () => {
      script(["stopped"], [FULL]);
      await assert.rejects(start({ capacityTimeoutMs: 0 }), { code: "EC2_NO_CAPACITY", message: /Requested once/ });
      assert.deepEqual(clock.slept, []);
    });

    it("may wait for capacity longer than for the start itself", async () => {
      script(["stopped"], [FULL]);
      await assert.rejects(start({ timeoutMs: 60_000, capacityTimeoutMs: 600_000 }), { code: "EC2_NO_CAPACITY" });
      assert.equal(
        clock.slept.reduce((sum, ms) => sum + ms, 0),
        600_000,
      );
    });

    it("detects that the instance was terminated in the meantime", async () => {
      script(["stopped", "terminated"], [FULL]);
      await assert.rejects(start(), { code: "EC2_INSTANCE_TERMINATED" });
    });

    for (const code of [
      "InsufficientHostCapacity",
      "InsufficientCapacityOnHost",
      "InsufficientReservedInstanceCapacity",
      "InsufficientCapacity",
      "ReservationCapacityExceeded",
      "UnfulfillableCapacity",
      "UnavailableHostRequirements",
    ]) {
      it(`maps ${code} to a lack of capacity for any status`, async () => {
        for (const status of [400, 500]) {
          wire.requests.length = 0;
          script(["stopped", "stopped", "running"], [ec2Fault(code, code, status)]);
          await assert.rejects(start({ capacityTimeoutMs: 0 }), {
            code: "EC2_NO_CAPACITY",
            message: new RegExp(`\\(${code}\\)\\. Requested once`),
          });
        }
      });
    }

    it("does not map a lack of addresses to it", async () => {
      script(["stopped"], [ec2Fault("InsufficientAddressCapacity")]);
      await assert.rejects(start(), { code: "AWS_REQUEST_REFUSED" });
    });

    describe("that appears after the start was accepted", () => {
      const FELL_BACK = { id: ID, state: "stopped", reasonCode: "Server.InsufficientInstanceCapacity" };

      it("retries after 30 s and 60 s, as after a refusal", async () => {
        script([
          ...["stopped", "pending", FELL_BACK],
          ...[FELL_BACK, FELL_BACK, "pending", FELL_BACK],
          ...[FELL_BACK, "pending", "running"],
        ]);
        const notes: string[] = [];
        const { instances } = await start({ onState: (_states, note) => notes.push(note) });
        assert.equal(instances[0]?.state, "running");
        assert.equal(wire.count("StartInstances"), 3);
        assert.deepEqual(
          clock.slept.filter((ms) => ms >= 30_000),
          [30_000, 60_000],
        );
        assert.ok(notes.includes("stopped: no capacity, next attempt in 60 s"), String(notes));
      });

      it("shares the limit with refusals, and then reports the lack of capacity", async () => {
        script(["stopped", "stopped", "pending", FELL_BACK, FELL_BACK], [FULL, FULL, FULL, ec2Accepted(), FULL]);
        const since = clock.now();
        await assert.rejects(start({ capacityTimeoutMs: 100_000 }), (error: PipelineError) => {
          assert.equal(error.code, "EC2_NO_CAPACITY");
          assert.match(error.message, /InsufficientInstanceCapacity.*Requested 4 times in 100 s/);
          assert.doesNotMatch(error.message, /kms/i);
          return true;
        });
        assertWithinOnePause(clock.now() - since, 100_000);
      });

      it("fails immediately with a limit of 0", async () => {
        script(["stopped", "pending", FELL_BACK]);
        await assert.rejects(start({ capacityTimeoutMs: 0 }), {
          code: "EC2_NO_CAPACITY",
          message: `Instance ${ID} stopped again: EC2 accepted the start, but AWS currently has no capacity for its type in its zone (Server.InsufficientInstanceCapacity). Requested once. Increase the time limit for capacity, try again later, or use another instance type or zone.`,
        });
      });

      it("reads it from the transition's text if there is no code", async () => {
        const transition = "Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance request";
        script(["stopped", "pending", { id: ID, state: "stopped", transition }]);
        await assert.rejects(start({ capacityTimeoutMs: 0 }), { code: "EC2_NO_CAPACITY" });
      });

      it("restarts only the instances that fell back", async () => {
        const running = { id: OTHER, state: "running" };
        const stopped = { id: ID, state: "stopped" };
        const pending = { id: ID, state: "pending" };
        const both = { select: { ids: [ID, OTHER] } };
        script([
          [stopped, { id: OTHER, state: "stopped" }],
          [stopped, { id: OTHER, state: "stopped" }],
          [pending, running],
          [FELL_BACK, running],
          [FELL_BACK, running],
          [pending, running],
          [{ id: ID, state: "running" }, running],
        ]);
        await start(both);
        const starts = wire.requests.filter(({ operation }) => operation === "StartInstances").map(idsOf);
        assert.deepEqual(starts, [[ID, OTHER], [ID]]);
      });

      it("fails for a permanent error", async () => {
        const down = { id: OTHER, state: "stopped", reasonCode: "Client.InternalError" };
        script([
          [
            { id: ID, state: "stopped" },
            { id: OTHER, state: "stopped" },
          ],
          [
            { id: ID, state: "stopped" },
            { id: OTHER, state: "stopped" },
          ],
          [FELL_BACK, down],
        ]);
        await assert.rejects(start({ select: { ids: [ID, OTHER] } }), { code: "EC2_START_FAILED" });
      });

      it("ends with the abort during a pause", async () => {
        const abort = new AbortController();
        clock.alarm(10_000, () => abort.abort("another step failed"));
        script(["stopped", "pending", FELL_BACK]);
        await assert.rejects(start({ signal: abort.signal }), { code: "ABORTED", message: /another step failed/ });
        assert.equal(wire.count("StartInstances"), 1);
      });
    });
  });

  for (const [reasonCode, says] of [
    ["Client.UserInitiatedShutdown", /A user or program stopped it .* CloudTrail/],
    ["Client.UserInitiatedHibernate", /A user or program hibernated it .* CloudTrail/],
    ["Client.InstanceInitiatedShutdown", /Its own operating system shut it down/],
    ["Client.VolumeLimitExceeded", /quota for EBS volumes/],
    ["Client.InvalidSnapshot.NotFound", /snapshot that it needs does not exist/],
    ["Server.ScheduledStop", /retirement of its host/],
    ["Server.SpotInstanceShutdown", /interrupted the spot instance/],
    ["Server.SpotInstanceTermination", /interrupted the spot instance/],
    ["Server.InternalError", /AWS had an internal failure/],
    ["Server.SomethingNew", /state transition message in the EC2 console/],
    [undefined, /state transition message in the EC2 console/],
  ] as const) {
    it(`explains ${reasonCode ?? "a missing reason"}, and never suspects a missing permission for a key`, async () => {
      script(["stopped", "pending", { id: ID, state: "stopped", ...(reasonCode && { reasonCode }) }]);
      await assert.rejects(start(), (error: PipelineError) => {
        assert.equal(error.code, "EC2_START_FAILED");
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /kms/i);
        return true;
      });
    });
  }

  it("detects a user's stop by the transition's text alone", async () => {
    const transition = "User initiated (2026-01-01 10:00:00 GMT)";
    script(["stopped", "pending", { id: ID, state: "stopped", transition }]);
    await assert.rejects(start(), { code: "EC2_START_FAILED", message: /A user or program stopped it/ });
  });

  it("checks and starts again if the state does not allow a start yet", async () => {
    script(["stopped", "stopping", "stopped", "running"], [ec2Fault("IncorrectInstanceState"), ec2Accepted()]);
    await start();
    assert.equal(wire.count("StartInstances"), 2);
  });

  it("tolerates the state of a spot request for a minute", async () => {
    script(["stopped", "stopped", "running"], [ec2Fault("IncorrectSpotRequestState"), ec2Accepted()]);
    await start();
    wire.requests.length = 0;
    script(["stopped"], [ec2Fault("IncorrectSpotRequestState")]);
    const since = clock.now();
    await assert.rejects(start(), { code: "EC2_SPOT_UNAVAILABLE", message: /interrupted/ });
    assertWithinOnePause(clock.now() - since, 60_000);
  });

  for (const [code, expected] of [
    ["VcpuLimitExceeded", "EC2_QUOTA_EXCEEDED"],
    ["InstanceLimitExceeded", "EC2_QUOTA_EXCEEDED"],
    ["MaxSpotInstanceCountExceeded", "EC2_QUOTA_EXCEEDED"],
    ["UnsupportedOperation", "EC2_STATE_UNSUPPORTED"],
    ["AuthFailure", "AWS_CREDENTIALS_INVALID"],
    ["RequestExpired", "AWS_CREDENTIALS_EXPIRED"],
    ["OptInRequired", "AWS_REQUEST_REFUSED"],
    ["SomethingNew", "AWS_REQUEST_REFUSED"],
  ] as const) {
    it(`fails immediately with ${expected} for ${code}`, async () => {
      script(["stopped"], [ec2Fault(code)]);
      await assert.rejects(start(), { code: expected });
      assert.equal(wire.count("StartInstances"), 1);
      assert.deepEqual(clock.slept, []);
    });
  }

  it("names the missing action and the command that decodes the reason, and keeps the encoded reason out of the message", async () => {
    const text =
      "You are not authorized to perform this operation. Encoded authorization failure message: AbCdEf0123456789";
    script(["stopped"], [ec2Fault("UnauthorizedOperation", text, 403)]);
    await assert.rejects(start(), (error: PipelineError) => {
      assert.equal(error.code, "EC2_ACCESS_DENIED");
      assert.match(error.message, /Allow ec2:StartInstances/);
      assert.match(error.message, /decode-authorization-message/);
      assert.doesNotMatch(error.message, /AbCdEf/);
      assert.equal(error.details.encodedReason, "AbCdEf0123456789");
      return true;
    });
  });

  it("names the action in AWS's message", async () => {
    const text = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:x";
    script(["stopped"], [ec2Fault("UnauthorizedOperation", text, 403)]);
    await assert.rejects(start(), { message: /Allow kms:CreateGrant on arn:aws:kms:x/ });
  });

  it("quotes AWS when it names the policy that denies the start", async () => {
    const text = `You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/x is not authorized to perform: ec2:StartInstances on resource: arn:aws:ec2:eu-central-1:123456789012:instance/${ID} with an explicit deny in a service control policy`;
    script(
      ["stopped"],
      [ec2Fault("UnauthorizedOperation", `${text}. Encoded authorization failure message: AbCd`, 403)],
    );
    await assert.rejects(start(), (error: PipelineError) => {
      assert.equal(error.code, "EC2_ACCESS_DENIED");
      assert.ok(error.message.includes(text), error.message);
      assert.match(error.message, /explicit deny overrides every allow: change the service control policies/);
      assert.doesNotMatch(error.message, /Allow ec2:StartInstances/);
      return true;
    });
  });

  it("names the instance as AWS does when no policy allows the start", async () => {
    const arn = `arn:aws:ec2:eu-central-1:123456789012:instance/${ID}`;
    const text = `User: arn:aws:iam::123456789012:user/x is not authorized to perform: ec2:StartInstances on resource: ${arn} because no identity-based policy allows the ec2:StartInstances action`;
    script(["stopped"], [ec2Fault("UnauthorizedOperation", text, 403)]);
    await assert.rejects(start(), { message: new RegExp(`Allow ec2:StartInstances on ${arn} in the IAM policy`) });
  });

  it("quotes what AWS says about a quota, also of one without a code of its own here", async () => {
    for (const code of ["VcpuLimitExceeded", "VolumeLimitExceeded"]) {
      script(
        ["stopped"],
        [ec2Fault(code, "You have requested more vCPU capacity than your current vCPU limit of 8 allows.")],
      );
      await assert.rejects(start(), { code: "EC2_QUOTA_EXCEEDED", message: /current vCPU limit of 8 allows/ });
    }
  });

  it("quotes what AWS says about capacity, which may name a zone that has it", async () => {
    const text = "You can currently get g4dn.xlarge capacity by choosing eu-central-1b.";
    script(["stopped"], [ec2Fault("InsufficientInstanceCapacity", text, 500)]);
    await assert.rejects(start({ capacityTimeoutMs: 0 }), {
      code: "EC2_NO_CAPACITY",
      message: /choosing eu-central-1b/,
    });
  });

  it("refuses invalid ids before any request", async () => {
    for (const ids of [[], ["i-123"], ["I-0123456789abcdef0"], ["i-0123456789abcdeg0"], [ID, "web"]]) {
      await assert.rejects(start({ select: { ids } }), { code: "EC2_INSTANCE_INVALID" });
    }
    await assert.rejects(start({ select: { tags: {} } }), { code: "EC2_INSTANCE_INVALID" });
    assert.equal(wire.requests.length, 0);
  });

  it("says where to look for an unknown instance", async () => {
    script([ec2Fault("InvalidInstanceID.NotFound", `The instance ID '${ID}' does not exist`)]);
    await assert.rejects(start(), {
      code: "EC2_INSTANCE_NOT_FOUND",
      message: /i-0123456789abcdef0.*region and account/,
    });
  });

  it("finds instances by tags on every page, except terminated ones", async () => {
    wire.answer = ({ operation, input }) => {
      if (operation === "StartInstances") {
        return ec2Accepted();
      }
      if (input["Filter.1.Name"] === undefined) {
        return ec2Instances([
          { id: ID, state: "running" },
          { id: OTHER, state: "running" },
        ]);
      }
      const page = ec2Instances([{ id: input.NextToken ? OTHER : ID, state: "stopped" }]);
      assert.ok("body" in page);
      return input.NextToken
        ? page
        : { body: page.body.replace("</Describe", "<nextToken>more</nextToken></Describe") };
    };
    const { instanceIds } = await start({ select: { tags: { Name: "gpu *", team: "" } } });
    assert.deepEqual(instanceIds, [ID, OTHER]);
    const { input } = wire.requests[0] ?? {};
    assert.deepEqual(Object.fromEntries(Object.entries(input ?? {}).filter(([key]) => key.startsWith("Filter"))), {
      "Filter.1.Name": "tag:Name",
      "Filter.1.Value.1": "gpu \\*",
      "Filter.2.Name": "tag:team",
      "Filter.2.Value.1": "",
      "Filter.3.Name": "instance-state-name",
      "Filter.3.Value.1": "pending",
      "Filter.3.Value.2": "running",
      "Filter.3.Value.3": "stopping",
      "Filter.3.Value.4": "stopped",
    });
  });

  it("names the tags if no instance has them", async () => {
    wire.answer = () => ec2Instances([]);
    await assert.rejects(start({ select: { tags: { Name: "gpu", team: "vision" } } }), {
      code: "EC2_INSTANCE_NOT_FOUND",
      message: /Name=gpu, team=vision/,
    });
  });

  it("tolerates failures during the wait, but not of the first request", async () => {
    const broken = ec2Fault("InternalError", "oops", 500);
    script([
      "stopped",
      broken,
      broken,
      broken,
      { body: "<html><body>proxy</body>" },
      { fault: "cut" },
      { body: "" },
      "running",
    ]);
    assert.equal((await start()).instances[0]?.state, "running");
    script([broken]);
    await assert.rejects(start(), { code: "AWS_SERVICE_FAILED" });
  });

  it("fails immediately if the permission is withdrawn during the wait", async () => {
    script([
      "stopped",
      "pending",
      ec2Fault("UnauthorizedOperation", "You are not authorized to perform this operation.", 403),
    ]);
    await assert.rejects(start(), { code: "EC2_ACCESS_DENIED", message: /Allow ec2:DescribeInstances/ });
  });

  it("reports the last state at its limit", async () => {
    script(["stopped", "pending"]);
    await assert.rejects(start({ timeoutMs: 120_000 }), {
      code: "TIMED_OUT",
      message: `Waited 2 min for instance ${ID} to run. The last state was: pending.`,
    });
  });

  describe("after a restart during the start", () => {
    const HOURS = 3 * 3_600_000;
    /** The memory of a process that has begun this wait so long ago, and what is saved in it now. */
    const remember = (goal: "accepted" | "ready" | "capacity", waitedMs: number) => {
      const saved: unknown[] = [];
      const save = (wait: unknown): void => {
        saved.push(wait);
      };
      const memory: StartMemory = {
        start: { save, ...(goal !== "capacity" && { earlier: { goal, waitedMs } }) },
        capacity: { save, ...(goal === "capacity" && { earlier: { waitedMs } }) },
      };
      return { memory, saved };
    };
    const elapsed = async (failing: Promise<unknown>, code: string): Promise<number> => {
      const since = clock.now();
      await assert.rejects(failing, { code });
      return clock.now() - since;
    };

    for (const [state, goal] of [
      ["pending", "ready"],
      ["stopping", "accepted"],
    ] as const) {
      it(`counts the time before it while the instance is ${state}`, async () => {
        script([state]);
        const { memory, saved } = remember(goal, 840_000);
        assertWithinOnePause(await elapsed(start({ memory }), "TIMED_OUT"), 60_000);
        assert.deepEqual(saved, []);
      });

      it(`checks once if the limit has passed while the instance is ${state}`, async () => {
        script([state]);
        await assert.rejects(start({ memory: remember(goal, HOURS).memory }), {
          code: "TIMED_OUT",
          message: /^Waited 3 h for .* The last state was: /,
        });
        assert.deepEqual(clock.slept, []);
      });
    }

    it("succeeds if the instance is ready by then", async () => {
      script(["pending", "running"]);
      assert.equal((await start({ memory: remember("ready", HOURS).memory })).instances[0]?.state, "running");
      script(["running"]);
      assert.equal((await start({ memory: remember("ready", HOURS).memory })).instances[0]?.state, "running");
    });

    it("begins to count again when an instance has to be started again", async () => {
      script(["stopped", "pending"]);
      const { memory, saved } = remember("ready", HOURS);
      assertWithinOnePause(await elapsed(start({ memory }), "TIMED_OUT"), 900_000);
      assert.deepEqual(saved, [{ goal: "ready" }]);
    });

    it("begins to count again when EC2 accepts the start that an earlier process has waited for", async () => {
      script(["stopped", "pending"]);
      assertWithinOnePause(await elapsed(start({ memory: remember("accepted", HOURS).memory }), "TIMED_OUT"), 900_000);
    });

    it("requests a start once more if the limit for capacity has passed", async () => {
      script(["stopped"], [ec2Fault("InsufficientInstanceCapacity")]);
      await assert.rejects(start({ memory: remember("capacity", HOURS).memory }), {
        code: "EC2_NO_CAPACITY",
        message: /Requested for 3 h\./,
      });
      assert.deepEqual(clock.slept, []);
    });

    it("counts the time for capacity before it", async () => {
      script(["stopped"], [ec2Fault("InsufficientInstanceCapacity")]);
      const { memory } = remember("capacity", 600_000);
      assert.equal(await elapsed(start({ memory }), "EC2_NO_CAPACITY"), 300_000);
    });

    it("forgets the lack of capacity when the instance is running", async () => {
      script(["stopped", "pending", "running"]);
      const { memory, saved } = remember("capacity", HOURS);
      await start({ memory });
      assert.deepEqual(saved, [{ goal: "ready" }, undefined]);
    });

    it("has saved each wait when it began, and nothing for a start without one", async () => {
      const saved: unknown[] = [];
      const memory: StartMemory = {
        start: { save: (wait) => saved.push(wait) },
        capacity: { save: (wait) => saved.push(wait ? "capacity" : "capacity is over") },
      };
      script(["stopped", "running"]);
      await start({ memory });
      assert.deepEqual(saved, []);
      script(
        ["stopping", "stopped", "stopped", "pending", "pending", "running"],
        [ec2Fault("InsufficientInstanceCapacity"), ec2Accepted()],
      );
      wire.requests.length = 0;
      await start({ memory });
      assert.deepEqual(saved, [{ goal: "accepted" }, "capacity", { goal: "ready" }, "capacity is over"]);
    });

    it("does not fail because the network is not up yet", async () => {
      script([
        "pending",
        ec2Fault("RequestLimitExceeded"),
        ec2Fault("RequestLimitExceeded"),
        ec2Fault("RequestLimitExceeded"),
        ec2Fault("RequestLimitExceeded"),
        "running",
      ]);
      assert.equal((await start({ memory: remember("ready", HOURS).memory })).instances[0]?.state, "running");
      assert.ok(clock.slept.length > 0);
    });
  });

  it("ends with ABORTED and the reason during the wait", async () => {
    const abort = new AbortController();
    clock.alarm(7000, () => abort.abort("another step failed"));
    script(["stopped", "pending"]);
    await assert.rejects(start({ signal: abort.signal }), { code: "ABORTED", message: "Stopped: another step failed" });
  });

  it("contains the reason of an abort during the search for the instances", async () => {
    for (const select of [{ ids: [ID] }, { tags: { Name: "gpu" } }]) {
      const abort = new AbortController();
      wire.answer = () => {
        abort.abort("another step failed");
        return { fault: "hang" };
      };
      await assert.rejects(start({ select, signal: abort.signal }), {
        code: "ABORTED",
        message: "Stopped: another step failed",
      });
    }
  });

  it("reports each change of state once", async () => {
    script(["stopped", "pending", "pending", "pending", "running"]);
    const seen: string[] = [];
    await start({ onState: (states, note) => seen.push(`${states[0]?.state}: ${note}`) });
    assert.deepEqual(seen, ["stopped: stopped", "stopped: start accepted", "pending: pending", "running: running"]);
  });

  describe("with SSM", () => {
    let agents: Awaited<ReturnType<typeof serveSsm>>;

    beforeEach(async () => {
      agents = await serveSsm();
    });

    afterEach(() => agents.close());

    const LAUNCHED = Date.parse("2026-01-01T00:00:05Z");
    const STARTED: Parameters<typeof script>[0] = [
      { id: ID, state: "stopped", launched: "2025-12-01T00:00:00.000Z" },
      { id: ID, state: "running", launched: "2026-01-01T00:00:05.000Z" },
    ];
    /** Returns the next agents each time, and finally the last ones. */
    const ping = (...pings: Array<{ status?: string; at?: number } | undefined>) => {
      agents.answer = () => {
        const one = pings[Math.min(agents.requests.length, pings.length) - 1];
        const { status = "Online", at = 0 } = one ?? {};
        const row = { InstanceId: ID, PingStatus: status, LastPingDateTime: at / 1000 };
        return ssmAnswer({ InstanceInformationList: one ? [row] : [] });
      };
    };

    it("waits until the agent is Online since the start", async () => {
      script(STARTED);
      ping(
        undefined,
        { status: "ConnectionLost", at: LAUNCHED + 10_000 },
        { at: LAUNCHED - 86_400_000 },
        { at: LAUNCHED + 20_000 },
      );
      await start({ ssm: agents.ssm });
      assert.equal(agents.requests.length, 4);
      assert.deepEqual(agents.requests[0]?.input, { Filters: [{ Key: "InstanceIds", Values: [ID] }], MaxResults: 50 });
    });

    it("accepts any Online of an instance that was already running", async () => {
      script([{ id: ID, state: "running", launched: "2026-01-01T00:00:05.000Z" }]);
      ping({ at: 0 });
      await start({ ssm: agents.ssm });
      assert.equal(agents.requests.length, 1);
    });

    it("works if the clocks of this machine and AWS differ", async () => {
      clock = new FakeClock({ now: LAUNCHED + 3_600_000 });
      script(STARTED);
      ping({ at: LAUNCHED + 20_000 });
      await start({ ssm: agents.ssm });
      assert.deepEqual(clock.slept, []);
    });

    it("uses the local clock if EC2 does not return the launch time", async () => {
      script(["stopped", "running"]);
      ping({ at: clock.now() - 1000 }, { at: clock.now() + 1000 });
      await start({ ssm: agents.ssm });
      assert.equal(agents.requests.length, 2);
    });

    it("says what to check if the agent does not come online", async () => {
      script(STARTED);
      ping(undefined);
      await assert.rejects(start({ ssm: agents.ssm, timeoutMs: 180_000 }), {
        code: "SSM_NOT_ONLINE",
        message:
          /Waited 3 min.*The last state was: running, but no SSM agent Online on i-0123456789abcdef0\. .*AmazonSSMManagedInstanceCore/,
      });
    });

    it("detects the loss of the instance while it waits for the agent", async () => {
      script([
        ...STARTED,
        STARTED[2] ?? "running",
        { id: ID, state: "shutting-down", reasonCode: "Server.SpotInstanceTermination" },
      ]);
      ping(undefined);
      await assert.rejects(start({ ssm: agents.ssm }), { code: "EC2_INSTANCE_TERMINATED" });
    });

    it("fails immediately without permission to read agents", async () => {
      script(STARTED);
      agents.answer = () => ssmFault("AccessDeniedException");
      await assert.rejects(start({ ssm: agents.ssm }), {
        code: "SSM_ACCESS_DENIED",
        message: /Allow ssm:DescribeInstanceInformation on all resources/,
      });
    });

    it("shares one limit between running and Online", async () => {
      script(["stopped", "pending", "pending", "pending", "pending", "running"]);
      ping(undefined);
      const since = clock.now();
      await assert.rejects(start({ ssm: agents.ssm, timeoutMs: 60_000 }), { code: "SSM_NOT_ONLINE" });
      assertWithinOnePause(clock.now() - since, 60_000);
    });
  });
});
