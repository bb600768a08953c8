import { currentSteps, editorNodeId, type RunRecord, type StepState } from "../../runs/records/run-record.ts";
import { editor, type NodeStatus } from "../parts/editor.ts";
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
 * reported last. Only this editor shows them. A running run has the statuses of the runtime, which tell more.
 */
export class NodeStatuses {
  /** The last status that the runtime has reported, by node. */
  readonly #live = new Map<string, NodeStatus>();
  #shown: ReadonlyMap<string, NodeStatus> = new Map();

  /** Subscribes to the statuses of the runtime. Also the editor itself sets them on the nodes, before this does. */
  start(): void {
    editor.comms.subscribe("status/#", (topic, status) => {
      const nodeId = topic.split("/")[1] ?? "";
      this.#live.set(nodeId, { ...(editor.nodes.node(nodeId)?.status ?? (status as NodeStatus)) });
      const shown = this.#shown.get(nodeId);
      if (shown) {
        put(nodeId, shown);
      }
    });
  }

  /** Shows the states of a run's steps. */
  show(run: RunRecord): void {
    const statuses = run.endedAt === undefined ? new Map<string, NodeStatus>() : statusesOf(run);
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
  const now = run.endedAt ?? Date.now();
  return new Map(
    currentSteps(run.steps).map((step) => {
      const words = step.state === "skipped" || step.state === "aborted" ? stateWord(step.state) : stepLine(step, now);
      return [editorNodeId(step), { ...LOOKS[step.state], text: words }];
    }),
  );
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
