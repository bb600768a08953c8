import path from "node:path";
import type { Judge } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { relay } from "../relay.ts";
import { runProcess } from "../run-process.ts";

/** boto3, unmodified, in one Python process. */
export const boto3: Judge = {
  name: "boto3",
  title: "boto3 against the sandbox",
  requirements: "requirements-aws.txt",
  python: { least: 10 },
  async run(setup) {
    const { python, tally } = setup;
    const script = path.join(import.meta.dirname, "boto3/main.py");
    const environment = judgeEnvironment(setup);
    await relay(tally, async (onLine) => {
      const end = await runProcess({ command: python, args: [script], environment, timeoutMs: 300_000, onLine });
      process.stderr.write(end.stderr);
      return end.code;
    });
  },
};
