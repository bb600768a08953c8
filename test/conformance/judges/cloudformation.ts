import type { Judge } from "../judge.ts";
import { runChecks } from "./run-checks.ts";

/** The template of deploy/aws, checked by cfn-lint and created in moto. */
export const cloudformation: Judge = {
  name: "cloudformation",
  title: "The CloudFormation template against cfn-lint and moto",
  requirements: "requirements-cloudformation.txt",
  python: { least: 10 },
  run: (setup) => runChecks(setup, "cloudformation/stack.py"),
};
