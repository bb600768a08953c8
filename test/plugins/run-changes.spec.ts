import { deepEqual, equal, ok } from "node:assert/strict";
import { ChangeNotifier } from "../../src/plugins/runs/change-notifier.ts";
import { RunChangeLog } from "../../src/plugins/runs/run-change-log.ts";
import type { RunSummary } from "../../src/records/run-summary.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the notifications of the editors", () => {
  let time: FakeClock;
  let published: number;
  let notifier: ChangeNotifier;

  beforeEach(() => {
    time = new FakeClock();
    published = 0;
    notifier = new ChangeNotifier({
      publish: () => {
        published += 1;
      },
      later: time.alarm,
    });
  });

  it("are sent soon, one for all simultaneous changes", () => {
    notifier.notify();
    notifier.notify();
    equal(published, 0);
    time.advance(50);
    equal(published, 1);
  });

  it("are sent at most twice a second, and also for the last change", () => {
    let changedAfterwards = false;
    for (let ms = 0; ms < 10_000; ms += 10) {
      const before = published;
      notifier.notify();
      time.advance(10);
      changedAfterwards = published === before;
    }
    ok(published >= 18 && published <= 21, `${published} notifications in ten seconds`);
    const before = published;
    time.advance(1000);
    equal(published, before + Number(changedAfterwards));
  });

  it("end when nothing changes", () => {
    notifier.notify();
    time.advance(60_000);
    equal(published, 1);
  });
});

describe("the runs that have changed since an editor's last request", () => {
  let known: Map<string, RunSummary>;
  let changeLog: RunChangeLog;
  const changeLogOf = (now: number): RunChangeLog =>
    new RunChangeLog({
      summaries: () => [...known.values()],
      summary: (runId) => known.get(runId),
      now: () => now,
      maxRuns: 3,
    });
  const runIds = (runs: readonly RunSummary[]): string[] => runs.map(({ runId }) => runId);

  beforeEach(() => {
    known = new Map(
      ["a", "b", "c", "d"].map((runId) => [
        runId,
        { runId, state: "running", startedAt: 0, completedSteps: 0, totalSteps: 1, stepStates: [] },
      ]),
    );
    changeLog = changeLogOf(1000);
  });

  it("are all runs for the first request", () => {
    const { isFull, changed, removed } = changeLog.since(undefined);
    deepEqual([isFull, runIds(changed), removed], [true, ["a", "b", "c", "d"], []]);
  });

  it("are the changed runs, each once and in its current state, and the removed ones", () => {
    const { cursor } = changeLog.since(undefined);
    for (const runId of ["a", "b", "a"]) {
      changeLog.add(runId);
    }
    known.delete("b");
    known.set("a", { runId: "a", state: "completed", startedAt: 0, completedSteps: 1, totalSteps: 1, stepStates: [] });
    const later = changeLog.since(cursor);
    deepEqual([later.isFull, later.changed, later.removed], [false, [known.get("a")], ["b"]]);
    deepEqual(changeLog.since(later.cursor), { cursor: later.cursor, isFull: false, changed: [], removed: [] });
  });

  it("are all runs again if the request comes too late", () => {
    const { cursor } = changeLog.since(undefined);
    for (const runId of ["a", "b", "c"]) {
      changeLog.add(runId);
    }
    equal(changeLog.since(cursor).isFull, false);
    changeLog.add("d");
    equal(changeLog.since(cursor).isFull, true);
  });

  it("are all runs for the cursor of another process, or for none", () => {
    changeLog.add("a");
    const later = changeLogOf(2000);
    for (const cursor of [changeLog.cursor, 5000, Number.NaN]) {
      equal(later.since(cursor).isFull, true, String(cursor));
    }
  });
});
