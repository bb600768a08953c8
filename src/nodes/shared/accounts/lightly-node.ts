import type { LightlyAccountNode } from "../../lightly-account/lightly-account.ts";
import type { Node } from "../node-red.ts";

/** A step with a Lightly account. The gallery of a run reads its frames with that account. */
export interface LightlyNode<TSecrets extends object = object> extends Node<TSecrets> {
  /** @throws PipelineError `ACCOUNT_MISSING` */
  lightlyAccount: () => LightlyAccountNode;
}
