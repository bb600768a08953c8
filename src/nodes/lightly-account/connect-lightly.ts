import { PipelineError } from "../../errors/pipeline-error.ts";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import { connectionsOf } from "../shared/accounts/account-connections.ts";
import { type FilledAccount, readSettings, setting } from "../shared/accounts/account-settings.ts";
import { fields } from "./fields.ts";

/** The credentials of a Lightly account. */
export interface LightlySecrets {
  token?: string;
  proxy?: string;
}

/** The values of a Lightly account's form. */
export type LightlyAccountForm = { readonly [K in keyof typeof fields]?: unknown };

/** The default poll interval of a private server: short, because an instance costs money. For its public server, Lightly requires 30 s. */
const OTHER_SERVER_POLL_MS = 1_000;

/**
 * Creates a client from a Lightly account's form.
 *
 * @throws PipelineError `LIGHTLY_TOKEN_MISSING`, `VARIABLE_UNDEFINED`, or `INPUT_INVALID` for the server
 */
export async function connectLightly(
  account: FilledAccount<LightlySecrets>,
  def: LightlyAccountForm,
): Promise<{ client: LightlyClient; pollMs: number }> {
  const { createLightlyClient, LIGHTLY_PUBLIC_SERVER, PUBLIC_POLL_MS } = await import(
    "../../services/lightly/client/lightly-client.ts"
  );
  const settings = readSettings(account, def, fields, "token", "apiUrl", "pollSeconds", "proxy", "caFile");
  const token = settings.token ?? setting(process.env.LIGHTLY_TOKEN);
  if (token === undefined) {
    throw new PipelineError(
      "LIGHTLY_TOKEN_MISSING",
      `The account "${account.name || account.type}" has no API token, and LIGHTLY_TOKEN is not set. Copy the token from the Lightly app's preferences.`,
    );
  }
  const server = settings.apiUrl ?? setting(process.env.LIGHTLY_SERVER_LOCATION) ?? LIGHTLY_PUBLIC_SERVER;
  const usualPollMs = URL.parse(server)?.origin === LIGHTLY_PUBLIC_SERVER ? PUBLIC_POLL_MS : OTHER_SERVER_POLL_MS;
  return {
    client: createLightlyClient({ token, server, connections: await connectionsOf(account, settings) }),
    pollMs: settings.pollMs ?? usualPollMs,
  };
}
