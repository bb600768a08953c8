import type { RunState, StepState } from "../../runs/records/run-record.ts";

/** How a run or step is shown: a completed one whose Lightly run ended otherwise is not like the other completed ones. */
export type ShownState<S extends RunState | StepState = RunState> = S | "otherwise";

/** @param endedOtherwise - how its Lightly run ended, unless as it should */
export function shownState<S extends RunState | StepState>({
  state,
  endedOtherwise,
}: {
  readonly state: S;
  readonly endedOtherwise?: string | undefined;
}): ShownState<S> {
  return endedOtherwise === undefined ? state : "otherwise";
}
