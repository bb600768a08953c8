import { deepEqual, equal, rejects } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { type Leaseholder, Leases, type OnBusy } from "../../src/instances/leases.ts";

const NEVER = new AbortController().signal;

interface AcquireOptions {
  readonly order?: number;
  readonly ids?: readonly string[];
  readonly onBusy?: OnBusy;
  readonly signal?: AbortSignal;
  readonly ahead?: () => readonly string[];
}

describe("the leases of instances", () => {
  let leases: Leases;
  let granted: string[];
  let queued: string[];

  beforeEach(() => {
    leases = new Leases();
    granted = [];
    queued = [];
  });

  const acquire = async (runId: string, options: AcquireOptions = {}): Promise<void> => {
    const { order = 0, ids = ["i-1"], onBusy = "wait", signal = NEVER, ahead = () => [] } = options;
    const holder: Leaseholder = { runId, order, ahead };
    const onQueued = (ahead: number): unknown => queued.push(`${runId}: ${ahead} ahead`);
    await leases.acquire(holder, { instanceIds: ids, onBusy, nodeId: "n", signal, onQueued });
    granted.push(runId);
  };
  /** For a request that may have to wait. */
  const want = async (runId: string, options: AcquireOptions = {}): Promise<void> => {
    void acquire(runId, options);
    await turn();
  };
  const end = async (runId: string): Promise<void> => {
    leases.forget(runId);
    leases.recheck();
    await turn();
  };

  describe("an instance that no run uses", () => {
    for (const onBusy of ["wait", "share", "fail"] as const) {
      it(`is granted immediately to a run with ${onBusy}, without a report about a queue`, async () => {
        await acquire("a", { onBusy });
        deepEqual(granted, ["a"]);
        deepEqual(queued, []);
      });
    }
  });

  describe("an instance that another run uses", () => {
    beforeEach(() => acquire("user", { order: 1 }));

    it("makes a run wait for the end of the other one, and reports how many are ahead", async () => {
      await want("a", { order: 2 });
      deepEqual(granted, ["user"]);
      deepEqual(queued, ["a: 1 ahead"]);
      await end("user");
      deepEqual(granted, ["user", "a"]);
    });

    it("is shared with a run that is set to share", async () => {
      await acquire("a", { order: 2, onBusy: "share" });
      deepEqual(leases.neededByOthers("user", "i-1"), ["a"]);
      await want("b", { order: 3 });
      await end("user");
      deepEqual(granted, ["user", "a"], "one of the two still uses it");
      await end("a");
      deepEqual(granted, ["user", "a", "b"]);
    });

    it("fails a run that is set to fail, with the id of the other run", async () => {
      await rejects(acquire("a", { order: 2, onBusy: "fail" }), {
        code: "EC2_INSTANCE_BUSY",
        retryable: true,
        details: { instanceIds: ["i-1"], runs: ["user"] },
      });
      deepEqual(leases.neededByOthers("user", "i-1"), [], "what has failed needs nothing");
    });

    it("is granted to its own run again", async () => {
      for (const onBusy of ["wait", "share", "fail"] as const) {
        await acquire("user", { order: 1, onBusy });
      }
      deepEqual(leases.neededByOthers("user", "i-1"), []);
    });

    it("does not block runs that need another one", async () => {
      await acquire("a", { order: 2, ids: ["i-2"] });
      deepEqual(queued, []);
    });
  });

  describe("several waiting runs", () => {
    it("are served in the order in which they started, independent of their requests", async () => {
      await acquire("user", { order: 1 });
      await want("c", { order: 4 });
      await want("a", { order: 2 });
      await want("b", { order: 3 });
      for (const runId of ["user", "a", "b", "c"]) {
        await end(runId);
      }
      deepEqual(granted, ["user", "a", "b", "c"]);
    });

    it("get a report only when the number of runs ahead changes", async () => {
      await acquire("user", { order: 1 });
      await want("b", { order: 3 });
      await want("a", { order: 2 });
      leases.recheck();
      await end("user");
      await end("a");
      deepEqual(queued, ["b: 1 ahead", "a: 1 ahead", "b: 2 ahead", "b: 1 ahead"]);
    });

    it("are not overtaken by a later run that requests when the instance is free", async () => {
      await acquire("user", { order: 1 });
      await want("a", { order: 2 });
      leases.forget("user");
      await want("late", { order: 3 });
      deepEqual(granted, ["user", "a"]);
      await rejects(acquire("failing", { order: 4, onBusy: "fail" }), { code: "EC2_INSTANCE_BUSY" });
      await end("a");
      deepEqual(granted, ["user", "a", "late"]);
    });

    it("get no lease if they have ended before their request", async () => {
      await rejects(acquire("over", { order: 1, signal: AbortSignal.abort("over") }), { code: "ABORTED" });
      deepEqual(leases.usersOf("i-1"), []);
    });

    it("count as runs that need the instance", async () => {
      await acquire("user", { order: 1 });
      await want("a", { order: 2 });
      deepEqual(leases.neededByOthers("user", "i-1"), ["a"]);
      deepEqual(leases.neededByOthers("a", "i-1"), ["user"]);
      deepEqual(leases.neededByOthers("user", "i-2"), []);
    });
  });

  describe("a run that is on its way to the same node", () => {
    it("comes first if it started earlier", async () => {
      let ahead = ["earlier"];
      await want("a", { order: 2, ahead: () => ahead });
      deepEqual(queued, ["a: 1 ahead"]);
      ahead = [];
      leases.recheck();
      await turn();
      deepEqual(granted, ["a"]);
    });

    it("blocks a run that is set to fail, but not one that shares", async () => {
      const ahead = () => ["earlier"];
      await rejects(acquire("a", { order: 2, onBusy: "fail", ahead }), { code: "EC2_INSTANCE_BUSY" });
      await acquire("b", { order: 3, onBusy: "share", ahead });
      deepEqual(granted, ["b"]);
    });
  });

  describe("a run that has released an instance", () => {
    beforeEach(async () => {
      await acquire("user", { order: 1 });
      leases.release("user", ["i-1", "i-unknown"]);
    });

    it("does not keep it running", () => {
      deepEqual(leases.neededByOthers("other", "i-1"), []);
    });

    it("makes others wait until its steps have ended", async () => {
      await want("a", { order: 2 });
      leases.recheck();
      await turn();
      deepEqual(granted, ["user"]);
      await end("user");
      deepEqual(granted, ["user", "a"]);
    });

    it("uses it again when it requests it again", async () => {
      await acquire("user", { order: 1 });
      deepEqual(leases.neededByOthers("other", "i-1"), ["user"]);
    });

    it("can't release what it has never used", () => {
      leases.release("stranger", ["i-1"]);
      deepEqual(leases.neededByOthers("user", "i-1"), []);
    });
  });

  describe("several instances", () => {
    it("are granted together when all of them are free", async () => {
      await acquire("one", { order: 1, ids: ["i-1"] });
      await acquire("two", { order: 2, ids: ["i-2"] });
      await want("both", { order: 3, ids: ["i-1", "i-2"] });
      await end("one");
      deepEqual(granted, ["one", "two"]);
      await end("two");
      deepEqual(granted, ["one", "two", "both"]);
      deepEqual(leases.neededByOthers("x", "i-1"), ["both"]);
      deepEqual(leases.neededByOthers("x", "i-2"), ["both"]);
    });

    it("are not granted one by one to later runs that need fewer", async () => {
      await acquire("one", { order: 1, ids: ["i-1"] });
      await want("both", { order: 2, ids: ["i-1", "i-2"] });
      await want("late", { order: 3, ids: ["i-2"] });
      deepEqual(granted, ["one"]);
      await end("one");
      await end("both");
      deepEqual(granted, ["one", "both", "late"]);
    });

    it("are released one by one, such as stopped ones", async () => {
      await acquire("both", { order: 1, ids: ["i-1", "i-2"] });
      leases.release("both", ["i-1"]);
      leases.forgetReleased("i-1");
      await acquire("a", { order: 2, ids: ["i-1"] });
      await want("b", { order: 3, ids: ["i-2"] });
      deepEqual(granted, ["both", "a"]);
    });
  });

  describe("a run that is aborted while it waits", () => {
    it("leaves the queue with the reason, and the runs behind it move up", async () => {
      const controller = new AbortController();
      await acquire("user", { order: 1 });
      const waiting = acquire("a", { order: 2, signal: controller.signal });
      await want("b", { order: 3 });
      controller.abort("it is not needed.");
      await rejects(waiting, { code: "ABORTED", message: "Stopped: it is not needed." });
      deepEqual(leases.neededByOthers("b", "i-1"), ["user"]);
      await end("user");
      deepEqual(granted, ["user", "b"]);
    });

    it("does not enter the queue if it was aborted before", async () => {
      await acquire("user", { order: 1 });
      await rejects(acquire("a", { order: 2, signal: AbortSignal.abort("late.") }), { code: "ABORTED" });
      deepEqual(leases.neededByOthers("user", "i-1"), []);
      deepEqual(queued, []);
    });

    it("has no lease that it was not granted", async () => {
      const controller = new AbortController();
      await acquire("user", { order: 1 });
      const waiting = acquire("a", { order: 2, signal: controller.signal });
      controller.abort();
      await rejects(waiting);
      await end("user");
      equal(granted.length, 1);
      deepEqual(leases.neededByOthers("x", "i-1"), []);
    });
  });
});
