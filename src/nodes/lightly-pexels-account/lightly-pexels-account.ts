import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import { registerConfigured } from "../shared/configuration/configured-nodes.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";
import { connectPexels, type PexelsAccountForm, type PexelsSecrets } from "./connect-pexels.ts";

type PexelsAccountDef = NodeDef & PexelsAccountForm;

/** A Pexels account: provides an API client. */
export interface PexelsAccountNode extends Node<PexelsSecrets> {
  readonly type: "lightly-pexels-account";
  /** @throws PipelineError `PEXELS_KEY_MISSING` or `VARIABLE_UNDEFINED` */
  client(): Promise<PexelsClient>;
}

export default function pexelsAccount(red: NodeAPI): void {
  red.nodes.registerType<PexelsAccountNode, PexelsAccountDef, object, PexelsSecrets>(
    "lightly-pexels-account",
    function (this: PexelsAccountNode, def: PexelsAccountDef) {
      red.nodes.createNode(this, def);
      registerConfigured(red, this, def);
      this.client = () => connectPexels(this, def);
    },
    { credentials: { apiKey: { type: "password" }, proxy: { type: "text" } } },
  );
}
