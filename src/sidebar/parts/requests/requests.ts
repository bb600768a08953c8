import type { BlockedActions, RunAction } from "../../../records/blocked-actions.ts";
import type { RunRecord } from "../../../records/run-record.ts";
import type { RunSummary } from "../../../records/run-summary.ts";
import { host } from "../../host/host.ts";

export type { BlockedActions, RunAction };

/** The web consoles that show the resources of an account. Empty for an account with another endpoint. */
export interface AccountPages {
  readonly consoleRegion?: string;
  readonly appUrl?: string;
}

/** The runs that have changed since the last request. */
export interface RunChanges {
  /** The `since` of the next request. */
  readonly cursor: number;
  /** Whether `changed` contains all runs. */
  readonly isFull: boolean;
  readonly changed: readonly RunSummary[];
  /** The ids of runs that no longer exist. */
  readonly removed: readonly string[];
}

/** @param since - the cursor of the last response; undefined for all runs */
export function fetchChanges(since: number | undefined): Promise<RunChanges> {
  return host().request("GET", `lightly-aws/changes?since=${since ?? ""}`);
}

/** A run, and the actions that are not possible now. */
export interface ShownRun extends RunRecord {
  readonly blocked: BlockedActions;
}

export function fetchRun(runId: string): Promise<ShownRun> {
  return host().request("GET", pathOf(runId));
}

/** The message that a step has received; absent if it was not saved. */
export interface StepInput {
  readonly message?: Readonly<Record<string, unknown>>;
  /** The parts that were not saved, by their path, and why. An empty path stands for further parts. */
  readonly omitted: readonly { readonly path: readonly string[]; readonly why: string }[];
}

/** @param stepId - the id of the run, a slash, and the number of the step */
export function fetchInput(stepId: string): Promise<StepInput> {
  const end = stepId.lastIndexOf("/");
  const [runId, number] = [stepId.slice(0, end), stepId.slice(end + 1)];
  return host().request("GET", `${pathOf(runId)}/steps/${number}/input`);
}

/** The web consoles of all accounts, by node id. */
export function fetchAccounts(): Promise<Record<string, AccountPages>> {
  return host().request("GET", "lightly-aws/accounts");
}

/** Performs an action and returns the run; for `rerun`, the new one. */
export function act(runId: string, action: Exclude<RunAction, "delete">): Promise<RunRecord> {
  return host().request("POST", `${pathOf(runId)}/${action}`);
}

/** Starts a run again. @param inputs - edited messages, by the number of the step that receives them */
export function rerunWith(runId: string, inputs: Readonly<Record<string, object>>): Promise<RunRecord> {
  return host().request("POST", `${pathOf(runId)}/rerun`, { inputs });
}

export function deleteRun(runId: string): Promise<{ readonly runId: string }> {
  return host().request("DELETE", pathOf(runId));
}

/** Returns the address of a zip file with all selected frames, which works once. */
export async function framesArchive(runId: string): Promise<string> {
  const { url } = await host().request<{ url: string }>("POST", `${pathOf(runId)}/frames/download`);
  return host().address(url);
}

function pathOf(runId: string): string {
  return `lightly-aws/runs/${encodeURIComponent(runId)}`;
}
