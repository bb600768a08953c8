import { deepEqual, equal, rejects } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Leases, type OnBusy } from "../../src/instances/leases.ts";
import { PoolQueue } from "../../src/instances/pool-queue.ts";

const NEVER = new AbortController().signal;
const ALL = ["i-1", "i-2", "i-3", "i-4"];

describe("a pool of instances", () => {
  let leases: Leases;
  let pools: PoolQueue;
  let granted: Record<string, string[]>;
  let queued: string[];

  beforeEach(() => {
    leases = new Leases();
    pools = new PoolQueue(leases);
    granted = {};
    queued = [];
  });

  interface Wish {
    readonly onBusy?: OnBusy;
    readonly candidates?: readonly string[];
    readonly signal?: AbortSignal;
    readonly order?: number;
  }
  const acquire = async (runId: string, count: number, wish: Wish = {}): Promise<void> => {
    const { onBusy = "wait", candidates = ALL, signal = NEVER, order = Number(runId.slice(1)) } = wish;
    const onQueued = (ahead: number): unknown => queued.push(`${runId}: ${ahead} ahead`);
    granted[runId] = await pools.acquire({ runId, order }, { candidates, count, onBusy, signal, onQueued });
  };
  const want = async (runId: string, count: number, wish: Wish = {}): Promise<void> => {
    void acquire(runId, count, wish);
    await turn();
  };
  const end = async (runId: string): Promise<void> => {
    leases.forget(runId);
    pools.recheck();
    await turn();
  };

  it("gives two runs different instances, in the order of preference", async () => {
    await acquire("r1", 2);
    await acquire("r2", 2);
    deepEqual(granted, { r1: ["i-1", "i-2"], r2: ["i-3", "i-4"] });
    deepEqual(queued, []);
  });

  it("gives none to a run that has ended before its request", async () => {
    await rejects(acquire("r1", 1, { signal: AbortSignal.abort("over") }), { code: "ABORTED" });
    deepEqual(leases.usersOf("i-1"), []);
  });

  it("makes a run wait until enough are free, and tells how many runs are ahead", async () => {
    await acquire("r1", 2);
    await acquire("r2", 1);
    await want("r3", 2);
    deepEqual(queued, ["r3: 2 ahead"]);
    equal(granted.r3, undefined);
    await end("r2");
    deepEqual(granted.r3, ["i-3", "i-4"]);
  });

  it("lets no later run overtake one that waits for more", async () => {
    await acquire("r1", 2);
    await want("r2", 4);
    await want("r3", 1);
    deepEqual(Object.keys(granted), ["r1"]);
    await end("r1");
    deepEqual(granted.r2, ALL);
    await end("r2");
    deepEqual(granted.r3, ["i-1"]);
  });

  it("lets a run pass that wants other instances", async () => {
    await acquire("r1", 2, { candidates: ["i-1", "i-2"] });
    await want("r2", 1, { candidates: ["i-1", "i-2"] });
    await want("r3", 1, { candidates: ["i-3"] });
    deepEqual(granted.r3, ["i-3"]);
  });

  it("counts an instance as used while the steps of a run on it end, and while a run waits for exactly this one", async () => {
    leases.assign("other", ["i-1"]);
    leases.release("other", ["i-1"]);
    leases.assign("user", ["i-2"]);
    const waiting = { instanceIds: ["i-2"], onBusy: "wait", nodeId: "n", signal: NEVER } as const;
    void leases.acquire({ runId: "next", order: 1, ahead: () => [] }, waiting);
    leases.forget("user");
    await acquire("r5", 2);
    deepEqual(granted.r5, ["i-3", "i-4"]);
    await want("r6", 1);
    leases.forgetReleased("i-1");
    await end("none");
    deepEqual(granted.r6, ["i-1"]);
  });

  it("considers other candidates of a waiting run, and knows which run is next", async () => {
    await acquire("r1", 1, { candidates: ["i-1"] });
    let candidates = ["i-1"];
    const request = {
      ...{ count: 1, onBusy: "wait" as const, signal: NEVER },
      get candidates() {
        return candidates;
      },
    };
    const second = pools.acquire({ runId: "r2", order: 2 }, request);
    await want("r3", 1, { candidates: ["i-1", "i-2"] });
    deepEqual(
      ["r1", "r2", "r3"].map((runId) => pools.isNext(runId)),
      [false, true, false],
    );
    candidates = ["i-3"];
    pools.recheck();
    deepEqual(await second, ["i-3"]);
    await turn();
    deepEqual(granted.r3, ["i-2"]);
  });

  it("does not keep an instance running for a run that waits for any of them", async () => {
    await acquire("r1", 4);
    await want("r2", 1);
    deepEqual(leases.neededByOthers("r1", "i-1"), []);
  });

  it("shares used ones only if too few are free", async () => {
    await acquire("r1", 1);
    await acquire("r2", 2, { onBusy: "share" });
    await acquire("r3", 4, { onBusy: "share" });
    deepEqual(granted.r2, ["i-2", "i-3"]);
    deepEqual(granted.r3, ["i-4", "i-1", "i-2", "i-3"]);
  });

  it("refuses if too few are free and the form says so", async () => {
    await acquire("r1", 3);
    await acquire("r2", 1, { onBusy: "fail" });
    await rejects(acquire("r3", 2, { onBusy: "fail" }), {
      code: "EC2_INSTANCE_BUSY",
      message: /2 instances are wanted, and 0 of 4 are free/,
    });
  });

  it("forgets a run that is aborted while it waits, and lets the next one pass", async () => {
    await acquire("r1", 2);
    const abort = new AbortController();
    const waiting = acquire("r2", 3, { signal: abort.signal });
    await want("r3", 2);
    abort.abort("the user");
    await rejects(waiting, { code: "ABORTED" });
    await turn();
    deepEqual(granted.r3, ["i-3", "i-4"]);
  });
});
