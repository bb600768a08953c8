import type { Judge } from "../judge.ts";
import { runChecks } from "./run-checks.ts";

/**
 * The sandbox's Batch beside moto's, for what moto can judge: resources, requests, ids, lists by name, and the reader of logs. moto's jobs have no
 * states over time, no attempts, limits or exit codes, and run nothing.
 */
export const batch: Judge = {
  name: "batch",
  title: "The sandbox's Batch beside moto's",
  requirements: "requirements-cloudformation.txt",
  python: { least: 10 },
  run: (setup) => runChecks(setup, "batch/beside_moto.py"),
};
