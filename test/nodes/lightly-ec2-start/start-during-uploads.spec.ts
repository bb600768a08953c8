import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { startDuringUploads } from "../../../src/nodes/lightly-ec2-start/start-during-uploads.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import type { StepIdentity } from "../../../src/runs/steps/step-origin.ts";
import { FakeNode, start as starts, upload as uploads } from "../../runs/fake-flow.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { contextOf } from "../support/step-context.ts";

const SECOND = 1000;
const MIB = 2 ** 20;
/** The instances need this time to be ready. */
const BOOT = 40 * SECOND;

describe("A start beside an upload", () => {
  let clock: FakeClock;
  let runs: RunRegistry;
  let starting: Step;
  /** What happened, with the second of the simulated time. */
  let seen: string[];
  let isFound: boolean;
  /** Whether EC2 refuses the stop. */
  let isRefused: boolean;

  beforeEach(() => {
    clock = new FakeClock({ now: 0 });
    runs = new RunRegistry({ later: () => {}, now: () => clock.now() });
    starting = runs.begin("r", starts);
    seen = [];
    isFound = false;
    isRefused = false;
  });

  const note = (what: string): void => void seen.push(`${Math.round(clock.now() / SECOND)} s: ${what}`);
  /** At 1 MiB/s, until `stallsAt` seconds. It ends at `endsAt`. */
  function uploadOf({
    totalMib,
    stallsAt = totalMib,
    endsAt = totalMib,
  }: Record<string, number> & { totalMib: number }) {
    const uploading = runs.begin("r", uploads);
    for (let second = 1; second <= Math.min(stallsAt, totalMib); second += 1) {
      clock.alarm(second * SECOND, () =>
        uploading.progress({ loadedBytes: second * MIB, totalBytes: totalMib * MIB, bytesPerSecond: MIB }),
      );
    }
    clock.alarm(endsAt * SECOND, () => uploading.complete({ s3: { uri: "s3://b/k" } }));
  }
  const run = (leadMs: number | null = BOOT) =>
    startDuringUploads(contextOf(starting), {
      leadMs: leadMs ?? undefined,
      limitMs: 900 * SECOND,
      clock,
      isPaid: () => !isFound,
      start: async () => {
        note("start");
        await starting.saveIntent({ leased: true });
        await clock.sleep(isFound ? 0 : BOOT, new AbortController().signal);
        note("ready");
        return "started";
      },
      giveBack: async (uploadsEnd) => {
        note("given back");
        await (isRefused && uploadsEnd);
        await starting.saveIntent({ leased: undefined });
      },
    }).then((result) => {
      note("sent");
      return result;
    });

  it("begins when the upload has as long to go as the start takes, and ends with the upload", async () => {
    uploadOf({ totalMib: 200 });
    equal(await run(), "started");
    deepEqual(seen, ["160 s: start", "200 s: ready", "200 s: sent"]);
  });

  it("begins at once if the upload is done", async () => {
    runs.begin("r", uploads).complete({});
    await run();
    deepEqual(seen, ["0 s: start", "40 s: ready", "40 s: sent"]);
  });

  it("begins after the end of the upload if nothing is known about the time of a start", async () => {
    uploadOf({ totalMib: 100, endsAt: 103 });
    await run(null);
    deepEqual(seen, ["103 s: start", "143 s: ready", "143 s: sent"]);
  });

  it("pays for a minute at most if the upload stalls, once, and starts again after its end", async () => {
    uploadOf({ totalMib: 200, stallsAt: 170, endsAt: 4000 });
    await run();
    deepEqual(seen, [
      "160 s: start",
      "200 s: ready",
      "260 s: given back",
      "4000 s: start",
      "4040 s: ready",
      "4040 s: sent",
    ]);
    match(starting.record.log?.map(({ text }) => text).join() ?? "", /takes longer than expected.*started again/);
  });

  it("does not wait for a stop that EC2 refuses when the upload is done", async () => {
    isRefused = true;
    uploadOf({ totalMib: 200, stallsAt: 170, endsAt: 4000 });
    await run();
    deepEqual(seen.slice(2), ["260 s: given back", "4000 s: start", "4040 s: ready", "4040 s: sent"]);
  });

  it("never begins while an upload makes no progress", async () => {
    uploadOf({ totalMib: 200, stallsAt: 100, endsAt: 5000 });
    await run();
    deepEqual(seen, ["5000 s: start", "5040 s: ready", "5040 s: sent"]);
  });

  it("keeps instances that were running before, which cost nothing more", async () => {
    isFound = true;
    uploadOf({ totalMib: 200, stallsAt: 170, endsAt: 4000 });
    await run();
    deepEqual(seen, ["160 s: start", "160 s: ready", "4000 s: sent"]);
  });

  it("starts an instance again that was lost while it waited", async () => {
    uploadOf({ totalMib: 200, endsAt: 210 });
    clock.alarm(205 * SECOND, () => runs.broadcast({ kind: "instances-lost", instanceIds: ["i-1"], state: "stopped" }));
    await run();
    deepEqual(seen, [
      "160 s: start",
      "200 s: ready",
      "205 s: given back",
      "210 s: start",
      "250 s: ready",
      "250 s: sent",
    ]);
  });

  it("goes on where an earlier process was: instances that are leased are not waited for", async () => {
    await starting.saveIntent({ leased: true });
    uploadOf({ totalMib: 60 });
    await run();
    deepEqual(seen, ["0 s: start", "40 s: ready", "60 s: sent"]);
  });

  it("gives back first if an earlier process was about to", async () => {
    await starting.saveIntent({ leased: true, startedTooEarly: true });
    uploadOf({ totalMib: 60 });
    await run();
    deepEqual(seen, ["0 s: given back", "60 s: start", "100 s: ready", "100 s: sent"]);
  });

  it("fails if no upload begins, and says how to wire it", async () => {
    await rejects(run(), (error: Error & { code?: string }) => {
      equal(error.code, "TIMED_OUT");
      match(error.message, /15 min for an upload of the run to begin.*wire the node before s3 upload to ec2 start/);
      return true;
    });
    deepEqual(seen, []);
  });

  describe("after a source of videos", () => {
    const source: StepIdentity = { ...uploads, nodeId: "n0", type: "lightly-video-source", role: "source" };
    let listing: Step;

    beforeEach(() => {
      runs.nodes.register(source.nodeId, new FakeNode(source.type, [uploads.nodeId]));
      runs.nodes.register(uploads.nodeId, new FakeNode(uploads.type));
      listing = runs.begin("r", source);
    });

    it("fails if its folder is empty", async () => {
      clock.alarm(100 * SECOND, () => listing.complete({}));
      await rejects(run(), { code: "TIMED_OUT", message: /upload of the run to begin.*nothing to upload/ });
      deepEqual([Math.round(clock.now() / SECOND), seen], [1000, []]);
    });

    it("waits for an upload whose message another node has held", async () => {
      clock.alarm(100 * SECOND, () => listing.complete({}));
      clock.alarm(500 * SECOND, () => uploadOf({ totalMib: 600, endsAt: 600 }));
      await run(null);
      deepEqual(seen, ["1100 s: start", "1140 s: ready", "1140 s: sent"]);
    });
  });
});
