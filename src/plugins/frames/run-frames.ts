import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { LightlyNode } from "../../nodes/shared/lightly-node.ts";
import type { RunRecord, StepRecord } from "../../runs/records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { TaggedFrame } from "../../services/lightly/frames/tagged-frames.ts";

/** A frame that a run has selected, and where it is known. */
export interface KnownFrame extends TaggedFrame {
  readonly client: LightlyClient;
  readonly datasetId: string;
  /** To the nearest frame that was selected before it, as far as the worker's report tells. */
  readonly distance?: number;
}

/** What a step has left in its record. */
interface Selection {
  readonly nodeId: string;
  readonly datasetId: string;
  readonly tagId: string;
  /** Lightly's run, whose report tells distances. */
  readonly workerRunId?: string;
}

interface Known {
  readonly key: string;
  readonly readAt: number;
  readonly frames: Promise<readonly KnownFrame[]>;
}

/** A tag of a run that is over does not change, unless somebody edits it. */
const FRESH_MS = 10 * 60_000;
const MAX_RUNS = 10;
/** The URLs are not used; an hour is the least that makes sense. */
const URL_SECONDS = 3600;
const READ_LIMIT_MS = 60_000;

/** Reads what runs have selected, and remembers it for a while: each picture asks for it. */
export class RunFrames {
  readonly #red: NodeAPI;
  readonly #known = new Map<string, Known>();

  constructor(red: NodeAPI) {
    this.#red = red;
  }

  /**
   * The frames of all selections of a run, in the order of the tags.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_WITHOUT_SELECTION`, `ACCOUNT_MISSING`, and what Lightly's services throw
   */
  async of(runId: string, signal: AbortSignal): Promise<readonly KnownFrame[]> {
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

  /** Whoever asked first may go away; the others still wait. */
  #read(runId: string, key: string, selections: readonly Selection[]): Promise<readonly KnownFrame[]> {
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

  async #framesOf({ nodeId, datasetId, tagId, workerRunId }: Selection, signal: AbortSignal): Promise<KnownFrame[]> {
    const { client } = await this.#accountOf(nodeId).connect();
    const { taggedFrames } = await import("../../services/lightly/frames/tagged-frames.ts");
    const { placeOf } = await import("../../services/results/formats.ts");
    const distances = workerRunId === undefined ? undefined : await distancesOf(client, workerRunId, signal);
    const known: KnownFrame[] = [];
    for await (const page of taggedFrames({ client, datasetId, tagId, urlSeconds: URL_SECONDS, signal })) {
      for (const { readUrl: _secret, ...frame } of page) {
        const distance = distances?.get(frame.fileName);
        known.push({ ...frame, ...placeOf(frame), distance, client, datasetId });
      }
    }
    return known;
  }

  #accountOf(nodeId: string) {
    // The published types say that getNode always finds something; it does not.
    const node = this.#red.nodes.getNode(nodeId) as Partial<LightlyNode> | null | undefined;
    if (!node?.lightlyAccount) {
      throw new PipelineError(
        "ACCOUNT_MISSING",
        "The node that made the selection is gone or disabled, so that nobody knows with which account to read it.",
        { details: { nodeId } },
      );
    }
    return node.lightlyAccount();
  }
}

/** Distances are an extra: frames are shown without them where the report can't be read. */
async function distancesOf(
  client: LightlyClient,
  workerRunId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { selectionDistances } = await import("../../services/lightly/frames/selection-distances.ts");
  const { readText } = await import("../../services/http/url/read-text.ts");
  const { hostEntry } = await import("../../services/http/guard/host-allowlist.ts");
  const addresses = { allow: hostEntry(client.server) };
  const read = (url: string): Promise<string> => readText({ url, maxBytes: 32 * 2 ** 20, addresses, signal });
  return selectionDistances({ client, workerRunId, readText: read, signal }).catch(() => undefined);
}

/** What the run's lightly-run steps have selected; if there are none, what its lightly-results steps have read. */
function selectionsOf({ steps }: RunRecord): Selection[] {
  const done = steps.filter(({ state, replacedBy }) => state === "completed" && replacedBy === undefined);
  const made = done.filter(({ type }) => type === "lightly-run").flatMap(madeBy);
  return made.length > 0 ? made : done.filter(({ type }) => type === "lightly-results").flatMap(readBy);
}

function madeBy({ nodeId, result }: StepRecord): Selection[] {
  const { datasetId, workerRunId, tag } = Object(result?.lightly) as Record<string, unknown>;
  const { tagId } = Object(tag) as Record<string, unknown>;
  return isId(datasetId) && isId(tagId)
    ? [{ nodeId, datasetId, tagId, ...(isId(workerRunId) && { workerRunId }) }]
    : [];
}

function readBy({ nodeId, result }: StepRecord): Selection[] {
  const { selection } = Object(result?.lightly) as Record<string, unknown>;
  const { datasetId, tagId } = Object(selection) as Record<string, unknown>;
  return isId(datasetId) && isId(tagId) ? [{ nodeId, datasetId, tagId }] : [];
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
