import { PipelineError } from "../../errors/pipeline-error.ts";
import type { LightlyClient } from "../../services/lightly/lightly-client.ts";
import { resolvedSetting, setting } from "../shared/account-settings.ts";
import type { Node, NodeAPI, NodeDef } from "../shared/node-red.ts";

interface Secrets {
  token?: string;
}

interface LightlyAccountDef extends NodeDef {
  readonly server?: string;
  readonly pollIntervalSeconds?: string | number;
}

/** A Lightly account: lends an API client and says how often to look at a run. */
export interface LightlyAccountNode extends Node<Secrets> {
  readonly type: "lightly-lightly-account";
  /** @throws PipelineError `LIGHTLY_TOKEN_MISSING` or `VARIABLE_UNDEFINED` */
  connect(): Promise<{ client: LightlyClient; pollMs: number }>;
  /** Where the Lightly app shows the account's datasets and runs; undefined for a server of one's own. */
  appAddress(): string | undefined;
}

/** The public server asks for 30 s between two looks; another one is somebody's own. */
const OTHER_SERVER_POLL_MS = 2_000;
const PUBLIC_SERVER = "https://api.lightly.ai";
const PUBLIC_APP = "https://app.lightly.ai";

export default function lightlyAccount(red: NodeAPI): void {
  red.nodes.registerType<LightlyAccountNode, LightlyAccountDef, object, Secrets>(
    "lightly-lightly-account",
    function (this: LightlyAccountNode, def: LightlyAccountDef) {
      red.nodes.createNode(this, def);
      this.connect = async () => {
        const { createLightlyClient, LIGHTLY_PUBLIC_SERVER, PUBLIC_POLL_MS } = await import(
          "../../services/lightly/lightly-client.ts"
        );
        const server =
          resolvedSetting(this, "server", def.server) ??
          setting(process.env.LIGHTLY_SERVER_LOCATION) ??
          LIGHTLY_PUBLIC_SERVER;
        const usualPollMs = URL.parse(server)?.origin === LIGHTLY_PUBLIC_SERVER ? PUBLIC_POLL_MS : OTHER_SERVER_POLL_MS;
        const wantedPollMs = Number(def.pollIntervalSeconds) * 1000;
        return {
          client: createLightlyClient({ token: tokenOf(this), server }),
          pollMs: wantedPollMs > 0 ? wantedPollMs : usualPollMs,
        };
      };
      this.appAddress = () => {
        const server = setting(def.server) ?? setting(process.env.LIGHTLY_SERVER_LOCATION) ?? PUBLIC_SERVER;
        return URL.parse(server)?.origin === PUBLIC_SERVER ? PUBLIC_APP : undefined;
      };
    },
    { credentials: { token: { type: "password" } } },
  );
}

function tokenOf(account: LightlyAccountNode): string {
  const token = resolvedSetting(account, "token", account.credentials?.token) ?? setting(process.env.LIGHTLY_TOKEN);
  if (token === undefined) {
    throw new PipelineError(
      "LIGHTLY_TOKEN_MISSING",
      `The account "${account.name || account.type}" has no API token, and LIGHTLY_TOKEN is not set. Copy the token from the Lightly app's preferences.`,
    );
  }
  return token;
}
