import type { RunRecord } from "../../runs/records/run-record.ts";
import type { RunSummary } from "../../runs/records/run-summary.ts";
import { text } from "./editor.ts";

/** What can be done with a run. */
export type RunAction = "abort" | "retry" | "rerun";

/** Where the web pages of an account's work are; nowhere for one with an endpoint of its own. */
export interface Place {
  readonly region?: string;
  readonly app?: string;
}

/** An answer that is none: what the server said, and its code if it gave one. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What has changed since an editor last asked. */
export interface RunNews {
  readonly at: number;
  /** All runs are in `changed`. */
  readonly isAll: boolean;
  readonly changed: readonly RunSummary[];
  /** Runs that are forgotten. */
  readonly gone: readonly string[];
}

/** @param since - `at` of the last news; undefined for all runs */
export function fetchNews(since: number | undefined): Promise<RunNews> {
  return request("GET", `lightly-aws/news?since=${since ?? ""}`);
}

export function fetchRun(runId: string): Promise<RunRecord> {
  return request("GET", `lightly-aws/runs/${encodeURIComponent(runId)}`);
}

/** The message that a step has received; without it when nobody has kept it. */
export interface StepInput {
  readonly message?: Readonly<Record<string, unknown>>;
  /** What of it was not kept, by the names that lead there, and why; without a name for what further there is. */
  readonly omitted: readonly { readonly path: readonly string[]; readonly why: string }[];
}

/** @param stepId - the run's id, and the step's number behind the last slash */
export function fetchInput(stepId: string): Promise<StepInput> {
  const end = stepId.lastIndexOf("/");
  const [runId, number] = [stepId.slice(0, end), stepId.slice(end + 1)];
  return request("GET", `lightly-aws/runs/${encodeURIComponent(runId)}/steps/${number}/input`);
}

/** Of all accounts, by their ids. */
export function fetchPlaces(): Promise<Record<string, Place>> {
  return request("GET", "lightly-aws/places");
}

/** Does it, and answers the run; of `again`, the new one. */
export function act(runId: string, action: RunAction): Promise<RunRecord> {
  return request("POST", `lightly-aws/runs/${encodeURIComponent(runId)}/${action}`);
}

/** By jQuery, to which the editor has taught where the admin API is and which token it wants. */
function request<T>(method: string, url: string): Promise<T> {
  return new Promise((done, failed) => {
    // What changes something is sent as JSON: the runtime takes nothing else, since any site's page could send it.
    const sent = method === "POST" ? { contentType: "application/json", data: "{}" } : {};
    $.ajax({ method, url, dataType: "json", headers: { Accept: "application/json" }, ...sent }).then(
      (answer: T) => done(answer),
      ({ status, statusText, responseJSON = {} }: JQuery.jqXHR) => {
        // Without any answer jQuery's own text says nothing: "error".
        const otherwise = status === 0 ? text("noConnection") : `${status} ${statusText}`;
        const { code = `HTTP_${status}`, message = otherwise } = responseJSON as { code?: string; message?: string };
        failed(new RequestError(code, message));
      },
    );
  });
}
