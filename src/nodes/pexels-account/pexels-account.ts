import { PipelineError } from "../../errors/pipeline-error.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import { resolvedSetting, setting } from "../shared/account-settings.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";

interface Secrets {
  apiKey?: string;
}

interface PexelsAccountDef extends NodeDef {
  readonly baseUrl?: string;
}

/** A Pexels account: lends an API client. */
export interface PexelsAccountNode extends Node<Secrets> {
  readonly type: "lightly-pexels-account";
  /** @throws PipelineError `PEXELS_KEY_MISSING` or `VARIABLE_UNDEFINED` */
  client(): Promise<PexelsClient>;
}

const PUBLIC_API = "https://api.pexels.com";

export default function pexelsAccount(red: NodeAPI): void {
  red.nodes.registerType<PexelsAccountNode, PexelsAccountDef, object, Secrets>(
    "lightly-pexels-account",
    function (this: PexelsAccountNode, def: PexelsAccountDef) {
      red.nodes.createNode(this, def);
      this.client = async () => {
        const apiKey = keyOf(this);
        const baseUrl =
          resolvedSetting(this, "baseUrl", def.baseUrl) ?? setting(process.env.PEXELS_API_URL) ?? PUBLIC_API;
        const { createPexelsClient } = await import("../../services/pexels/pexels-client.ts");
        return createPexelsClient({ apiKey, baseUrl });
      };
    },
    { credentials: { apiKey: { type: "password" } } },
  );
}

function keyOf(account: PexelsAccountNode): string {
  const key = resolvedSetting(account, "apiKey", account.credentials?.apiKey) ?? setting(process.env.PEXELS_API_KEY);
  if (key === undefined) {
    throw new PipelineError(
      "PEXELS_KEY_MISSING",
      `The account "${account.name || account.type}" has no API key, and PEXELS_API_KEY is not set. Keys are free at https://www.pexels.com/api/.`,
    );
  }
  return key;
}
