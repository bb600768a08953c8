import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describeInstances } from "../../../src/services/ec2/describe-instances.ts";
import { parseInstanceIds } from "../../../src/services/ec2/instance-selector.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { manualClock } from "../../support/fake-clock.ts";
import { ec2Fault, ec2Instances, idsOf, serveEc2 } from "../aws/wire.ts";

const A = "i-0000000000000000a";
const B = "i-0000000000000000b";
const BAD = "i-00000000000000bad";

describe("describeInstances", () => {
  let wire: Awaited<ReturnType<typeof serveEc2>>;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    wire = await serveEc2();
    wire.answer = (request) =>
      idsOf(request).includes(BAD)
        ? ec2Fault("InvalidInstanceID.NotFound", `The instance ID '${BAD}' does not exist`)
        : ec2Instances(idsOf(request).map((id) => ({ id, state: "running" })));
  });

  afterEach(() => wire.close());

  it("sends one request for all simultaneous callers, and returns the instances of each", async () => {
    const [one, two, three] = await Promise.all([
      describeInstances(wire.ec2, [A], signal),
      describeInstances(wire.ec2, [B, A], signal),
      describeInstances(wire.ec2, [A], signal),
    ]);
    assert.deepEqual(wire.requests.map(idsOf), [[A, B]]);
    assert.deepEqual(
      one?.map(({ instanceId }) => instanceId),
      [A],
    );
    assert.deepEqual(
      two?.map(({ instanceId }) => instanceId),
      [B, A],
    );
    assert.deepEqual(
      three?.map(({ instanceId }) => instanceId),
      [A],
    );
  });

  it("fails only the caller with an unknown id", async () => {
    const [good, bad, other] = await Promise.allSettled([
      describeInstances(wire.ec2, [A], signal),
      describeInstances(wire.ec2, [BAD], signal),
      describeInstances(wire.ec2, [B], signal),
    ]);
    assert.equal(good?.status, "fulfilled");
    assert.equal(other?.status, "fulfilled");
    assert.ok(bad?.status === "rejected" && bad.reason.code === "EC2_INSTANCE_NOT_FOUND");
    assert.match(bad.reason.message, new RegExp(`instance ${BAD}:`));
    assert.equal(wire.requests.length, 4);
  });

  it("rejects every caller with a common error after one request, naming the caller's instances", async () => {
    wire.answer = () => ec2Fault("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
    const results = await Promise.allSettled([
      describeInstances(wire.ec2, [A], signal),
      describeInstances(wire.ec2, [B], signal),
    ]);
    assert.deepEqual(
      results.map((result) => result.status === "rejected" && result.reason.message.slice(0, 55)),
      [A, B].map((id) => `EC2 DescribeInstances, instance ${id}: the`.slice(0, 55)),
    );
    assert.equal(wire.requests.length, 1);
  });

  it("lets one caller abort without affecting the others", async () => {
    const abort = new AbortController();
    wire.answer = (request) => {
      abort.abort("its run failed");
      return ec2Instances(idsOf(request).map((id) => ({ id, state: "running" })));
    };
    const [left, stayed] = await Promise.allSettled([
      describeInstances(wire.ec2, [A], abort.signal),
      describeInstances(wire.ec2, [B], signal),
    ]);
    assert.ok(left?.status === "rejected" && left.reason.code === "ABORTED");
    assert.ok(stayed?.status === "fulfilled" && stayed.value[0]?.instanceId === B);
  });

  it("aborts the request when all callers have aborted", async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const closed = new Promise<void>((resolve) => {
      wire.answer = ({ message }) => {
        message.socket.once("close", () => resolve());
        one.abort("over");
        two.abort("over");
        return { fault: "hang" };
      };
    });
    const results = await Promise.allSettled([
      describeInstances(wire.ec2, [A], one.signal),
      describeInstances(wire.ec2, [B], two.signal),
    ]);
    assert.deepEqual(
      results.map((result) => result.status === "rejected" && result.reason.code),
      ["ABORTED", "ABORTED"],
    );
    await closed;
  });

  it("requests 100 ids at a time", async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `i-${index.toString(16).padStart(17, "0")}`);
    const states = await describeInstances(wire.ec2, ids, signal);
    assert.deepEqual(
      states.map(({ instanceId }) => instanceId),
      ids,
    );
    assert.deepEqual(
      wire.requests.map((request) => idsOf(request).length),
      [100, 100, 50],
    );
  });

  it("treats a response without an instance as a retryable failure", async () => {
    wire.answer = () => ec2Instances([{ id: B, state: "running" }]);
    await assert.rejects(describeInstances(wire.ec2, [A], signal), { code: "AWS_SERVICE_FAILED", retryable: true });
  });

  it("makes waits that started at different times share their requests", async () => {
    const clock = manualClock();
    wire.answer = (request) => ec2Instances(idsOf(request).map((id) => ({ id, state: "pending" })));
    const abort = new AbortController();
    const start = (id: string) =>
      startInstances({
        ec2: wire.ec2,
        select: { ids: [id] },
        timeoutMs: 600_000,
        capacityTimeoutMs: 0,
        pollMs: 5000,
        signal: abort.signal,
        clock,
      });
    const asleep = async (count: number) => {
      while (clock.sleepers < count) {
        await pause(2);
      }
    };
    const one = start(A);
    await asleep(1);
    clock.advance(1700);
    const two = start(B);
    await asleep(2);
    wire.requests.length = 0;
    for (const ms of [3300, 5000, 5000]) {
      clock.advance(ms);
      await pause(10);
      await asleep(2);
    }
    assert.deepEqual(
      wire.requests.map((request) => idsOf(request).sort()),
      [
        [A, B],
        [A, B],
        [A, B],
      ],
    );
    abort.abort("enough");
    await Promise.allSettled([one, two]);
  });
});

describe("parseInstanceIds", () => {
  it("parses one id, a list with commas or spaces, and an array", () => {
    assert.deepEqual(parseInstanceIds(A), [A]);
    assert.deepEqual(parseInstanceIds(` ${A}, ${B}\n${A} ,`), [A, B]);
    assert.deepEqual(parseInstanceIds([A, `${B}`, "i-12345678"]), [A, B, "i-12345678"]);
  });

  it("refuses everything else", () => {
    for (const value of [
      "",
      " , ",
      [],
      undefined,
      null,
      7,
      {},
      [[A]],
      [A, 7],
      "i-1234567",
      "i-0123456789ABCDEF0",
      "$(x)",
    ]) {
      assert.throws(() => parseInstanceIds(value), { code: "EC2_INSTANCE_INVALID" }, JSON.stringify(value));
    }
  });
});
