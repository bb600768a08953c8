import { deepEqual, equal, ok } from "node:assert/strict";
import { GatheredNews } from "../../src/plugins/runs/gathered-news.ts";
import { RunNewsBoard } from "../../src/plugins/runs/run-news.ts";
import type { RunSummary } from "../../src/runs/records/run-summary.ts";
import { FakeTime } from "../runs/fake-flow.ts";

describe("the news of runs for the editors", () => {
  let time: FakeTime;
  let published: number;
  let news: GatheredNews;

  beforeEach(() => {
    time = new FakeTime();
    published = 0;
    news = new GatheredNews({
      publish: () => {
        published += 1;
      },
      later: time.later,
    });
  });

  it("are told soon, all that comes in one moment together", () => {
    news.changed();
    news.changed();
    equal(published, 0);
    time.pass(50);
    equal(published, 1);
  });

  it("are told at most twice a second, and the last change is told", () => {
    let changedAfterwards = false;
    for (let ms = 0; ms < 10_000; ms += 10) {
      const before = published;
      news.changed();
      time.pass(10);
      changedAfterwards = published === before;
    }
    ok(published >= 18 && published <= 21, `${published} news in ten seconds`);
    const before = published;
    time.pass(1000);
    equal(published, before + Number(changedAfterwards));
  });

  it("end when nothing changes any more", () => {
    news.changed();
    time.pass(60_000);
    equal(published, 1);
  });
});

describe("the runs that have changed since an editor asked", () => {
  let known: Map<string, RunSummary>;
  let board: RunNewsBoard;
  const boardOf = (now: number): RunNewsBoard =>
    new RunNewsBoard({
      summaries: () => [...known.values()],
      summary: (runId) => known.get(runId),
      now: () => now,
      keep: 3,
    });
  const runIds = (runs: readonly RunSummary[]): string[] => runs.map(({ runId }) => runId);

  beforeEach(() => {
    known = new Map(
      ["a", "b", "c", "d"].map((runId) => [
        runId,
        { runId, state: "running", startedAt: 0, completedSteps: 0, totalSteps: 1 },
      ]),
    );
    board = boardOf(1000);
  });

  it("are all of them for one who asks for the first time", () => {
    const { isAll, changed, gone } = board.since(undefined);
    deepEqual([isAll, runIds(changed), gone], [true, ["a", "b", "c", "d"], []]);
  });

  it("are those that have changed, each once and as it is now, and those that are gone", () => {
    const { at } = board.since(undefined);
    for (const runId of ["a", "b", "a"]) {
      board.changed(runId);
    }
    known.delete("b");
    known.set("a", { runId: "a", state: "completed", startedAt: 0, completedSteps: 1, totalSteps: 1 });
    const later = board.since(at);
    deepEqual([later.isAll, later.changed, later.gone], [false, [known.get("a")], ["b"]]);
    deepEqual(board.since(later.at), { at: later.at, isAll: false, changed: [], gone: [] });
  });

  it("are all of them again for one who was away for too long", () => {
    const { at } = board.since(undefined);
    for (const runId of ["a", "b", "c"]) {
      board.changed(runId);
    }
    equal(board.since(at).isAll, false);
    board.changed("d");
    equal(board.since(at).isAll, true);
  });

  it("are all of them for one who comes with the number of another process, or with none", () => {
    board.changed("a");
    const later = boardOf(2000);
    for (const at of [board.at, 5000, Number.NaN]) {
      equal(later.since(at).isAll, true, String(at));
    }
  });
});
