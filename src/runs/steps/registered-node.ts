import type { RecordedError, StepRole } from "../../records/run-record.ts";
import type { Step } from "./step.ts";

/** The node of a step, registered from its creation until it closes. */
export interface RegisteredNode {
  readonly type: string;
  readonly role: StepRole;
  /** Continues a step of a previous process or deploy, or starts one that is retried. */
  resume(step: Step, message: unknown): void;
  /** Sends a pending message of a step again. */
  send(message: unknown, output: number): void;
  /** Sends a pending failure of a step to Catch again. */
  sendError(message: unknown, error: RecordedError): void;
  /** Takes over the resources of a completed step of an active run, such as a running instance, after the node was created again. */
  reattach?(step: Step, message: unknown): void;
  /** Whether a message that leaves this node may reach another one. */
  leadsTo(nodeId: string): boolean;
  /** Removes what the node shows about a run that is over, unless it is working on another one. */
  clearStatus?(): void;
}

/** The nodes of all steps, by their ids. */
export class RegisteredNodes {
  readonly #nodes = new Map<string, RegisteredNode>();

  register(nodeId: string, node: RegisteredNode): void {
    this.#nodes.set(nodeId, node);
  }

  /** A node closes. Its successor may have registered already. */
  unregister(nodeId: string, node: RegisteredNode): void {
    if (this.#nodes.get(nodeId) === node) {
      this.#nodes.delete(nodeId);
    }
  }

  get(nodeId: string): RegisteredNode | undefined {
    return this.#nodes.get(nodeId);
  }

  has(nodeId: string): boolean {
    return this.#nodes.has(nodeId);
  }

  /** Whether a message that leaves a node may reach another one. */
  leadsTo(nodeId: string, otherId: string): boolean {
    return this.#nodes.get(nodeId)?.leadsTo(otherId) ?? false;
  }

  /** Whether a node has a role, or may send its messages to such a node. */
  leadsToRole(nodeId: string, role: StepRole): boolean {
    return this.#nodes.get(nodeId)?.role === role || this.leadsToOther(nodeId, role);
  }

  /** Whether a node may send its messages to another node that has a role. */
  leadsToOther(nodeId: string, role: StepRole): boolean {
    return [...this.#nodes].some(([id, node]) => node.role === role && id !== nodeId && this.leadsTo(nodeId, id));
  }

  /** Whether a node may send its messages to a node of a type. */
  leadsToType(nodeId: string, type: string): boolean {
    return [...this.#nodes].some(([id, node]) => node.type === type && this.leadsTo(nodeId, id));
  }
}
