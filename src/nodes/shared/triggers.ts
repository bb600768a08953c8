import type { RunTrigger } from "../../runs/records/run-record.ts";
import { runs } from "../../runs/run-registry.ts";
import { behind, nextSteps } from "./flow-graph.ts";
import type { Message, Node, NodeAPI } from "./node-red.ts";

/** So many messages may be on their way from a trigger to its first step. */
const MOST_REMEMBERED = 1_000;

/** A node that has sent a message, as Node-RED's `onSend` hook tells of it: https://nodered.org/docs/api/hooks/messaging/ */
interface Sent {
  readonly msg: { readonly _msgid?: string };
  readonly source: { readonly id: string; readonly node: unknown };
}

/**
 * Remembers in which node each message began that may come to a step. A message does not say so itself, and of two buttons that
 * lead to the same step the wires don't tell which one was clicked.
 */
class Triggers {
  readonly #red: NodeAPI;
  readonly #first = new Map<string, RunTrigger>();
  /** Whether what a node sends may come to a step; until the flows start anew. */
  readonly #leadsToStep = new Map<string, boolean>();

  constructor(red: NodeAPI) {
    this.#red = red;
    red.events.on("flows:started", () => this.#leadsToStep.clear());
    // Where flows are run without hooks, as by Node-RED's test helper, triggers are unknown.
    const { hooks } = red as Partial<Pick<NodeAPI, "hooks">>;
    hooks?.add("onSend.lightly-aws", (events: readonly unknown[]) => {
      for (const event of events) {
        this.#sent(event as Sent);
      }
    });
  }

  of(messageId: string): RunTrigger | undefined {
    return this.#first.get(messageId);
  }

  #sent({ msg: { _msgid: id }, source }: Sent): void {
    if (id === undefined || this.#first.has(id) || !this.#mayTrigger(source.id, source.node as Node)) {
      return;
    }
    const { type, name } = source.node as Node;
    this.#first.set(id, { kind: "node", nodeId: source.id, type, name: name || type });
    const [oldest = ""] = this.#first.keys();
    if (this.#first.size > MOST_REMEMBERED) {
      this.#first.delete(oldest);
    }
  }

  #mayTrigger(nodeId: string, node: Node): boolean {
    const known = this.#leadsToStep.get(nodeId);
    if (known !== undefined) {
      return known;
    }
    const leads = !runs.isOpen(nodeId) && nextSteps(this.#red, behind(node)).length > 0;
    this.#leadsToStep.set(nodeId, leads);
    return leads;
  }
}

// By Node-RED's own emitter, which outlives all nodes.
const triggers = new WeakMap<object, Triggers>();

/** Has triggers remembered from now on. */
export function watchTriggers(red: NodeAPI): void {
  if (!triggers.has(red.events)) {
    triggers.set(red.events, new Triggers(red));
  }
}

/** The node in which a message began; undefined if that was before anybody watched. */
export function triggerOf(red: NodeAPI, { _msgid: id }: Message): RunTrigger | undefined {
  return triggers.get(red.events)?.of(id);
}
