import type { Fact } from "./facts/fact.ts";
import type { InstanceGuards } from "./instances/instance-guards.ts";
import type { Leases } from "./instances/leases.ts";
import type { Saved } from "./journal/run-file.ts";
import type { StepDoor } from "./steps/step-door.ts";
import type { Urgency } from "./steps/step-run.ts";

/** What a run needs of the registry that holds it; `R` is the run. */
export interface RunSurroundings<R> {
  readonly now: () => number;
  /** Milliseconds since some fixed moment: for time spans, whatever is done to the date of the machine. */
  readonly monotonicNow: () => number;
  readonly onChange: (run: R, urgency: Urgency) => void;
  /** Resolves when the run is on the disk as it is now, or with why it is not. */
  readonly saved: (run: R) => Promise<Saved>;
  /** Why the disk does not have the run as it was at the last save. */
  readonly refusalOf: (run: R) => Saved;
  readonly tellEveryRun: (fact: Fact) => void;
  /** Calls back once, so many milliseconds later; keeps no process alive. */
  readonly later: (ms: number, callback: () => void) => void;
  readonly leases: Leases;
  readonly guards: InstanceGuards;
  readonly isOnForARun: (instanceId: string) => boolean;
  /** The runs that began before this one and go on. */
  readonly earlierThan: (run: R) => R[];
  /** How many runs go on. */
  readonly countUnderWay: () => number;
  /** The nodes of a type that are there. */
  readonly nodesOfType: (type: string) => string[];
  readonly doorOf: (nodeId: string) => StepDoor | undefined;
  /** Resolves at the next change of any run. */
  readonly nextChange: (signal: AbortSignal) => Promise<void>;
}
