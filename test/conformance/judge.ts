import type { Sandbox } from "lightly-aws-sandbox";
import type { PythonRange } from "./python-environment.ts";
import type { Tally } from "./tally.ts";

/** What a judge works with. */
export interface Courtroom {
  /** The interpreter of the judge's own environment. */
  readonly python: string;
  readonly sandbox: Sandbox;
  /** An empty folder that is removed afterwards. */
  readonly folder: string;
  readonly tally: Tally;
}

/** Software by others that says whether the sandbox, or our steps, do what AWS or Lightly do. */
export interface Judge {
  /** By which it is chosen on the command line. */
  readonly name: string;
  readonly title: string;
  /** A file of this folder. */
  readonly requirements: string;
  readonly python: PythonRange;
  readonly run: (courtroom: Courtroom) => Promise<void>;
}
