import {
  currentSteps,
  editorNodeId,
  type RunRecord,
  type StepRecord,
  type StepState,
} from "../../records/run-record.ts";
import { editor, type NodeStatus } from "../host/editor.ts";
import { stateWord } from "../parts/state-icon.ts";
import { stepLine } from "../parts/step-line.ts";

const LOOKS: Readonly<Record<StepState, NodeStatus>> = {
  running: { fill: "blue", shape: "dot" },
  completed: { fill: "green", shape: "dot" },
  failed: { fill: "red", shape: "ring" },
  aborted: { fill: "grey", shape: "ring" },
  interrupted: { fill: "yellow", shape: "ring" },
  skipped: { fill: "grey", shape: "ring" },
};

/**
 * The statuses below the nodes while a run that is over is shown in the panel: those of its steps, instead of those that the runtime has
 * reported last. Steps and debug nodes of its flows that it has not reached, or whose status is about another run, have none. Only this
 * editor shows them. A running run has the statuses of the runtime, which have more details. The nodes of a subflow's template have none of the
 * runtime, because it serves all uses of the subflow: they have those of the shown run.
 */
export class NodeStatuses {
  /** The last status that the runtime has reported, by node. */
  readonly #live = new Map<string, NodeStatus>();
  #shown: ReadonlyMap<string, NodeStatus> = new Map();

  /**
   * Subscribes to the statuses of the runtime. Also the editor itself sets them on the nodes, with their texts translated. It subscribes
   * after the plugins are loaded, so its status is on the node when all subscribers have been called.
   */
  start(): void {
    editor.comms.subscribe("status/#", (topic, status) =>
      queueMicrotask(() => this.#report(topic.split("/")[1] ?? "", status as NodeStatus)),
    );
  }

  #report(nodeId: string, status: NodeStatus): void {
    const shown = this.#shown.get(nodeId);
    const reported = editor.nodes.node(nodeId)?.status ?? status;
    // An earlier call may have replaced it already, if the runtime has sent several at once.
    if (reported !== shown) {
      this.#live.set(nodeId, reported);
    }
    if (shown) {
      put(nodeId, shown);
    }
  }

  /** Shows the states of a run's steps. */
  show(run: RunRecord): void {
    const statuses = run.endedAt === undefined ? inTemplates(run) : statusesOf(run);
    for (const nodeId of this.#shown.keys()) {
      if (!statuses.has(nodeId)) {
        put(nodeId, this.#live.get(nodeId) ?? {});
      }
    }
    this.#shown = statuses;
    for (const [nodeId, status] of statuses) {
      put(nodeId, status);
    }
  }

  /** Shows the statuses of the runtime again. */
  restore(): void {
    for (const nodeId of this.#shown.keys()) {
      put(nodeId, this.#live.get(nodeId) ?? {});
    }
    this.#shown = new Map();
  }
}

/** The status of each node of a run. A subflow node has the one of its last step. */
function statusesOf(run: RunRecord): Map<string, NodeStatus> {
  const statuses = currentSteps(run.steps).map((step): [string, NodeStatus] => [
    editorNodeId(step),
    statusOf(step, run),
  ]);
  const all = [...statuses, ...inTemplates(run)];
  return new Map([...otherNodesThan(all.map(([nodeId]) => nodeId)), ...all]);
}

/** The status of each node of a template. If a run uses a subflow several times, it is that of the last use. */
function inTemplates(run: RunRecord): Map<string, NodeStatus> {
  return new Map(
    currentSteps(run.steps).flatMap((step) =>
      step.templateNodeId === undefined ? [] : [[step.templateNodeId, statusOf(step, run)] as const],
    ),
  );
}

function statusOf(step: StepRecord, { endedAt = Date.now() }: RunRecord): NodeStatus {
  return { ...LOOKS[step.state], text: wordsOf(step, endedAt) };
}

/** Like the statuses of the runtime, these have the code of an error. */
function wordsOf(step: StepRecord, now: number): string {
  switch (step.state) {
    case "skipped":
    case "aborted":
      return stateWord(step.state);
    case "failed":
      return step.error?.code ?? stateWord("failed");
    default:
      return stepLine(step, now);
  }
}

/** An empty status for each step and debug node in the flows of these nodes. The statuses of other nodes are not about a run. */
function otherNodesThan(nodeIds: readonly string[]): [string, NodeStatus][] {
  const flows = new Set(nodeIds.map((nodeId) => editor.nodes.node(nodeId)?.z).filter((z) => z !== undefined));
  return [...flows]
    .flatMap((z) => editor.nodes.filterNodes({ z }))
    .filter(({ type }) => type === "debug" || type.startsWith("lightly-"))
    .map(({ id }) => [id, {}]);
}

function put(nodeId: string, status: NodeStatus): void {
  const node = editor.nodes.node(nodeId);
  if (node) {
    node.status = status;
    node.dirtyStatus = true;
    node.dirty = true;
    editor.view.redrawStatus(node);
  }
}
