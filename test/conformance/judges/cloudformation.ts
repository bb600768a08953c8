import path from "node:path";
import type { Judge } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { relay } from "../relay.ts";
import { runProcess } from "../run-process.ts";

/** The template of deploy/aws, checked by cfn-lint and created in moto. */
export const cloudformation: Judge = {
  name: "cloudformation",
  title: "The CloudFormation template against cfn-lint and moto",
  requirements: "requirements-cloudformation.txt",
  python: { least: 10 },
  async run(setup) {
    const { python, tally } = setup;
    const script = path.join(import.meta.dirname, "cloudformation/stack.py");
    const environment = judgeEnvironment(setup);
    await relay(tally, async (onLine) => {
      const end = await runProcess({ command: python, args: [script], environment, timeoutMs: 300_000, onLine });
      process.stderr.write(end.stderr);
      return end.code;
    });
  },
};
