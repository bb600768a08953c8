import { deepEqual } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { countRequests } from "../../src/services/aws/clients/count-requests.ts";
import { countingRequests, countRequest } from "../../src/services/request-counts.ts";
import { ec2Fault, ec2Instances, serveEc2 } from "./aws/wire.ts";

describe("the requests of a step", () => {
  it("are those that its work sends, and not those of other work at the same time", async () => {
    const counts = new Map<string, string[]>();
    const send = (name: string, times: number): Promise<void> =>
      countingRequests(
        (service) => void counts.set(name, [...(counts.get(name) ?? []), service]),
        async () => {
          for (let request = 0; request < times; request += 1) {
            await pause(1);
            countRequest("s3");
          }
        },
      );
    await Promise.all([send("one", 2), send("other", 3)]);
    countRequest("s3");
    deepEqual(Object.fromEntries(counts), { one: ["s3", "s3"], other: ["s3", "s3", "s3"] });
  });

  it("include the retries of the SDK", async () => {
    const wire = await serveEc2();
    let isFirst = true;
    wire.answer = () => {
      const answer = isFirst ? ec2Fault("InternalError", "again", 500) : ec2Instances([]);
      isFirst = false;
      return answer;
    };
    const counted: string[] = [];
    await countingRequests(
      (service) => void counted.push(service),
      () => countRequests(wire.ec2, "ec2").send(new DescribeInstancesCommand({})),
    );
    deepEqual(counted, ["ec2", "ec2"]);
    await wire.close();
  });
});
