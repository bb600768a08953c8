import { awaitEnd } from "./ending.ts";
import type { Before } from "./evidence.ts";
import { type Moment, strikeAt } from "./moment.ts";
import type { World } from "./world.ts";

/** Has Node-RED begin something with the round's run, and kills it at the moment; when the run is over before that has come, then. */
export async function strikeDuringRun(
  world: World,
  { runs }: Pick<Before, "runs">,
  moment: Moment,
  limitMs: number,
  begin: () => Promise<unknown>,
): Promise<void> {
  const strike = strikeAt(world, moment, () => world.kill());
  const over = new AbortController();
  const begun = begin().catch(() => undefined);
  const ended = awaitEnd(world, { before: runs, expected: 1, limitMs, signal: over.signal });
  await Promise.race([strike.struck, ended]);
  over.abort();
  strike.cancel();
  await world.kill();
  await Promise.all([begun, ended]);
}

/** Kills Node-RED once more, while it starts or while the run goes on. */
export async function strikeAgain(
  world: World,
  before: Pick<Before, "runs">,
  moment: Moment,
  limitMs: number,
): Promise<void> {
  if (moment.by === "start") {
    await world.startAndKill(moment.ms);
  } else {
    await strikeDuringRun(world, before, moment, limitMs, () => world.start());
  }
}
