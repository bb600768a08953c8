import type { NodeAPI } from "node-red";
import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsNode } from "../../nodes/shared/accounts/aws-node.ts";
import type { LightlyNode } from "../../nodes/shared/accounts/lightly-node.ts";
import { type Selection, selectionsOf } from "../../records/selections.ts";
import { runs } from "../../runs/run-registry.ts";
import type { SelectedFrame, SelectedFrames } from "../../services/results/selected-frames.ts";

/** A frame that a run has selected, with the selection that it belongs to. */
export interface RunFrame extends SelectedFrame {
  readonly selection: SelectedFrames;
}

/** Reads the frames that a run has selected: see {@link RunFrames.of}. */
export type FramesOf = (runId: string, signal: AbortSignal) => Promise<readonly RunFrame[]>;

interface CachedFrames {
  readonly key: string;
  readonly readAt: number;
  readonly frames: Promise<readonly RunFrame[]>;
}

/** A tag of a completed run changes only if a user edits it, a manifest never. */
const FRESH_MS = 10 * 60_000;
const MAX_RUNS = 10;
const READ_LIMIT_MS = 60_000;

/** Reads the frames that runs have selected, and caches them, because every request for a picture needs them. */
export class RunFrames {
  readonly #red: NodeAPI;
  readonly #known = new Map<string, CachedFrames>();

  constructor(red: NodeAPI) {
    this.#red = red;
  }

  /**
   * The frames of all selections of a run, in the order of the tags or of the selection.
   *
   * @throws PipelineError `RUN_NOT_FOUND`, `RUN_WITHOUT_SELECTION`, `ACCOUNT_MISSING`, and the errors of the engine's services
   */
  async of(runId: string, signal: AbortSignal): Promise<readonly RunFrame[]> {
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
  #read(runId: string, key: string, selections: readonly Selection[]): Promise<readonly RunFrame[]> {
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

  async #framesOf(selection: Selection, signal: AbortSignal): Promise<RunFrame[]> {
    const selected = await openSelection(this.#red, selection, signal);
    const known: RunFrame[] = [];
    for await (const page of selected.frames({ signal })) {
      known.push(...page.map((frame) => ({ ...frame, selection: selected })));
    }
    return known;
  }
}

/** Opens a selection with the account of the node that made it. */
async function openSelection(red: NodeAPI, selection: Selection, signal: AbortSignal): Promise<SelectedFrames> {
  // According to the published types, getNode never returns null, but it does.
  const node = red.nodes.getNode(selection.nodeId) as Partial<LightlyNode & AwsNode> | null | undefined;
  if (selection.engine === "studio") {
    const clients = await (node?.awsAccount ?? withoutNode(selection))().clients();
    const { studioFrames } = await import("../../services/results/studio-frames.ts");
    const location = { output: selection.output, runId: selection.studioRunId };
    return studioFrames({ clients, location, signal });
  }
  const { client } = await (node?.lightlyAccount ?? withoutNode(selection))().connect();
  const { platformFrames } = await import("../../services/results/platform-frames.ts");
  return platformFrames({ client, ...selection });
}

function withoutNode({ nodeId }: Selection): () => never {
  return () => {
    throw new PipelineError(
      "ACCOUNT_MISSING",
      "The node that made the selection was deleted or disabled, so its account is not known. Restore the node, or run the flow again.",
      { details: { nodeId } },
    );
  };
}
