import { PipelineError } from "../../errors/pipeline-error.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import { connectionsOf } from "../shared/accounts/account-connections.ts";
import { type FilledAccount, readSettings, setting } from "../shared/accounts/account-settings.ts";
import { fields } from "./fields.ts";

/** The credentials of a Pexels account. */
export interface PexelsSecrets {
  apiKey?: string;
  proxy?: string;
}

/** The values of a Pexels account's form. */
export type PexelsAccountForm = { readonly [K in keyof typeof fields]?: unknown };

const PUBLIC_API = "https://api.pexels.com";

/**
 * Creates a client from a Pexels account's form.
 *
 * @throws PipelineError `PEXELS_KEY_MISSING`, `VARIABLE_UNDEFINED`, or `INPUT_INVALID` for the base URL
 */
export async function connectPexels(
  account: FilledAccount<PexelsSecrets>,
  def: PexelsAccountForm,
): Promise<PexelsClient> {
  const settings = readSettings(account, def, fields, "apiKey", "apiUrl", "proxy", "caFile");
  const apiKey = settings.apiKey ?? setting(process.env.PEXELS_API_KEY);
  if (apiKey === undefined) {
    throw new PipelineError(
      "PEXELS_KEY_MISSING",
      `The account "${account.name || account.type}" has no API key, and PEXELS_API_KEY is not set. Keys are free at https://www.pexels.com/api/.`,
    );
  }
  const apiUrl = settings.apiUrl ?? setting(process.env.PEXELS_API_URL) ?? PUBLIC_API;
  const { createPexelsClient } = await import("../../services/pexels/pexels-client.ts");
  return createPexelsClient({ apiKey, apiUrl, connections: await connectionsOf(account, settings) });
}
