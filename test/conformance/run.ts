import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import type { Judge } from "./judge.ts";
import { awsCli } from "./judges/aws-cli.ts";
import { batch } from "./judges/batch.ts";
import { boto3 } from "./judges/boto3.ts";
import { cloudformation } from "./judges/cloudformation.ts";
import { docker } from "./judges/docker.ts";
import { engine } from "./judges/engine.ts";
import { lightlyClient } from "./judges/lightly-client.ts";
import { moto } from "./judges/moto.ts";
import { studio } from "./judges/studio.ts";
import { studioJobs } from "./judges/studio-jobs.ts";
import { onInterrupt } from "./on-interrupt.ts";
import { JudgeUnavailable, pythonEnvironment } from "./python-environment.ts";
import { Tally } from "./tally.ts";

/** Short enough for some minutes in total, long enough for every state to occur. */
const DELAYS = {
  ...{ startMs: 400, onlineMs: 300, stopMs: 400, deliveryMs: 300, workerPollMs: 200, secondMs: 100 },
  ...{ scheduleMs: 100, pullMs: 100, idleMs: 500 },
};

/** Those that take longest begin first. */
const JUDGES: readonly Judge[] = [
  studio,
  studioJobs,
  docker,
  awsCli,
  boto3,
  cloudformation,
  batch,
  engine,
  lightlyClient,
  moto,
];

/** Judges at the same time: each has its own sandbox, and one installs its packages while another judges. */
const LANES = Math.min(2, availableParallelism());

/** `node test/conformance/run.ts [NAME...]`: all judges, or those named. */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => JUDGES.every((judge) => judge.name !== name));
  if (unknown !== undefined) {
    console.error(`There is no judge ${unknown}, only ${JUDGES.map(({ name }) => name).join(", ")}.`);
    return 2;
  }
  const chosen = JUDGES.filter((judge) => names.length === 0 || names.includes(judge.name));
  const root = await mkdtemp(path.join(tmpdir(), "lightly-aws-conformance-"));
  const removeRoot = (): Promise<void> => rm(root, { recursive: true, force: true });
  onInterrupt(removeRoot);
  const totals = { passed: 0, failed: 0, unavailable: 0 };
  const waiting = [...chosen];
  const lane = async (): Promise<void> => {
    for (let judge = waiting.shift(); judge !== undefined; judge = waiting.shift()) {
      const lines: string[] = [];
      // The lines of judges at the same time are not mixed.
      const write = chosen.length === 1 ? console.log : (line: string): void => void lines.push(line);
      const folder = await mkdtemp(path.join(root, "judge-"));
      const tally = await hear({ judge, root: folder, write });
      console.log(lines.join("\n"));
      totals.passed += tally?.passed ?? 0;
      totals.failed += tally?.failed ?? 0;
      totals.unavailable += tally === undefined ? 1 : 0;
    }
  };
  try {
    for (const end of await Promise.allSettled(Array.from({ length: LANES }, lane))) {
      if (end.status === "rejected") {
        throw end.reason;
      }
    }
  } finally {
    await removeRoot();
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  const isIncomplete = totals.unavailable > 0 && isSet(process.env.CI);
  return totals.failed > 0 || isIncomplete ? 1 : 0;
}

/** Runs a judge with a new sandbox. Undefined if the judge can't be set up. */
async function hear(o: {
  readonly judge: Judge;
  readonly root: string;
  readonly write: (line: string) => void;
}): Promise<Tally | undefined> {
  const { judge, root, write } = o;
  const startedAt = Date.now();
  write(`\n${judge.title}`);
  let python: string;
  try {
    python = await pythonEnvironment(judge.requirements, judge.python, write);
  } catch (error) {
    if (error instanceof JudgeUnavailable) {
      write(`SKIP  ${judge.title} ${error.message}`);
      return undefined;
    }
    throw error;
  }
  const tally = new Tally(write);
  const folder = path.join(root, "folder");
  const videosDir = path.join(root, "videos");
  await Promise.all([mkdir(folder), mkdir(videosDir)]);
  const preparedAt = Date.now();
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await startSandbox({ stateDir: path.join(root, "state"), videosDir, delays: DELAYS, worker: "instant" });
    onInterrupt(sandbox.close);
    await judge.run({ python, sandbox, folder, tally });
  } catch (error) {
    tally.fail("the judge comes to its end", error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await sandbox?.close();
  }
  const seconds = (at: number): string => `${((Date.now() - at) / 1000).toFixed(1)} s`;
  write(
    `      ${tally.passed} of ${tally.passed + tally.failed} in ${seconds(preparedAt)} (${seconds(startedAt)} with preparations)`,
  );
  return tally;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}

process.exitCode = await main(process.argv.slice(2));
