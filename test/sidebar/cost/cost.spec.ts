import { deepEqual, equal, ok } from "node:assert/strict";
import { costOf, DEFAULT_PRICES, parsePrice, readPrices } from "../../../src/sidebar/cost/cost.ts";
import { requestsOf } from "../../../src/sidebar/cost/requests-of.ts";
import { MINUTE, run, step } from "../../records/a-run.ts";

const ID = "i-0123456789abcdef0";

describe("the estimated cost of a run", () => {
  const use = {
    instanceId: ID,
    instanceType: "g4dn.xlarge",
    runningMs: 60 * MINUTE,
    workingMs: 45 * MINUTE,
    idleMs: 15 * MINUTE,
    isLeftRunning: false,
  };

  it("is the hourly price times the running time, and the share of the idle time", () => {
    deepEqual(costOf([use, { ...use, instanceId: "i-2", runningMs: 30 * MINUTE, idleMs: 0 }], { "g4dn.xlarge": 2 }), {
      total: 3,
      idle: 0.5,
    });
  });

  it("is unknown if the price of an instance is unknown", () => {
    equal(costOf([use, { ...use, instanceType: "x9.huge" }], DEFAULT_PRICES), undefined);
    const { instanceType: _type, ...untyped } = use;
    equal(costOf([untyped], DEFAULT_PRICES), undefined);
  });

  it("has default prices of instances with a GPU", () => {
    ok(Object.keys(DEFAULT_PRICES).length >= 5);
    ok(Object.values(DEFAULT_PRICES).every((price) => price > 0 && price < 50));
  });

  it("parses prices as users enter them, and nothing else", () => {
    deepEqual(["0.526", " 1,5 ", "0", "", "-1", "free", "1e999"].map(parsePrice), [
      0.526,
      1.5,
      0,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("ignores invalid saved prices", () => {
    deepEqual(readPrices(null), {});
    deepEqual(readPrices("{"), {});
    deepEqual(readPrices("null"), {});
    deepEqual(readPrices('{"g5.xlarge":1,"bad":"2","worse":-1}'), { "g5.xlarge": 1 });
  });
});

describe("the requests of a run", () => {
  it("are the sums of its steps, by service", () => {
    const steps = [
      step("lightly-ec2-start", 0, 4, { requests: { ec2: 5, ssm: 2 } }),
      step("lightly-ssm-run-script", 5, 15, { requests: { ssm: 10 } }),
      step("lightly-run", 0, 15),
    ];
    equal(requestsOf(run(steps)), "EC2 5, Systems Manager 12");
  });

  it("are empty for a run of an earlier version, and without services of a later one", () => {
    equal(requestsOf(run([step("lightly-run", 0, 15)])), "");
    equal(requestsOf(run([step("lightly-run", 0, 15, { requests: { other: 3 } })])), "");
  });
});
