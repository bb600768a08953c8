import { deepEqual, equal } from "node:assert/strict";
import { PublishedRuns, type RunNews } from "../../src/plugins/runs/published-runs.ts";
import type { RunSummary } from "../../src/runs/records/run-summary.ts";
import { FakeTime } from "./fake-flow.ts";

describe("the news of runs for the editors", () => {
  let time: FakeTime;
  let told: RunNews[];
  let known: Map<string, RunSummary>;
  let published: PublishedRuns;

  beforeEach(() => {
    time = new FakeTime();
    told = [];
    known = new Map(["a", "b"].map((runId) => [runId, { runId, state: "running", startedAt: 0, done: 0, steps: 1 }]));
    published = new PublishedRuns({
      summary: (runId) => known.get(runId),
      publish: (news) => told.push(news),
      later: time.later,
    });
  });
  const runIds = ({ changed }: RunNews): string[] => changed.map(({ runId }) => runId);

  it("are told soon, those of several runs together", () => {
    published.changed("a");
    published.changed("b");
    published.changed("a");
    time.pass(50);
    deepEqual(told.map(runIds), [["a", "b"]]);
  });

  it("are at most two a second of a run that changes all the time, and the last change is told", () => {
    for (let ms = 0; ms < 10_000; ms += 10) {
      known.set("a", { runId: "a", state: "running", startedAt: 0, done: ms, steps: 1 });
      published.changed("a");
      time.pass(10);
    }
    time.pass(1000);
    equal(told.length <= 21 && told.length >= 18, true, `${told.length} news in ten seconds`);
    equal(told.at(-1)?.changed[0]?.done, 9990);
  });

  it("end when nothing changes any more", () => {
    published.changed("a");
    time.pass(60_000);
    equal(told.length, 1);
  });

  it("name runs that are forgotten", () => {
    known.delete("b");
    published.changed("b");
    time.pass(50);
    deepEqual(told, [{ changed: [], gone: ["b"] }]);
  });
});
