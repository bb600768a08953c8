import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Identity, readHolder, type ThisProcess, thisProcess } from "../../../src/journal/lock/lock-holder.ts";
import { RENEW_INTERVAL_MS, RunsLock } from "../../../src/journal/lock/runs-lock.ts";
import { RunJournal } from "../../../src/journal/run-journal.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import { until } from "../../nodes/support/until.ts";
import { failure, openFlow, resumeAll, select, upload } from "../../runs/fake-flow.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const MINUTE_MS = 60_000;

describe("the lock of a folder of runs", () => {
  const folder = useTemporaryFolder();
  let now: number;
  let alive: Map<string, string>;

  beforeEach(() => {
    now = Date.now();
    alive = new Map();
  });

  /** A process of a machine, which runs until it is killed. */
  const processOf = (o: Partial<Identity> = {}): ThisProcess & { kill(): void } => {
    const identity = { pid: 100, host: "m1", start: "1", boot: "b1", namespace: "n1", ...o };
    const key = `${identity.host} ${identity.pid}`;
    alive.set(key, identity.start);
    return {
      identity: () => identity,
      isAlive: (pid) => alive.has(`${identity.host} ${pid}`),
      startOf: (pid) => alive.get(`${identity.host} ${pid}`),
      kill: () => alive.delete(key),
    };
  };
  const lockOf = (self: ThisProcess): RunsLock => new RunsLock({ folder: folder.path, now: () => now, self });
  const silence = async (ms: number): Promise<void> => {
    now += ms;
  };

  it("belongs to one process at a time, which is named", () => {
    equal(lockOf(processOf()).acquire(), undefined);
    const { pid, host } = lockOf(processOf({ pid: 200, start: "2" })).acquire() ?? {};
    deepEqual([pid, host], [100, "m1"]);
  });

  it("can be acquired by its process again", () => {
    const lock = lockOf(processOf());
    for (let count = 0; count < 3; count += 1) {
      equal(lock.renew(), undefined);
    }
  });

  it("is free immediately after any end of its process", async () => {
    const first = lockOf(processOf());
    first.acquire();
    first.release();
    deepEqual(await readdir(folder.path), []);
    const second = processOf({ pid: 200 });
    lockOf(second).acquire();
    second.kill();
    equal(lockOf(processOf({ pid: 300 })).acquire(), undefined);
    deepEqual(await readdir(folder.path), ["owner.lock"]);
  });

  for (const [what, next] of [
    ["a container that was started again has the same name and process id", { start: "2", namespace: "n2" }],
    ["another process has got its id since", { pid: 200, start: "9" }],
    ["the machine was started again", { pid: 200, boot: "b2" }],
  ] as const) {
    it(`is free immediately if ${what}`, () => {
      const killed = processOf();
      lockOf(killed).acquire();
      killed.kill();
      if (next.start === "9") {
        // Not the process with the lock, although it has the same id.
        alive.set("m1 100", "5");
      }
      equal(lockOf(processOf(next)).acquire(), undefined);
    });
  }

  for (const [what, other] of [
    ["on another machine", { pid: 200, host: "m2" }],
    ["in a container with this machine's name", { pid: 200, namespace: "n2" }],
  ] as const) {
    it(`is free a minute after the last renewal by a process ${what}`, async () => {
      const first = lockOf(processOf());
      first.acquire();
      const second = lockOf(processOf(other));
      for (let beat = 0; beat < 20; beat += 1) {
        await silence(RENEW_INTERVAL_MS);
        equal(first.renew(), undefined);
        ok(second.acquire());
      }
      await silence(MINUTE_MS);
      ok(second.acquire());
      await silence(1);
      equal(second.acquire(), undefined);
      equal(first.renew()?.pid, 200, "who was away for too long is told");
    });
  }

  it("is acquired by only one of many processes that find its holder ended", async () => {
    const killed = processOf();
    lockOf(killed).acquire();
    killed.kill();
    const locks = Array.from({ length: 20 }, (_, index) => lockOf(processOf({ pid: 200 + index, start: `${index}` })));
    equal(locks.map((lock) => lock.acquire()).filter((holder) => holder === undefined).length, 1);
  });

  it("is not released by another process", () => {
    const killed = processOf();
    const first = lockOf(killed);
    first.acquire();
    killed.kill();
    const second = lockOf(processOf({ pid: 200 }));
    second.acquire();
    first.release();
    equal(readHolder(join(folder.path, "owner.lock"))?.pid, 200);
  });

  it("is free if its file has no holder and is some seconds old, after a crash or with a full disk", async () => {
    const path = join(folder.path, "owner.lock");
    for (const text of ["", "{", "null", "[]", '{"pid":"x"}', '{"pid":-1,"host":"h","nonce":"n"}']) {
      await writeFile(path, text);
      await utimes(path, new Date(now), new Date(now));
      ok(lockOf(processOf()).acquire(), "it may be half-written");
      const at = new Date(now - 6000);
      await utimes(path, at, at);
      equal(lockOf(processOf()).acquire(), undefined);
      await rm(path);
    }
  });

  it("is granted if no file can be created: then the journal refuses everything except stops", async () => {
    await writeFile(join(folder.path, "file"), "");
    equal(new RunsLock({ folder: join(folder.path, "file") }).acquire(), undefined);
    await symlink("/proc/self/fdinfo", join(folder.path, "proc"));
    equal(new RunsLock({ folder: join(folder.path, "proc") }).acquire(), undefined);
  });

  it("does not treat a zombie process as running", async () => {
    // The shell's child is killed, and the shell, which was replaced by another program, never reads its exit status.
    const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(parent, "exit");
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(String(line));
    equal(thisProcess.isAlive(pid), true);
    process.kill(pid, "SIGKILL");
    await until(() => !thisProcess.isAlive(pid));
    parent.kill("SIGKILL");
    await ended;
  });

  it("identifies this process, and detects another running one", () => {
    const { pid, start } = thisProcess.identity();
    equal(pid, process.pid);
    equal(thisProcess.isAlive(pid), true);
    equal(thisProcess.isAlive(2 ** 30), false);
    equal(thisProcess.startOf(2 ** 30), undefined);
    if (process.platform === "linux") {
      match(start ?? "", /^\d+$/);
      equal(thisProcess.startOf(pid), start);
    }
  });
});

describe("a Node-RED with a folder that another one uses", () => {
  const folder = useTemporaryFolder();
  let time: FakeClock;
  let log: string[];

  beforeEach(() => {
    time = new FakeClock();
    log = [];
  });

  const other: Identity = { pid: process.ppid, host: thisProcess.identity().host, nonce: "n" };
  const lockPath = (): string => join(folder.path, "owner.lock");
  const lockByOther = async (): Promise<void> => {
    const { boot, namespace } = thisProcess.identity();
    await writeFile(lockPath(), JSON.stringify({ ...other, boot, namespace }));
  };
  const nodeRed = (): RunRegistry => {
    const runs = new RunRegistry({ now: time.now, later: time.alarm });
    const tell = (text: string): number => log.push(text);
    runs.attach(new RunJournal({ folder: folder.path, warn: tell }), {
      lock: new RunsLock({ folder: folder.path }),
      warn: tell,
      info: tell,
    });
    return runs;
  };
  const written = async (): Promise<void> => {
    const before = new RunRegistry({ now: time.now, later: time.alarm });
    before.attach(new RunJournal({ folder: folder.path, warn: (text) => ok(false, text) }));
    before.begin("left", upload, { message: { payload: 7 } });
    time.advance(1);
    before.begin("failed", upload).fail(failure);
    time.advance(1);
    const step = before.begin("done", upload);
    step.recordSend(0, {}, []);
    step.complete({ s3: { key: "k" } });
    await before.flush();
  };

  it("shows the runs, and reports their owner", async () => {
    await written();
    await lockByOther();
    const runs = nodeRed();
    deepEqual(
      runs.list().map(({ runId, state }) => [runId, state]),
      [
        ["left", "running"],
        ["failed", "failed"],
        ["done", "completed"],
      ],
    );
    equal(runs.get("left")?.steps[0]?.state, "running");
    equal(runs.get("failed")?.error?.code, "S3_BUCKET_NOT_FOUND");
    equal(runs.find("done").steps[0]?.state, "completed");
    deepEqual(runs.input("left", 1)?.value, { payload: 7 });
    equal(runs.summary("left")?.state, "running");
    throws(() => runs.find("none"), { code: "RUN_NOT_FOUND" });
    deepEqual(Object.keys(runs.get("left")?.steps[0] ?? {}).includes("message"), false);
    equal(log.length, 1);
    match(log[0] ?? "", new RegExp(`process ${other.pid} on ${other.host}.*${folder.path}.*only shows them`));
  });

  it("shows changes by the other one", async () => {
    await written();
    await lockByOther();
    const runs = nodeRed();
    equal(runs.list().length, 3);
    const files = await readdir(folder.path);
    await rm(join(folder.path, files.find((name) => name.startsWith("done")) ?? ""));
    equal(runs.list().length, 3);
    time.advance(2000);
    equal(runs.list().length, 2);
  });

  it("resumes nothing, starts nothing, refuses commands, and changes no file", async () => {
    await written();
    await lockByOther();
    await writeFile(join(folder.path, "torn.json"), "{");
    const before = await readdir(folder.path);
    const runs = nodeRed();
    const flow = openFlow(runs);
    deepEqual(resumeAll(runs), []);
    deepEqual(flow.upload.resumed, []);
    throws(() => runs.begin("new", select), {
      code: "RUNS_LOCKED",
      message: /no step starts here\. Send the message there, end that process, or set lightlyAwsRunsDir/,
      details: { pid: other.pid, host: other.host, folder: folder.path },
    });
    await rejects(runs.abort("left", "x"), { code: "RUNS_LOCKED" });
    await rejects(runs.retry("failed"), { code: "RUNS_LOCKED" });
    await rejects(runs.rerun("failed", "new"), { code: "RUNS_LOCKED" });
    await runs.flush();
    deepEqual(await readdir(folder.path), before);
    equal(JSON.parse(await readFile(lockPath(), "utf8")).nonce, "n");
  });

  for (const [when, what] of [
    ["flows start", (runs: RunRegistry) => resumeAll(runs)],
    ["a message comes", (runs: RunRegistry) => runs.begin("new", select)],
    ["some seconds have passed", () => time.advance(RENEW_INTERVAL_MS)],
  ] as const) {
    it(`takes over when the other one has ended and ${when}, and resumes its runs once`, async () => {
      await written();
      await lockByOther();
      const runs = nodeRed();
      const flow = openFlow(runs);
      resumeAll(runs);
      await rm(lockPath());
      what(runs);
      equal(flow.upload.resumed.length, 1);
      equal(runs.get("left")?.steps[0]?.resumeCount, 1);
      equal(readHolder(lockPath())?.pid, process.pid);
      match(log.at(-1) ?? "", /this one takes over/);
      await runs.flush();
    });
  }

  it("does not take over while its own flows are stopped, because its nodes don't exist", async () => {
    await written();
    await lockByOther();
    const runs = nodeRed();
    resumeAll(runs);
    runs.flowsStopping();
    await rm(lockPath());
    time.advance(RENEW_INTERVAL_MS);
    equal(runs.get("left")?.state, "interrupted");
    const flow = openFlow(runs);
    resumeAll(runs);
    equal(flow.upload.resumed.length, 1);
    await runs.flush();
  });

  it("stops when another one has taken over after a minute without a renewal", async () => {
    const runs = nodeRed();
    openFlow(runs);
    resumeAll(runs);
    const step = runs.begin("r", upload, { message: { payload: 1 } });
    await step.saveIntent({ key: "k" });
    await rm(lockPath());
    await lockByOther();
    time.advance(RENEW_INTERVAL_MS);
    equal(step.isClosed, true);
    match(log.at(-1) ?? "", /has taken over.*no longer continues any run/);
    const file = (await readdir(folder.path)).find((name) => name.startsWith("r-")) ?? "";
    const before = await readFile(join(folder.path, file), "utf8");
    await rejects(step.saveIntent({ key: "other" }), { code: "ABORTED" });
    step.drop();
    await runs.flush();
    equal(await readFile(join(folder.path, file), "utf8"), before, "the file is the other one's");
    equal(runs.get("r")?.steps[0]?.state, "running");
    await rm(lockPath());
    time.advance(RENEW_INTERVAL_MS);
    const flow = openFlow(runs);
    resumeAll(runs);
    equal(runs.get("r")?.steps[0]?.resumeCount, 1);
    ok(flow);
    await runs.flush();
  });
});
