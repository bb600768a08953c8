import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { LightlyNode } from "../../nodes/shared/accounts/lightly-node.ts";
import type { RunRecord, StepRecord } from "../../runs/records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { TaggedFrame } from "../../services/lightly/frames/tagged-frames.ts";

/** A frame that a run has selected, with the dataset that contains it. */
export interface SelectedFrame extends TaggedFrame {
  readonly client: LightlyClient;
  readonly datasetId: string;
  /** The distance to the nearest frame that was selected earlier, if the worker's report contains it. */
  readonly distance?: number;
}

/** A selection as the record of a step describes it. */
interface RunSelection {
  readonly nodeId: string;
  readonly datasetId: string;
  readonly tagId: string;
  /** The worker run, whose report contains the distances. */
  readonly workerRunId?: string;
}

interface CachedFrames {
  readonly key: string;
  readonly readAt: number;
  readonly frames: Promise<readonly SelectedFrame[]>;
}

/** A tag of a completed run changes only if a user edits it. */
const FRESH_MS = 10 * 60_000;
const MAX_RUNS = 10;
/** The URLs are not used, so their lifetime does not matter. */
const URL_SECONDS = 3600;
const READ_LIMIT_MS = 60_000;

/** Reads the frames that runs have selected, and caches them, because every request for a picture needs them. */
export class RunFrames {
  readonly #red: NodeAPI;
  readonly #known = new Map<string, CachedFrames>();

  constructor(red: NodeAPI) {
    this.#red = red;
  }

  /**
   * The frames of all selections of a run, in the order of the tags.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_WITHOUT_SELECTION`, `ACCOUNT_MISSING`, and the errors of the Lightly services
   */
  async of(runId: string, signal: AbortSignal): Promise<readonly SelectedFrame[]> {
    signal.throwIfAborted();
    const selections = selectionsOf(runs.find(runId));
    if (selections.length === 0) {
      throw new PipelineError("RUN_WITHOUT_SELECTION", `The run ${runId} has no completed selection.`);
    }
    const key = JSON.stringify(selections);
    const known = this.#known.get(runId);
    if (known?.key === key && Date.now() - known.readAt < FRESH_MS) {
      return known.frames;
    }
    return this.#read(runId, key, selections);
  }

  /** Has its own time limit: the first request may disconnect while others wait for the same frames. */
  #read(runId: string, key: string, selections: readonly RunSelection[]): Promise<readonly SelectedFrame[]> {
    const signal = AbortSignal.timeout(READ_LIMIT_MS);
    const frames = Promise.all(selections.map((selection) => this.#framesOf(selection, signal))).then((all) =>
      all.flat(),
    );
    const known = { key, readAt: Date.now(), frames };
    this.#known.delete(runId);
    this.#known.set(runId, known);
    for (const oldest of [...this.#known.keys()].slice(0, -MAX_RUNS)) {
      this.#known.delete(oldest);
    }
    frames.catch(() => {
      if (this.#known.get(runId) === known) {
        this.#known.delete(runId);
      }
    });
    return frames;
  }

  async #framesOf(
    { nodeId, datasetId, tagId, workerRunId }: RunSelection,
    signal: AbortSignal,
  ): Promise<SelectedFrame[]> {
    const { client } = await this.#accountOf(nodeId).connect();
    const { taggedFrames } = await import("../../services/lightly/frames/tagged-frames.ts");
    const { positionOf: placeOf } = await import("../../services/results/formats.ts");
    const distances = workerRunId === undefined ? undefined : await distancesOf(client, workerRunId, signal);
    const known: SelectedFrame[] = [];
    for await (const page of taggedFrames({ client, datasetId, tagId, urlSeconds: URL_SECONDS, signal })) {
      for (const { readUrl: _secret, ...frame } of page) {
        const distance = distances?.get(frame.fileName);
        known.push({ ...frame, ...placeOf(frame), distance, client, datasetId });
      }
    }
    return known;
  }

  #accountOf(nodeId: string) {
    // According to the published types, getNode never returns null, but it does.
    const node = this.#red.nodes.getNode(nodeId) as Partial<LightlyNode> | null | undefined;
    if (!node?.lightlyAccount) {
      throw new PipelineError(
        "ACCOUNT_MISSING",
        "The node that made the selection was deleted or disabled, so its account is not known. Restore the node, or run the flow again.",
        { details: { nodeId } },
      );
    }
    return node.lightlyAccount();
  }
}

/** Distances are optional: if the report can't be read, frames are shown without them. */
async function distancesOf(
  client: LightlyClient,
  workerRunId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { selectionDistances } = await import("../../services/lightly/frames/selection-distances.ts");
  const { readText } = await import("../../services/http/url/read-text.ts");
  const { hostEntry } = await import("../../services/http/guard/host-allowlist.ts");
  const addresses = { allow: hostEntry(client.server), through: client.connections };
  const read = (url: string): Promise<string> => readText({ url, maxBytes: 32 * 2 ** 20, addresses, signal });
  return selectionDistances({ client, workerRunId, readText: read, signal }).catch(() => undefined);
}

/** Returns the selections that the run has made or, if there are none, those that it has read. */
function selectionsOf({ steps }: RunRecord): RunSelection[] {
  const completed = steps.filter(({ state, replacedBy }) => state === "completed" && replacedBy === undefined);
  const made = completed.filter(({ role }) => role === "select").flatMap(madeBy);
  return made.length > 0 ? made : completed.filter(({ role }) => role === "results").flatMap(readBy);
}

function madeBy({ nodeId, result }: StepRecord): RunSelection[] {
  const { datasetId, workerRunId, tag } = Object(result?.lightly) as Record<string, unknown>;
  const { tagId } = Object(tag) as Record<string, unknown>;
  return isId(datasetId) && isId(tagId)
    ? [{ nodeId, datasetId, tagId, ...(isId(workerRunId) && { workerRunId }) }]
    : [];
}

function readBy({ nodeId, result }: StepRecord): RunSelection[] {
  const { selection } = Object(result?.lightly) as Record<string, unknown>;
  const { datasetId, tagId } = Object(selection) as Record<string, unknown>;
  return isId(datasetId) && isId(tagId) ? [{ nodeId, datasetId, tagId }] : [];
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
