import type { Judge } from "../judge.ts";
import { runChecks } from "./run-checks.ts";

/** boto3, unmodified, in one Python process. */
export const boto3: Judge = {
  name: "boto3",
  title: "boto3 against the sandbox",
  requirements: "requirements-aws.txt",
  python: { least: 10 },
  run: (setup) => runChecks(setup, "boto3/main.py"),
};
