import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { copyBuild } from "./built-package.ts";
import { clock } from "./kinds/clock.ts";
import { disk } from "./kinds/disk.ts";
import { exit } from "./kinds/exit.ts";
import { failing } from "./kinds/failing.ts";
import { gone } from "./kinds/gone.ts";
import { kill } from "./kinds/kill.ts";
import type { Kind, KindContext } from "./kinds/kind.ts";
import { loss } from "./kinds/loss.ts";
import { many } from "./kinds/many.ts";
import { matrix } from "./kinds/matrix.ts";
import { never } from "./kinds/never.ts";
import { order } from "./kinds/order.ts";
import { redeploy } from "./kinds/redeploy.ts";
import { refuse } from "./kinds/refuse.ts";
import { refused } from "./kinds/refused.ts";
import { retry } from "./kinds/retry.ts";
import { studio } from "./kinds/studio.ts";
import { videos } from "./kinds/videos.ts";
import { type ChaosOptions, readOptions } from "./options.ts";
import { complaints, roundLine, summary } from "./report.ts";
import type { RoundResult } from "./round.ts";
import { World } from "./world.ts";

const KINDS: readonly Kind[] = [
  kill,
  failing,
  retry,
  never,
  redeploy,
  refuse,
  matrix,
  many,
  order,
  gone,
  exit,
  loss,
  refused,
  disk,
  clock,
  studio,
  videos,
];

const HELP = `npm run test:chaos -- [--kills N] [--rounds N] [--seed S] [--only KIND] [--round NR] [--all] [--keep]

Runs the example flow against the sandbox, breaks something at a moment that the seed chooses, and checks by the sandbox's own record.

${KINDS.map(({ name, title, count }) => `  ${name.padEnd(9)} ${title} (${count} rounds)`).join("\n")}

  --kills N     so many rounds of the kind "kill"
  --rounds N    so many rounds of each other kind but "many"
  --seed S      another plan
  --only KIND   only this kind; may be given several times
  --round NR    only this round of a plan
  --all         every case of a kind instead of a sample
  --keep        keeps journal, record and log of failed rounds below .sandbox/chaos
`;

/** Kinds are played in parallel: each has its own sandbox and Node-RED, and durations are not checked. */
const LANES = Math.min(2, availableParallelism());

async function main(options: ChaosOptions, interrupted: AbortSignal): Promise<boolean> {
  const beganAt = Date.now();
  const root = await mkdtemp(join(tmpdir(), "chaos-"));
  const results: RoundResult[] = [];
  const build = join(root, "package");
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  // All processes of all worlds share it: with it a start of Node-RED takes half the time.
  process.env.NODE_COMPILE_CACHE = join(root, "compile-cache");
  const waiting = KINDS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const lane = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      await play({ kind, options, root, build, signal, results }).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
    }
  };
  try {
    await copyBuild(build);
    const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
    for (const end of ends) {
      if (end.status === "rejected") {
        throw signal.reason ?? end.reason;
      }
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  console.log(`\n${summary(results, Date.now() - beganAt)}`);
  const wrong = complaints(results);
  for (const line of wrong) {
    console.log(line);
  }
  return wrong.length === 0;
}

/** Plays all rounds of a kind and closes its worlds, even when it is interrupted. */
async function play(o: {
  readonly kind: Kind;
  readonly options: ChaosOptions;
  readonly root: string;
  readonly build: string;
  readonly signal: AbortSignal;
  readonly results: RoundResult[];
}): Promise<void> {
  const { kind, options, root, build, signal, results } = o;
  const worlds: Array<Promise<World>> = [];
  const context: KindContext = {
    seed: options.seed,
    count: (kind.name === "kill" ? options.kills : options.rounds) ?? kind.count,
    all: options.all,
    keep: options.keep,
    ...(options.round === undefined ? {} : { round: options.round }),
    open: (own) => {
      signal.throwIfAborted();
      const world = World.open({ ...own, stateDir: join(root, `${kind.name}-${worlds.length + 1}`), build });
      worlds.push(world);
      return world;
    },
    report: (result) => {
      // The result of an interrupted round has no meaning.
      if (signal.aborted) {
        return;
      }
      results.push(result);
      console.log(roundLine(result));
    },
    note: (line) => console.log(`     ${kind.name}: ${line}`),
    signal,
  };
  try {
    await Promise.race([kind.run(context), aborted(signal)]);
  } finally {
    for (const opened of await Promise.allSettled(worlds)) {
      if (opened.status === "fulfilled") {
        await opened.value.destroy();
      }
    }
  }
}

/** Rejects with the signal's reason, to end the wait for an interrupted round. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

try {
  const options = readOptions(
    process.argv.slice(2),
    KINDS.map(({ name }) => name),
  );
  if (options.help) {
    console.log(HELP);
  } else {
    const interrupted = new AbortController();
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => interrupted.abort(`Ended by ${name}.`));
    }
    process.exitCode = (await main(options, interrupted.signal)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 2;
}
// All that was started has been ended; an interrupted round may still be waiting for something.
process.exit();
