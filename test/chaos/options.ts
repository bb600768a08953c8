import { parseArgs } from "node:util";

/** The options of the command line. */
export interface ChaosOptions {
  readonly seed: number;
  /** Rounds of the kind `kill`. */
  readonly kills?: number;
  /** Rounds of every other kind without a fixed number. */
  readonly rounds?: number;
  /** Kinds to play; all when empty. */
  readonly only: readonly string[];
  readonly round?: number;
  readonly all: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

/** The default seed. */
const DEFAULT_SEED = 1;

/** Parses the command line. @throws Error with a message for the user */
export function readOptions(args: readonly string[], kinds: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: "string" },
      rounds: { type: "string" },
      seed: { type: "string" },
      only: { type: "string", multiple: true },
      round: { type: "string" },
      all: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const only = (values.only ?? []).flatMap((text) => text.split(","));
  const unknown = only.filter((name) => !kinds.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no kind ${unknown.join(", ")}: the kinds are ${kinds.join(", ")}.`);
  }
  const kills = wholeNumber("--kills", values.kills, 0);
  const rounds = wholeNumber("--rounds", values.rounds, 0);
  const round = wholeNumber("--round", values.round, 1);
  return {
    seed: wholeNumber("--seed", values.seed, 0) ?? DEFAULT_SEED,
    only,
    all: values.all,
    keep: values.keep,
    help: values.help,
    ...(kills === undefined ? {} : { kills }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(round === undefined ? {} : { round }),
  };
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`${name} takes a whole number from ${least} on, not "${text}".`);
  }
  return number;
}
