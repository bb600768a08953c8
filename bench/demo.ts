import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import type { Bench, Figure } from "./benchmark.ts";

const WARM_REPETITIONS = 2;

export const demo = {
  name: "demo",
  title: "`npm run demo` from the command to its end, build included",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  bench.say("without clips");
  const cold = await runDemo(bench);
  const warm: number[] = [];
  for (let round = 1; round <= WARM_REPETITIONS; round += 1) {
    bench.say(`with clips, ${round} of ${WARM_REPETITIONS}`);
    warm.push(await runDemo(bench));
  }
  return [
    { name: "the first time (the clips are made)", unit: "s", values: [cold], goal: { most: 60 } },
    { name: "repeated", unit: "s", values: warm, goal: { most: 60 } },
  ];
}

async function runDemo({ folder, signal }: Bench): Promise<number> {
  const startedAt = performance.now();
  const child = spawn("npm", ["run", "demo", "--", "--state", join(folder, "state")], {
    cwd: PACKAGE_ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    // In a new process group: npm does not forward every signal to its child.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const end = (): void => void (child.pid && process.kill(-child.pid, "SIGINT"));
  signal.addEventListener("abort", end);
  const [code] = (await once(child, "exit")) as [number | null];
  signal.removeEventListener("abort", end);
  signal.throwIfAborted();
  if (code !== 0) {
    throw new Error(`The demo failed:\n${output}`);
  }
  return (performance.now() - startedAt) / 1000;
}
