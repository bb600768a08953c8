import type { RunRecord } from "../../runs/records/run-record.ts";
import type { RunSummary } from "../../runs/records/run-summary.ts";
import { text } from "./editor.ts";

/** An action of the admin API for a run. */
export type RunAction = "abort" | "retry" | "rerun";

/** The web consoles that show the resources of an account. Empty for an account with another endpoint. */
export interface AccountPages {
  readonly consoleRegion?: string;
  readonly appUrl?: string;
}

/** A failed request: the message of the server, and its code if there is one. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
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
  return request("GET", `lightly-aws/changes?since=${since ?? ""}`);
}

export function fetchRun(runId: string): Promise<RunRecord> {
  return request("GET", `lightly-aws/runs/${encodeURIComponent(runId)}`);
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
  return request("GET", `lightly-aws/runs/${encodeURIComponent(runId)}/steps/${number}/input`);
}

/** The web consoles of all accounts, by node id. */
export function fetchAccounts(): Promise<Record<string, AccountPages>> {
  return request("GET", "lightly-aws/accounts");
}

/** Performs an action and returns the run; for `rerun`, the new one. */
export function act(runId: string, action: RunAction): Promise<RunRecord> {
  return request("POST", `lightly-aws/runs/${encodeURIComponent(runId)}/${action}`);
}

/** Uses jQuery because the editor has configured its base URL and access token. */
function request<T>(method: string, url: string): Promise<T> {
  return new Promise((done, failed) => {
    // The admin API accepts only JSON, as a protection against cross-site request forgery.
    const body = method === "POST" ? { contentType: "application/json", data: "{}" } : {};
    $.ajax({ method, url, dataType: "json", headers: { Accept: "application/json" }, ...body }).then(
      (answer: T) => done(answer),
      ({ status, statusText, responseJSON = {} }: JQuery.jqXHR) => {
        // Without a response, jQuery's text is only "error".
        const fallback = status === 0 ? text("noConnection") : `${status} ${statusText}`;
        const { code = `HTTP_${status}`, message = fallback } = responseJSON as { code?: string; message?: string };
        failed(new RequestError(code, message));
      },
    );
  });
}
