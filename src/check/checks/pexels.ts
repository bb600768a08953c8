import { checkPexelsKey } from "../../services/pexels/check-key.ts";
import type { PexelsClient } from "../../services/pexels/pexels-client.ts";
import { failure, ok, type Result, warning } from "../finding.ts";

/** Checks the key with one request, which counts to its quota. */
export async function checkPexels(client: PexelsClient, account: string, signal: AbortSignal): Promise<Result> {
  try {
    const { remaining, limit } = await checkPexelsKey(client, signal);
    const left =
      remaining === undefined ? "" : ` Requests left: ${remaining}${limit === undefined ? "" : ` of ${limit}`}.`;
    return remaining === 0
      ? warning(account, `Pexels accepts the key, but its quota is used up.${left}`)
      : ok(account, `Pexels accepts the key.${left}`);
  } catch (error) {
    return failure(account, error);
  }
}
