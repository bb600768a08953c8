import { PipelineError } from "../../errors/pipeline-error.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import { type FilledAccount, resolvedSetting, setting } from "../shared/account-settings.ts";

/** What a Pexels account keeps apart from the flow. */
export interface PexelsSecrets {
  apiKey?: string;
}

/** The fields of a Pexels account's form. */
export interface PexelsAccountForm {
  readonly apiUrl?: string;
}

const PUBLIC_API = "https://api.pexels.com";

/**
 * Makes a client from a Pexels account's form.
 *
 * @throws PipelineError `PEXELS_KEY_MISSING`, `VARIABLE_UNDEFINED`, or `INPUT_INVALID` for the base URL
 */
export async function connectPexels(
  account: FilledAccount<PexelsSecrets>,
  def: PexelsAccountForm,
): Promise<PexelsClient> {
  const apiKey = keyOf(account);
  const apiUrl = resolvedSetting(account, "apiUrl", def.apiUrl) ?? setting(process.env.PEXELS_API_URL) ?? PUBLIC_API;
  const { createPexelsClient } = await import("../../services/pexels/pexels-client.ts");
  return createPexelsClient({ apiKey, apiUrl });
}

function keyOf(account: FilledAccount<PexelsSecrets>): string {
  const key = resolvedSetting(account, "apiKey", account.credentials?.apiKey) ?? setting(process.env.PEXELS_API_KEY);
  if (key === undefined) {
    throw new PipelineError(
      "PEXELS_KEY_MISSING",
      `The account "${account.name || account.type}" has no API key, and PEXELS_API_KEY is not set. Keys are free at https://www.pexels.com/api/.`,
    );
  }
  return key;
}
