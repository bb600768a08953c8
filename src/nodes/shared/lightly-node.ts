import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import type { Node } from "./node-red.ts";

/** A step that works with a Lightly account, and tells which: the gallery of a run's frames reads by it. */
export interface LightlyNode<TSecrets extends object = object> extends Node<TSecrets> {
  /** @throws PipelineError `ACCOUNT_MISSING` */
  lightlyAccount: () => LightlyAccountNode;
}
