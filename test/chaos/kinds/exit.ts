import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { calibrate } from "../calibration.ts";
import { cleanUp } from "../clean-up.ts";
import { awaitOff } from "../ending.ts";
import { quickFlow } from "../quick-flow.ts";
import { playRound } from "../round.ts";
import { Choices } from "../seeded.ts";
import type { World } from "../world.ts";
import { type Kind, type KindContext, roundNumbers } from "./kind.ts";

const LIMIT_MS = 60_000;
/** How long a worker may take to take the run after the end of its script. */
const WORKER_MINUTES = 0.15;
const MAX_MS = 1500;

/** A variant of the worker's script, and the expected end of the run. */
interface Script {
  readonly what: string;
  readonly text: (ready: string, choices: Choices) => string;
  /** The possible codes of the failed run; empty if it completes. */
  readonly codes: readonly string[];
}

const NO_WORKER = ["LIGHTLY_NO_WORKER"];
/** The step that detects it first: the one that has sent the command, or the one that waits for the worker. */
const FAILED = ["SSM_COMMAND_FAILED", "LIGHTLY_WORKER_ENDED"];

const SCRIPTS: readonly Script[] = [
  { what: "exits 0 at once, without a worker", text: () => "exit 0\n", codes: NO_WORKER },
  {
    what: "exits 0 after a while, without a worker",
    text: (_, choices) => `sleep ${seconds(choices)}\nexit 0\n`,
    codes: NO_WORKER,
  },
  {
    what: "fails after a while, without a worker",
    text: (_, choices) => `sleep ${seconds(choices)}\nexit ${choices.whole(1, 127)}\n`,
    codes: FAILED,
  },
  { what: "ends while its worker runs in the background", text: inBackground(""), codes: [] },
  { what: "ends a while before its worker begins", text: inBackground("sleep 0.5"), codes: [] },
];

/** The worker's script ends in different ways: the run completes, or fails once and soon, and the instance is stopped. */
export const exit: Kind = {
  name: "exit",
  title: "the worker's script ends without a worker, or before it",
  count: 3,
  run: async (context) => {
    const world = await context.open({
      flow: quickFlow({ "lightly-run": { workerTimeoutMinutes: String(WORKER_MINUTES) } }),
    });
    await calibrate(world, "small");
    const scripts = new Choices(context.seed, "exit").shuffled(SCRIPTS);
    for (const nr of roundNumbers({ ...context, count: context.all ? SCRIPTS.length : context.count })) {
      const script = scripts[(nr - 1) % scripts.length];
      if (script !== undefined) {
        context.signal.throwIfAborted();
        await play(context, world, nr, script);
      }
    }
  },
};

async function play({ seed, keep, report }: KindContext, world: World, nr: number, script: Script): Promise<void> {
  const { what, text, codes } = script;
  const { stateDir, sandbox } = world;
  const file = join(stateDir, "sandbox", "instances", sandbox.instanceId, "home", "ubuntu", "run.sh");
  const ready = readFileSync(file, "utf8");
  const result = await playRound({
    world,
    kind: "exit",
    nr,
    seed,
    what: `the script ${what}`,
    video: "small",
    expectation: { runs: 1, outcome: codes.length === 0 ? "completed" : "over" },
    limitMs: LIMIT_MS,
    keep,
    play: async () => {
      writeFileSync(file, text(ready, new Choices(seed, "exit", nr)));
      await world.trigger();
      return undefined;
    },
    end: ({ runs }) => awaitOff(world, { before: runs, expected: 1, limitMs: LIMIT_MS }),
    moreChecks: ({ runs }) =>
      runs
        .filter(({ error }) => codes.length > 0 && !codes.includes(error?.code ?? ""))
        .map(({ state, error }) => `the run ${state} with ${error?.code}, where it fails with ${codes.join(" or ")}`),
  });
  writeFileSync(file, ready);
  report(result);
  if (result.verdict === "failed") {
    await cleanUp(world);
  }
}

/** The ready-made script in a background shell. */
function inBackground(first: string): Script["text"] {
  return (ready) =>
    ["cat > behind.sh <<'SCRIPT'", first, ready, "SCRIPT", "nohup sh behind.sh >/dev/null 2>&1 &", "exit 0", ""].join(
      "\n",
    );
}

function seconds(choices: Choices): string {
  return (choices.whole(0, MAX_MS) / 1000).toFixed(2);
}
