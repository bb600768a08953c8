import { toPipelineError } from "../../../../errors/pipeline-error.ts";
import type { RunTrigger } from "../../../../records/run-record.ts";
import { runs } from "../../../../runs/run-registry.ts";
import { nextSteps, nodesAfter } from "../../flow/flow-graph.ts";
import type { Message, Node, NodeAPI } from "../../node-red.ts";

/** The maximum number of messages on their way from a trigger to the first step. */
const MAX_REMEMBERED = 1_000;

/** Node-RED's own ids have 16 characters. Much longer ones are not remembered. */
const MAX_ID_LENGTH = 200;

/** The event of Node-RED's `onSend` hook: https://nodered.org/docs/api/hooks/messaging/ */
interface Sent {
  readonly msg?: { readonly _msgid?: unknown } | null;
  readonly source: { readonly id: string; readonly node: unknown };
}

/**
 * Remembers the trigger of each message that may reach a step. A message does not contain it, and the wires don't show which of two
 * buttons was clicked.
 */
class Triggers {
  readonly #red: NodeAPI;
  readonly #first = new Map<string, RunTrigger>();
  /** Whether the messages of a node may reach a step. Cleared when flows start. */
  readonly #leadsToStep = new Map<string, boolean>();

  constructor(red: NodeAPI) {
    this.#red = red;
    red.events.on("flows:started", () => this.#leadsToStep.clear());
    // Without hooks, as in Node-RED's test helper, triggers are unknown.
    const { hooks } = red as Partial<Pick<NodeAPI, "hooks">>;
    hooks?.add("onSend.lightly-aws", (events: readonly unknown[]) => {
      // A hook that throws drops the message, and this hook sees the messages of all flows.
      try {
        for (const event of events) {
          this.#sent(event as Sent);
        }
      } catch (error) {
        red.log.debug(`The trigger of a message is unknown: ${toPipelineError(error).message}`);
      }
    });
  }

  of(messageId: unknown): RunTrigger | undefined {
    return isId(messageId) ? this.#first.get(messageId) : undefined;
  }

  #sent({ msg, source }: Sent): void {
    const id = msg?._msgid;
    if (!isId(id) || this.#first.has(id) || !this.#mayTrigger(source.id, source.node as Node)) {
      return;
    }
    const { type, name } = source.node as Node;
    this.#first.set(id, { kind: "node", nodeId: source.id, type, name: name || type });
    const [oldest = ""] = this.#first.keys();
    if (this.#first.size > MAX_REMEMBERED) {
      this.#first.delete(oldest);
    }
  }

  #mayTrigger(nodeId: string, node: Node): boolean {
    const known = this.#leadsToStep.get(nodeId);
    if (known !== undefined) {
      return known;
    }
    const leads = !runs.nodes.has(nodeId) && nextSteps(this.#red, nodesAfter(node)).length > 0;
    this.#leadsToStep.set(nodeId, leads);
    return leads;
  }
}

function isId(id: unknown): id is string {
  return typeof id === "string" && id.length <= MAX_ID_LENGTH;
}

// On Node-RED's emitter, which outlives all nodes.
const triggers = new WeakMap<object, Triggers>();

/** Remembers triggers from now on. */
export function watchTriggers(red: NodeAPI): void {
  if (!triggers.has(red.events)) {
    triggers.set(red.events, new Triggers(red));
  }
}

/** Returns the trigger of a message; undefined if it was sent before {@link watchTriggers}. */
export function triggerOf(red: NodeAPI, { _msgid: id }: Message): RunTrigger | undefined {
  return triggers.get(red.events)?.of(id);
}
