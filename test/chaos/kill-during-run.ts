import { awaitEnd } from "./ending.ts";
import type { Before } from "./evidence.ts";
import { injectAt, type Moment } from "./moment.ts";
import type { World } from "./world.ts";

/** Starts something with the round's run, and kills Node-RED at the moment, or at the end of the run if that comes first. */
export async function killDuringRun(
  world: World,
  { runs }: Pick<Before, "runs">,
  moment: Moment,
  limitMs: number,
  begin: () => Promise<unknown>,
): Promise<void> {
  const injection = injectAt(world, moment, () => world.kill());
  const over = new AbortController();
  const started = begin().catch(() => undefined);
  const ended = awaitEnd(world, { before: runs, expected: 1, limitMs, signal: over.signal });
  await Promise.race([injection.injected, ended]);
  over.abort();
  injection.cancel();
  await world.kill();
  await Promise.all([started, ended]);
}

/** Kills Node-RED again, while it starts or while the run continues. */
export async function killAgain(
  world: World,
  before: Pick<Before, "runs">,
  moment: Moment,
  limitMs: number,
): Promise<void> {
  if (moment.by === "start") {
    await world.startAndKill(moment.ms);
  } else {
    await killDuringRun(world, before, moment, limitMs, () => world.start());
  }
}
