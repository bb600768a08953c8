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
}

/** Lightly asks its clients not to look more often than this; any other server may be asked at will. */
const OTHER_SERVER_POLL_MS = 2_000;

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
        const isPublic = URL.parse(server)?.origin === LIGHTLY_PUBLIC_SERVER;
        const wanted = Number(def.pollIntervalSeconds) * 1000 || (isPublic ? PUBLIC_POLL_MS : OTHER_SERVER_POLL_MS);
        return {
          client: createLightlyClient({ token: tokenOf(this), server }),
          pollMs: isPublic ? Math.max(PUBLIC_POLL_MS, wanted) : wanted,
        };
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
