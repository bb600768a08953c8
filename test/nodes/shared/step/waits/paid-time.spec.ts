import { ok } from "node:assert/strict";
import { PAID_POLL_MS, START_POLL_MS } from "../../../../../src/nodes/shared/step/waits/waiting.ts";
import { startInstances } from "../../../../../src/services/ec2/start-instances.ts";
import { followCommand } from "../../../../../src/services/ssm/follow-command.ts";
import { ec2Accepted, ec2Instances, serveEc2, serveSsm, ssmAnswer } from "../../../../services/aws/wire.ts";
import { FakeClock } from "../../../../support/fake-clock.ts";

const ID = "i-0123456789abcdef0";
const START = Date.parse("2026-01-01T00:00:00Z");
const { signal } = new AbortController();

describe("the time between an event on a running instance and the step that waits for it", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock({ now: START });
  });
  const elapsed = (): number => clock.now() - START;

  it("is at most half a second for the SSM agent, whenever it comes online", async () => {
    for (const onlineMs of [31_050, 47_300, 58_999]) {
      clock = new FakeClock({ now: START });
      const [ec2, ssm] = [await serveEc2(), await serveSsm()];
      let isStarted = false;
      ec2.answer = ({ operation }) => {
        isStarted ||= operation === "StartInstances";
        const state = isStarted ? (elapsed() < 20_000 ? "pending" : "running") : "stopped";
        return operation === "StartInstances" ? ec2Accepted() : ec2Instances([{ id: ID, state }]);
      };
      ssm.answer = () => {
        const row = { InstanceId: ID, PingStatus: "Online", LastPingDateTime: clock.now() / 1000 };
        return ssmAnswer({ InstanceInformationList: elapsed() < onlineMs ? [] : [row] });
      };
      await startInstances({
        ec2: ec2.ec2,
        ssm: ssm.ssm,
        select: { ids: [ID] },
        timeoutMs: 900_000,
        capacityTimeoutMs: 0,
        pollMs: START_POLL_MS,
        signal,
        clock,
      });
      const lateMs = elapsed() - onlineMs;
      ok(lateMs >= 0 && lateMs <= START_POLL_MS, `noticed after ${lateMs} ms`);
      ok(ssm.count("DescribeInstanceInformation") <= 90, `${ssm.count("DescribeInstanceInformation")} requests`);
      await Promise.all([ec2.close(), ssm.close()]);
    }
  });

  it("is at most a second for the delivery and for the end of a command", async () => {
    const ssm = await serveSsm();
    ssm.answer = () => {
      const Status = elapsed() < 7_450 ? "Pending" : elapsed() < 600_010 ? "InProgress" : "Success";
      return ssmAnswer({ Status, StatusDetails: Status, ResponseCode: Status === "Success" ? 0 : -1 });
    };
    const follow = async (until: "running" | "ended"): Promise<number> => {
      const of = { ssm: ssm.ssm, commandId: "c", instanceId: ID, timeoutMs: 3_600_000, pollMs: PAID_POLL_MS };
      await followCommand({ ...of, until, signal, clock });
      return elapsed();
    };
    const [delivered, ended] = [await follow("running"), await follow("ended")];
    ok(delivered - 7_450 <= PAID_POLL_MS, `delivery noticed after ${delivered - 7_450} ms`);
    ok(ended - 600_010 <= PAID_POLL_MS, `end noticed after ${ended - 600_010} ms`);
    await ssm.close();
  });
});
