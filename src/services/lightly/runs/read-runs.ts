import { PipelineError } from "../../../errors/pipeline-error.ts";
import { SharedRequests, type Turn, type WaitOptions } from "../../../polling/shared-requests.ts";
import { type LightlyClient, minPauseMs } from "../client/lightly-client.ts";
import { parseRuns, parseScheduledRuns } from "../client/responses.ts";
import type { LightlyRunReport, ScheduledRunRef } from "./lightly-run-report.ts";
import { OPEN_RUN, readRun, reportOfRun } from "./read-run.ts";

/** What Lightly reports about one scheduled run: its report, or the error for it alone. */
type RunResponse = PromiseSettledResult<LightlyRunReport>;

/** Up to this number of runs, requests for each of them are fewer than lists. */
const FEW_RUNS = 2;
/** The largest page of Lightly's API. */
const PAGE_SIZE = 5000;
/** The account may have many old runs. */
const MAX_PAGES = 4;
const shared = new WeakMap<LightlyClient, SharedRequests<RunResponse>>();

/**
 * Reads the state of a scheduled run like {@link readRun}, without retries. Waits for many runs share the lists of all worker runs and of
 * all open scheduled runs, so that the number of requests does not grow with the runs; see {@link SharedRequests}.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function readSharedRun(
  client: LightlyClient,
  run: ScheduledRunRef,
  signal: AbortSignal,
  wait: WaitOptions,
): Promise<LightlyRunReport> {
  let requests = shared.get(client);
  if (!requests) {
    requests = new SharedRequests<RunResponse>({
      limit: Number.POSITIVE_INFINITY,
      isOneKeysFault: () => false,
      throttledFor: (error) =>
        error instanceof PipelineError && error.code === "LIGHTLY_RATE_LIMITED" ? minPauseMs(error) : undefined,
      request: (keys, abortSignal, turn) => new RunReader(client, abortSignal, turn).read(keys.map(parseKey)),
    });
    shared.set(client, requests);
  }
  const key = keyOf(run);
  const response = (await requests.get([key], signal, wait)).get(key);
  if (response?.status !== "fulfilled") {
    throw response?.reason;
  }
  return response.value;
}

class RunReader {
  readonly #client: LightlyClient;
  readonly #signal: AbortSignal;
  readonly #turn: Turn;

  constructor(client: LightlyClient, signal: AbortSignal, turn: Turn) {
    this.#client = client;
    this.#signal = signal;
    this.#turn = turn;
  }

  async read(runs: readonly ScheduledRunRef[]): Promise<Map<string, RunResponse>> {
    const found = new Map<string, LightlyRunReport>();
    const ids = new Set(runs.map(({ scheduledRunId }) => scheduledRunId));
    const isWorthAList = (): boolean => ids.size - found.size > FEW_RUNS;
    if (isWorthAList()) {
      await this.#listWorkerRuns(ids, found);
    }
    if (isWorthAList()) {
      await this.#listOpenRuns(ids, found);
    }
    const responses = new Map<string, RunResponse>();
    for (const run of runs) {
      const report = found.get(run.scheduledRunId);
      responses.set(keyOf(run), report ? { status: "fulfilled", value: report } : await this.#readOne(run));
    }
    return responses;
  }

  async #listWorkerRuns(ids: ReadonlySet<string>, found: Map<string, LightlyRunReport>): Promise<void> {
    for (let page = 0; page < MAX_PAGES && found.size < ids.size; page += 1) {
      const runs = await this.#list(async () =>
        parseRuns(
          await this.#client.request({
            ...{ method: "GET", path: "/v1/docker/runs", attempts: 1, signal: this.#signal },
            query: [
              ["pageSize", String(PAGE_SIZE)],
              ["pageOffset", String(page * PAGE_SIZE)],
            ],
          }),
        ),
      );
      for (const run of runs) {
        if (run.scheduledId && ids.has(run.scheduledId)) {
          found.set(run.scheduledId, reportOfRun(this.#client, run));
        }
      }
      if (runs.length < PAGE_SIZE) {
        return;
      }
    }
  }

  async #listOpenRuns(ids: ReadonlySet<string>, found: Map<string, LightlyRunReport>): Promise<void> {
    const open = await this.#list(async () =>
      parseScheduledRuns(
        await this.#client.request({
          ...{ method: "GET", path: "/v1/docker/worker/schedule", attempts: 1, signal: this.#signal },
          query: [
            ["state", "OPEN"],
            ["includeUnlockableRuns", "true"],
          ],
        }),
      ),
    );
    for (const { id } of open) {
      if (ids.has(id) && !found.has(id)) {
        found.set(id, OPEN_RUN);
      }
    }
  }

  /** A list that Lightly refuses is empty: then each run is read by itself. */
  async #list<T>(request: () => Promise<T[]>): Promise<T[]> {
    await this.#turn();
    try {
      return await request();
    } catch (error) {
      this.#throwIfForAll(error);
      return [];
    }
  }

  async #readOne(run: ScheduledRunRef): Promise<RunResponse> {
    await this.#turn();
    try {
      const value = await readRun({ ...run, client: this.#client, attempts: 1, signal: this.#signal });
      return { status: "fulfilled", value };
    } catch (reason) {
      this.#throwIfForAll(reason);
      return { status: "rejected", reason };
    }
  }

  #throwIfForAll(error: unknown): void {
    if (this.#signal.aborted || !(error instanceof PipelineError) || error.retryable || FOR_ALL.has(error.code)) {
      throw error;
    }
  }
}

/** Errors that concern the token, and so all runs. */
const FOR_ALL: ReadonlySet<string> = new Set(["LIGHTLY_UNAUTHORIZED"]);

function keyOf({ datasetId, scheduledRunId }: ScheduledRunRef): string {
  return `${datasetId} ${scheduledRunId}`;
}

function parseKey(key: string): ScheduledRunRef {
  const [datasetId = "", scheduledRunId = ""] = key.split(" ");
  return { datasetId, scheduledRunId };
}
