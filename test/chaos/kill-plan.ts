import { type Calibration, isChange } from "./calibration.ts";
import type { Moment } from "./moment.ts";
import { Choices } from "./seeded.ts";
import type { VideoSize } from "./video-files.ts";

/** When Node-RED is killed in one round. */
export interface KillRound {
  readonly nr: number;
  readonly video: VideoSize;
  readonly first: Moment;
  /** A second kill, counted from the start after the first one. */
  readonly second?: Moment;
}

/** The interval of rounds with a second kill. */
export const SECOND_KILL_EACH = 5;
/** The interval of rounds with the large video. */
const LARGE_EACH = 3;
/** The approximate time from reading the settings to the start of the flows. */
const START_MS = 800;

/**
 * Which rounds to play: a quarter of the kills at any time of the run, a quarter at the writes of the journal one after the other,
 * half of them at requests, each changing one before, in the middle of and after the sandbox's work. The same seed plans the same
 * as long as runs do the same.
 */
export function planKills(seed: number, count: number, calibrations: readonly Calibration[]): KillRound[] {
  const offset = new Choices(seed, "journal").whole(0, 1000);
  const targets = requestTargets(seed, calibrations);
  return Array.from({ length: count }, (_, index): KillRound => {
    const nr = index + 1;
    const choices = new Choices(seed, "kill", nr);
    const usual =
      (index % LARGE_EACH === LARGE_EACH - 1 ? calibrationOf(calibrations, "large") : undefined) ?? calibrations[0];
    if (usual === undefined) {
      throw new Error("Nothing was measured.");
    }
    const round = ((): Omit<KillRound, "nr"> => {
      switch (index % 4) {
        case 0:
          return { video: usual.video, first: { by: "time", ms: choices.number(0, usual.lengthMs) } };
        case 2:
          return { video: usual.video, first: journalMoment(usual, offset + (index - 2) / 4) };
        default: {
          const target = targets[((index - 1) / 2) % targets.length];
          return target ? target(choices) : { video: usual.video, first: { by: "time", ms: 0 } };
        }
      }
    })();
    return nr % SECOND_KILL_EACH === 0 ? { nr, ...round, second: secondMoment(choices, usual) } : { nr, ...round };
  });
}

/** The kills of one round, for a flow with one calibration. */
export function killsOf(seed: number, nr: number, calibration: Calibration): KillRound {
  const round = planKills(seed, nr, [calibration]).at(-1);
  if (round === undefined) {
    throw new Error(`There is no round ${nr}.`);
  }
  return round;
}

function calibrationOf(calibrations: readonly Calibration[], video: VideoSize): Calibration | undefined {
  return calibrations.find((one) => one.video === video);
}

/** Iterates over all writes once, in an order that soon includes early and late ones. */
function journalMoment({ journalWrites }: Calibration, turn: number): Moment {
  const all = Math.max(1, journalWrites * 2);
  const at = (turn * coprimeStep(all)) % all;
  return { by: "journal", nth: 1 + Math.floor(at / 2), phase: at % 2 === 0 ? "started" : "done" };
}

/** A step near the golden section that has no divisor in common with `all`. */
function coprimeStep(all: number): number {
  let step = Math.max(1, Math.round(all * 0.618));
  while (divisor(step, all) !== 1) {
    step += 1;
  }
  return step;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

type Target = (choices: Choices) => { readonly video: VideoSize; readonly first: Moment };

/** All moments of a request, in an order that depends on the seed. Changing requests come first. */
function requestTargets(seed: number, calibrations: readonly Calibration[]): Target[] {
  const choices = new Choices(seed, "requests");
  const known = new Set<string>();
  const changes: Target[] = [];
  const looks: Target[] = [];
  for (const { video, operations } of calibrations) {
    for (const { service, operation, count } of operations) {
      const key = `${service} ${operation}`;
      if (known.has(key)) {
        continue;
      }
      known.add(key);
      const phases = isChange(operation) ? (["arrived", "answering", "answered"] as const) : (["answered"] as const);
      for (const phase of phases) {
        const target: Target = (own) => ({
          video,
          first: {
            by: "request",
            operation,
            phase,
            nth: own.whole(1, count),
            delayMs: phase === "answered" ? own.whole(0, 15) : 0,
          },
        });
        (isChange(operation) ? changes : looks).push(target);
      }
    }
  }
  return [...choices.shuffled(changes), ...choices.shuffled(looks)];
}

/** A second kill: during the restart of Node-RED, or while the run continues. */
export function secondMoment(choices: Choices, { lengthMs }: Calibration): Moment {
  return choices.whole(0, 1) === 0
    ? { by: "start", ms: choices.number(0, START_MS) }
    : { by: "time", ms: choices.number(0, lengthMs) };
}
