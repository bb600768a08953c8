import type { Sandbox } from "lightly-aws-sandbox";
import type { PythonRange } from "../../scripts/local/find-python.ts";
import type { Tally } from "./tally.ts";

/** The environment of a judge. */
export interface Setup {
  /** The interpreter of the judge's environment. */
  readonly python: string;
  readonly sandbox: Sandbox;
  /** An empty folder that is removed afterwards. */
  readonly folder: string;
  readonly tally: Tally;
}

/** Third-party software that checks whether the sandbox or the steps behave like AWS or Lightly. */
export interface Judge {
  /** The name on the command line. */
  readonly name: string;
  readonly title: string;
  /** A file of this folder. */
  readonly requirements: string;
  readonly python: PythonRange;
  readonly run: (setup: Setup) => Promise<void>;
}
