import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { JournalRun } from "../../src/journal/journal-run.ts";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { manualClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { sourceOf } from "./run-source.ts";

/** A disk whose writes a test completes. */
class SlowDisk {
  readonly texts: string[] = [];
  #waiting: Array<() => void> = [];
  mostAtOnce = 0;

  replace(_path: string, text: string): Promise<void> {
    this.texts.push(text);
    return new Promise((done) => {
      this.#waiting.push(done);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#waiting.length);
    });
  }

  append(path: string, text: string): Promise<void> {
    return this.replace(path, text);
  }

  async finish(): Promise<void> {
    for (const done of this.#waiting.splice(0)) {
      done();
    }
    await settle();
  }
}

/** For so many turns of the event loop the first write of a run waits for simultaneous changes. */
const GATHERED_TURNS = 20;

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await turn();
  }
}

/** Resolves after all pending microtasks, and the turns that the first write of a run waits for. */
async function settle(): Promise<void> {
  await turns(GATHERED_TURNS + 5);
}

function run(runId: string, name = "upload"): JournalRun {
  const step = {
    stepId: `${runId}/1`,
    nodeId: "n",
    type: "t",
    role: "upload",
    name,
    startedAt: 1,
    alwaysRuns: false,
  } as const;
  return { version: 2, runId, startedAt: 1, steps: [{ ...step, state: "running" }] };
}

describe("the journal on disk", () => {
  const folder = useTemporaryFolder();
  const warnings: string[] = [];
  const journal = (o: Partial<ConstructorParameters<typeof RunJournal>[0]> = {}): RunJournal =>
    new RunJournal({ folder: join(folder.path, "runs"), warn: (text) => warnings.push(text), ...o });

  beforeEach(() => {
    warnings.length = 0;
  });

  it("restores its runs, in the order of their start", async () => {
    const first = journal();
    deepEqual(first.load(), []);
    first.add(
      "b",
      sourceOf(() => ({ ...run("b"), startedAt: 2 })),
    );
    first.add(
      "a",
      sourceOf(() => run("a")),
    );
    await Promise.all([first.saveNow("b"), first.saveNow("a")]);
    deepEqual(journal().load(), [run("a"), { ...run("b"), startedAt: 2 }]);
    deepEqual(warnings, []);
  });

  it("has one file per run and no other, which no other user can read", async () => {
    const kept = journal();
    kept.add(
      "a",
      sourceOf(() => run("a")),
    );
    await kept.saveNow("a");
    await kept.saveNow("a");
    deepEqual(await readdir(kept.folder), [fileNameOf("a")]);
    if (process.platform !== "win32") {
      equal((await stat(join(kept.folder, fileNameOf("a")))).mode & 0o777, 0o600);
      equal((await stat(kept.folder)).mode & 0o777, 0o700);
    }
  });

  it("accepts any string as a run's id", async () => {
    const ids = ["../../etc/passwd", "a/b", "A", "a", "CON", ".", "ü €", "x".repeat(5000), "\0", "a\nb"];
    const kept = journal();
    for (const id of ids) {
      kept.add(
        id,
        sourceOf(() => run(id)),
      );
    }
    await Promise.all(ids.map((id) => kept.saveNow(id)));
    deepEqual(
      new Set(
        journal()
          .load()
          .map(({ runId }) => runId),
      ),
      new Set(ids),
    );
    equal((await readdir(folder.path)).length, 1, "nothing is outside the folder");
    equal(new Set(ids.map((id) => fileNameOf(id).toLowerCase())).size, ids.length);
  });

  it("writes a run once at a time, with its latest state", async () => {
    const disk = new SlowDisk();
    const kept = journal({ disk, clock: manualClock(1) });
    let state = 0;
    kept.add(
      "a",
      sourceOf(() => run("a", String(state))),
    );
    const saves: Promise<unknown>[] = [];
    for (state = 1; state <= 100; state += 1) {
      saves.push(kept.saveNow("a"));
      if (state === 10) {
        await settle();
      }
    }
    await settle();
    equal(disk.texts.length, 1);
    await disk.finish();
    await disk.finish();
    await Promise.all(saves);
    equal(disk.mostAtOnce, 1);
    deepEqual(
      disk.texts.map((text) => JSON.parse(text).steps[0].name),
      ["10", "101"],
    );
  });

  it("combines the first changes of a run, such as the first steps of both branches", async () => {
    const disk = new SlowDisk();
    const kept = journal({ disk, clock: manualClock() });
    let name = "one branch";
    kept.add(
      "a",
      sourceOf(() => run("a", name)),
    );
    void kept.saveNow("a");
    await turns(GATHERED_TURNS - 1);
    deepEqual(disk.texts, []);
    name = "both branches";
    void kept.saveNow("a");
    await settle();
    equal(disk.texts.length, 1);
    match(disk.texts[0] ?? "", /both branches/);
  });

  it("reports a state as saved only if it is", async () => {
    const disk = new SlowDisk();
    const kept = journal({ disk, clock: manualClock(1) });
    let name = "before";
    kept.add(
      "a",
      sourceOf(() => run("a", name)),
    );
    void kept.saveNow("a");
    await settle();
    name = "checkpoint";
    let isSaved = false;
    void kept.saveNow("a").then(() => {
      isSaved = true;
    });
    await disk.finish();
    equal(isSaved, false, "that write had started before");
    match(disk.texts.at(-1) ?? "", /checkpoint/);
    await disk.finish();
    equal(isSaved, true);
  });

  it("writes progress once a second, and with any urgent change", async () => {
    const disk = new SlowDisk();
    const clock = manualClock(1);
    const kept = journal({ disk, clock });
    kept.add(
      "a",
      sourceOf(() => run("a")),
    );
    const finishedAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await settle();
      await disk.finish();
      return disk.texts.length;
    };
    kept.saveSoon("a");
    equal(await finishedAfter(0), 1, "the first at once");
    for (let i = 0; i < 9; i += 1) {
      kept.saveSoon("a");
      equal(await finishedAfter(100), 1);
    }
    equal(await finishedAfter(100), 2);
    equal(await finishedAfter(5000), 2, "nothing new, no write");
    kept.saveSoon("a");
    equal(await finishedAfter(0), 3);
    kept.saveSoon("a");
    void kept.saveNow("a");
    equal(await finishedAfter(0), 4, "a checkpoint at once");
    equal(await finishedAfter(5000), 4, "and the progress was in it");
  });

  it("flushes delayed changes", async () => {
    const kept = journal({ clock: manualClock(1) });
    let name = "";
    kept.add(
      "a",
      sourceOf(() => run("a", name)),
    );
    await kept.saveNow("a");
    name = "last words";
    kept.saveSoon("a");
    await kept.flush();
    equal(journal().load()[0]?.steps[0]?.name, "last words");
    await kept.flush();
  });

  it("writes few runs at the same time, and finally all of them", async () => {
    const disk = new SlowDisk();
    const kept = journal({ disk, clock: manualClock(1) });
    for (let i = 0; i < 50; i += 1) {
      kept.add(
        `r${i}`,
        sourceOf(() => run(`r${i}`)),
      );
      void kept.saveNow(`r${i}`);
    }
    const flushed = kept.flush();
    for (let i = 0; i < 50; i += 1) {
      await settle();
      await disk.finish();
    }
    await flushed;
    equal(disk.texts.length, 50);
    ok(disk.mostAtOnce <= 4);
  });

  it("removes a run, even while it is being written, and can save another one with its id", async () => {
    const kept = journal();
    kept.add(
      "a",
      sourceOf(() => run("a", "old")),
    );
    await kept.saveNow("a");
    void kept.saveNow("a");
    kept.remove("a");
    await kept.flush();
    deepEqual(await readdir(kept.folder), []);
    kept.add(
      "a",
      sourceOf(() => run("a", "new")),
    );
    kept.remove("a");
    kept.add(
      "a",
      sourceOf(() => run("a", "newer")),
    );
    void kept.saveNow("a");
    await kept.flush();
    equal(journal().load()[0]?.steps[0]?.name, "newer");
  });

  it("warns once when a write fails, continues, and writes again when possible", async () => {
    let isFull = true;
    const texts: string[] = [];
    const replace = async (_path: string, text: string): Promise<void> => {
      if (isFull) {
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      }
      texts.push(text);
    };
    const kept = journal({ disk: { replace, append: replace } });
    kept.add(
      "a",
      sourceOf(() => run("a")),
    );
    await kept.saveNow("a");
    await kept.saveNow("a");
    equal(warnings.length, 1);
    match(warnings[0] ?? "", /can't be written \(ENOSPC: .*\).*lightlyAwsRunsDir/);
    isFull = false;
    await kept.saveNow("a");
    equal(texts.length, 1);
  });

  it("survives a folder that is a file", async () => {
    await writeFile(join(folder.path, "runs"), "");
    const kept = journal();
    deepEqual(kept.load(), []);
    kept.add(
      "a",
      sourceOf(() => run("a")),
    );
    await kept.saveNow("a");
    equal(warnings.length, 2, "one for reading, one for writing");
  });

  it("replaces a large file completely", async () => {
    const kept = journal();
    const large = "ü".repeat(3_000_000);
    kept.add(
      "a",
      sourceOf(() => run("a", large)),
    );
    await kept.saveNow("a");
    equal(JSON.parse(await readFile(join(kept.folder, fileNameOf("a")), "utf8")).steps[0].name, large);
  });
});
