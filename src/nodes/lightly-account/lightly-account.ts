import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import { setting } from "../shared/accounts/account-settings.ts";
import { registerConfigured } from "../shared/configuration/configured-nodes.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";
import { connectLightly, type LightlyAccountForm, type LightlySecrets } from "./connect-lightly.ts";

type LightlyAccountDef = NodeDef & LightlyAccountForm;

/** A Lightly account: provides an API client and the poll interval. */
export interface LightlyAccountNode extends Node<LightlySecrets> {
  readonly type: "lightly-account";
  /** @throws PipelineError `LIGHTLY_TOKEN_MISSING` or `VARIABLE_UNDEFINED` */
  connect(): Promise<{ client: LightlyClient; pollMs: number }>;
  /** The address of the Lightly app with the account's datasets and runs; undefined for a private server. */
  appAddress(): string | undefined;
}

const PUBLIC_SERVER = "https://api.lightly.ai";
const PUBLIC_APP = "https://app.lightly.ai";

export default function lightlyAccount(red: NodeAPI): void {
  red.nodes.registerType<LightlyAccountNode, LightlyAccountDef, object, LightlySecrets>(
    "lightly-account",
    function (this: LightlyAccountNode, def: LightlyAccountDef) {
      red.nodes.createNode(this, def);
      registerConfigured(red, this, def);
      let connection: ReturnType<typeof connectLightly> | undefined;
      // One client for all steps, so that they share its limit of concurrent requests.
      this.connect = () => {
        connection ??= connectLightly(this, def).catch((error: unknown) => {
          connection = undefined;
          throw error;
        });
        return connection;
      };
      this.appAddress = () => {
        const server = setting(def.apiUrl) ?? setting(process.env.LIGHTLY_SERVER_LOCATION) ?? PUBLIC_SERVER;
        return URL.parse(server)?.origin === PUBLIC_SERVER ? PUBLIC_APP : undefined;
      };
    },
    { credentials: { token: { type: "password" }, proxy: { type: "text" } } },
  );
}
