import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyBuild } from "./built-package.ts";
import { kill } from "./kinds/kill.ts";
import type { Kind, KindContext } from "./kinds/kind.ts";
import { many } from "./kinds/many.ts";
import { matrix } from "./kinds/matrix.ts";
import { never } from "./kinds/never.ts";
import { redeploy } from "./kinds/redeploy.ts";
import { refuse } from "./kinds/refuse.ts";
import { type ChaosOptions, readOptions } from "./options.ts";
import { complaints, roundLine, summary } from "./report.ts";
import type { RoundResult } from "./round.ts";
import { World } from "./world.ts";

const KINDS: readonly Kind[] = [kill, never, redeploy, refuse, matrix, many];

const HELP = `npm run test:chaos -- [--kills N] [--seed S] [--only KIND] [--round NR] [--all] [--keep]

Runs the example flow against the sandbox, breaks something at a moment that the seed chooses, and judges by the sandbox's own record.

${KINDS.map(({ name, title, count }) => `  ${name.padEnd(9)} ${title} (${count} rounds)`).join("\n")}

  --kills N     so many rounds of the kind "kill"
  --seed S      another plan
  --only KIND   only this kind; may be given several times
  --round NR    only this round of a plan
  --all         every case of a kind instead of a sample
  --keep        keeps journal, record and log of failed rounds below .sandbox/chaos
`;

async function main(options: ChaosOptions, signal: AbortSignal): Promise<boolean> {
  const beganAt = Date.now();
  const root = await mkdtemp(join(tmpdir(), "chaos-"));
  const worlds: World[] = [];
  const results: RoundResult[] = [];
  const close = async (): Promise<void> => {
    for (const world of worlds.splice(0)) {
      await world.destroy();
    }
  };
  try {
    const build = join(root, "package");
    await copyBuild(build);
    for (const kind of KINDS.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
      let opened = 0;
      const context: KindContext = {
        seed: options.seed,
        count: (kind.name === "kill" ? options.kills : undefined) ?? kind.count,
        all: options.all,
        keep: options.keep,
        ...(options.round === undefined ? {} : { round: options.round }),
        open: async (own) => {
          signal.throwIfAborted();
          opened += 1;
          const world = await World.open({ ...own, stateDir: join(root, `${kind.name}-${opened}`), build });
          worlds.push(world);
          return world;
        },
        report: (result) => {
          results.push(result);
          console.log(roundLine(result));
        },
        note: (line) => console.log(`     ${kind.name}: ${line}`),
        signal,
      };
      await Promise.race([kind.run(context), aborted(signal)]);
      await close();
    }
  } finally {
    await close();
    await rm(root, { recursive: true, force: true });
  }
  console.log(`\n${summary(results, Date.now() - beganAt)}`);
  const wrong = complaints(results);
  for (const line of wrong) {
    console.log(line);
  }
  return wrong.length === 0;
}

/** Rejects with the signal's reason, so that nobody waits for a round that was interrupted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
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
      process.on(name, () => interrupted.abort(new Error(`Ended by ${name}.`)));
    }
    process.exitCode = (await main(options, interrupted.signal)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 2;
}
