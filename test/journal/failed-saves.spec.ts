import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileNameOf } from "../../src/journal/read-journal.ts";
import { RunJournal, type RunJournalOptions } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { openFlow, resumeAll, select, stop, upload, worker } from "../runs/fake-flow.ts";
import { type FakeClock, manualClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { sourceOf } from "./run-source.ts";

/** A disk that a test can make full. */
class FullDisk {
  isFull = true;
  code = "ENOSPC";
  readonly texts = new Map<string, string>();

  async replace(path: string, text: string): Promise<void> {
    this.#write(path, text);
    await writeFile(path, text);
  }

  async append(path: string, text: string): Promise<void> {
    this.#write(path, text);
    await appendFile(path, text);
  }

  #write(path: string, text: string): void {
    if (this.isFull) {
      throw Object.assign(new Error(`${this.code}: write`), { code: this.code });
    }
    this.texts.set(path, text);
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    await turn();
  }
}

describe("a run that can't be saved", () => {
  const folder = useTemporaryFolder();
  let disk: FullDisk;
  let clock: FakeClock;
  let log: string[];
  let journal: RunJournal;
  let runs: RunRegistry;

  const journalOf = (options: Partial<RunJournalOptions> = {}): RunJournal =>
    new RunJournal({
      folder: folder.path,
      warn: (text) => log.push(`warn ${text}`),
      info: (text) => log.push(`info ${text}`),
      clock,
      disk,
      ...options,
    });

  beforeEach(() => {
    disk = new FullDisk();
    clock = manualClock(1000);
    log = [];
    journal = journalOf();
    runs = new RunRegistry({ later: () => {} });
    runs.attach(journal);
  });

  it("starts no remote work: its first step fails with the folder, the system's reason and what to do", async () => {
    const step = runs.begin("r", upload);
    await rejects(step.ensureSaved(), (error: { code: string; message: string; retryable: boolean }) => {
      equal(error.code, "JOURNAL_WRITE_FAILED");
      ok(error.message.includes(folder.path));
      match(
        error.message,
        /^upload has not started anything: .*ENOSPC: no space left.*Free disk space.*lightlyAwsRunsDir/,
      );
      return error.retryable;
    });
  });

  it("starts no further remote work when the disk is full, and running work continues", async () => {
    disk.isFull = false;
    const step = runs.begin("r", worker);
    await step.ensureSaved();
    await step.saveIntent({ marker: "m" });
    disk.isFull = true;
    await step.saveCheckpoint({ commandId: "c" });
    equal(step.checkpoint.commandId, "c");
    await rejects(step.saveIntent({ marker: "another" }), { code: "JOURNAL_WRITE_FAILED" });
    await rejects(runs.begin("r", select).ensureSaved(), { code: "JOURNAL_WRITE_FAILED" });
  });

  it("continues its stop, and does not wait for the disk", async () => {
    const never = new Promise<void>(() => {});
    const hanging = new RunRegistry({ later: () => {} });
    hanging.attach(journalOf({ disk: { replace: () => never, append: () => never } }));
    for (const registry of [runs, hanging]) {
      const step = registry.begin("r", stop);
      await step.ensureSaved();
      await step.saveIntent({ instanceIds: ["i-1"] });
      equal(step.signal.aborted, false);
    }
  });

  it("can be aborted while the disk does not respond", async () => {
    const hanging = new RunRegistry({ later: () => {} });
    const never = new Promise<void>(() => {});
    hanging.attach(journalOf({ disk: { replace: () => never, append: () => never } }));
    const step = hanging.begin("r", upload);
    const kept = rejects(step.ensureSaved(), { code: "ABORTED" });
    step.abort("canceled", "the test wants so.");
    await kept;
  });

  it("is refused without an unhandled rejection if it can't be converted to text", async () => {
    const circular: Record<string, unknown> = { steps: [] };
    circular.self = circular;
    journal.add(
      "odd",
      sourceOf(() => circular as never),
    );
    match((await journal.saveNow("odd"))?.why ?? "", /circular/);
    const refuse = (): never => {
      throw new Error("no snapshot");
    };
    journal.add("throws", { toJournal: refuse, changesForJournal: refuse, isActive: true });
    equal((await journal.saveNow("throws"))?.why, "no snapshot");
  });

  it("continues without a journal", async () => {
    const step = new RunRegistry({ later: () => {} }).begin("r", upload);
    await step.ensureSaved();
    await step.saveIntent({ key: "k" });
    deepEqual(step.checkpoint, { key: "k" });
  });

  it("has the reason in its record and its summary, and listeners are notified at start and end", async () => {
    const told: string[] = [];
    const step = runs.begin("r", upload);
    runs.onChange((runId) => told.push(runId));
    await step.ensureSaved().catch(() => {});
    equal(told.length, 1);
    match(runs.get("r")?.unsavedReason ?? "", /^ENOSPC: no space left on the disk$/);
    match(runs.summary("r")?.unsavedReason ?? "", /ENOSPC/);
    disk.isFull = false;
    await journal.saveNow("r");
    equal(told.length, 2);
    equal(runs.get("r")?.unsavedReason, undefined);
    equal("unsavedReason" in (runs.summary("r") ?? {}), false);
  });

  it("is written at an interval when the disk works again, even without a change", async () => {
    const step = runs.begin("r", upload);
    await step.ensureSaved().catch(() => {});
    clock.advance(10_000);
    await settle();
    equal(disk.texts.size, 0);
    disk.isFull = false;
    clock.advance(9_999);
    await settle();
    equal(disk.texts.size, 0);
    clock.advance(1);
    await settle();
    equal(disk.texts.size, 1);
    equal(clock.sleepers, 0, "and nothing is tried any more");
    await runs.begin("r", select).ensureSaved();
  });

  it("causes one warning per outage for all runs, and a message at its end", async () => {
    for (let outage = 0; outage < 2; outage += 1) {
      disk.isFull = true;
      for (const runId of ["a", "b", "c"]) {
        runs.begin(runId, upload);
      }
      await runs.flush();
      await runs.flush();
      disk.isFull = false;
      await journal.saveNow("a");
      equal(log.length, 2 * outage + 1, "two runs are still not on the disk");
      await runs.flush();
    }
    deepEqual(
      log.map((line) => line.replace(/^(\w+) .*(can't be written|can be written again).*$/, "$1 $2")),
      ["warn can't be written", "info can be written again", "warn can't be written", "info can be written again"],
    );
  });

  it("leaves no file that would start its work again after its end", async () => {
    disk.isFull = false;
    const step = runs.begin("r", upload);
    await step.saveIntent({ key: "k" });
    deepEqual(await readdir(folder.path), [fileNameOf("r")]);
    disk.isFull = true;
    step.complete({});
    await runs.flush();
    deepEqual(await readdir(folder.path), []);
    ok(log.some((line) => /the file of the run r was removed/.test(line)));
    equal(new RunRegistry().get("r"), undefined);
    disk.isFull = false;
    clock.advance(10_000);
    await settle();
    await runs.flush();
    equal(JSON.parse(await readFile(join(folder.path, fileNameOf("r")), "utf8")).steps[0].state, "completed");
  });

  it("keeps its file while a message is pending, which must be delivered again", async () => {
    disk.isFull = false;
    const step = runs.begin("r", upload);
    await step.ensureSaved();
    disk.isFull = true;
    step.recordSend(0, {}, [select.nodeId]);
    step.complete({});
    await runs.flush();
    deepEqual(await readdir(folder.path), [fileNameOf("r")]);
  });

  it("is resumed only after a first successful write, because its record may be outdated", async () => {
    disk.isFull = false;
    await runs.begin("r", worker).saveIntent({ marker: "m" });
    await runs.flush();
    disk.isFull = true;
    const later = new RunRegistry({ later: () => {} });
    later.attach(journalOf());
    const flow = openFlow(later);
    resumeAll(later);
    const [resumed] = flow.worker.resumed;
    ok(resumed);
    await rejects(resumed.ensureSaved(), { code: "JOURNAL_WRITE_FAILED" });
    disk.isFull = false;
    await resumed.ensureSaved();
  });

  it("reports that a command is not on disk when it is aborted, retried or rerun", async () => {
    const flow = openFlow(runs);
    const step = runs.begin("r", upload, { message: { _msgid: "r" } });
    await rejects(runs.abort("r", "it is not needed."), {
      code: "JOURNAL_WRITE_FAILED",
      message: /^The run r was aborted, but that is not on disk: /,
    });
    equal(step.signal.aborted, true);
    step.drop();
    await rejects(runs.retry("r"), { code: "JOURNAL_WRITE_FAILED", message: /^The run r was retried, but/ });
    await rejects(flow.upload.resumed[0]?.ensureSaved() ?? Promise.resolve(), { code: "JOURNAL_WRITE_FAILED" });
    await rejects(runs.rerun("r", "new"), {
      code: "JOURNAL_WRITE_FAILED",
      details: { runId: "new", folder: folder.path, why: "ENOSPC: no space left on the disk" },
    });
  });

  it("is refused with the system's reason: read-only, no permission, or not a folder", async () => {
    for (const [code, words] of [
      ["EROFS", /EROFS: the file system is read-only/],
      ["EACCES", /EACCES: no permission/],
      ["EMADEUP", /\(EMADEUP\)/],
    ] as const) {
      disk.code = code;
      await rejects(runs.begin(code, upload).ensureSaved(), { message: words });
    }
  });
});

describe("a real full or read-only disk", () => {
  const folder = useTemporaryFolder();

  it("refuses a run whose file can't be created", async () => {
    await writeFile(join(folder.path, "file"), "");
    const runs = new RunRegistry({ later: () => {} });
    runs.attach(new RunJournal({ folder: join(folder.path, "file"), warn: () => {} }));
    await rejects(runs.begin("r", upload).ensureSaved(), { code: "JOURNAL_WRITE_FAILED" });
  });

  it("refuses a run whose bytes don't fit, and leaves no partial file", async () => {
    // A limit of the file size makes the system itself refuse the write.
    const script = join(import.meta.dirname, "failed-save-process.ts");
    const command = `ulimit -f 8; exec "$0" "$1" "$2"`;
    const runsFolder = join(folder.path, "runs");
    const child = execFile("sh", ["-c", command, process.execPath, script, runsFolder]);
    let output = "";
    child.stdout?.on("data", (text: string) => {
      output += text;
    });
    child.stderr?.on("data", (text: string) => {
      output += text;
    });
    await once(child, "close");
    match(output, /^small: kept\nlarge: JOURNAL_WRITE_FAILED\n$/m);
    deepEqual(await readdir(runsFolder), [fileNameOf("small")]);
  });

  it("refuses a run in a folder that can't be written", async () => {
    // For root, who has all permissions: a file system that refuses all files.
    const isRoot = process.getuid?.() === 0;
    const path = join(folder.path, "runs");
    if (isRoot) {
      await symlink("/proc/self/fdinfo", path);
    } else {
      await mkdir(path, { mode: 0o500 });
    }
    const runs = new RunRegistry({ later: () => {} });
    runs.attach(new RunJournal({ folder: path, warn: () => {} }));
    await rejects(runs.begin("r", upload).ensureSaved(), { code: "JOURNAL_WRITE_FAILED" });
    await (isRoot ? rm(path) : chmod(path, 0o700));
  });
});
