import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { LimitReached, withinLimit } from "../../../polling/within-limit.ts";
import { CREDENTIALS_LIMIT_MS } from "../clients/request-limits.ts";
import { trackProcesses } from "./child-processes.ts";

type Provider = Extract<NonNullable<S3ClientConfig["credentials"]>, (...args: never) => unknown>;

/** Credentials did not come in time. */
export class CredentialsTimeout extends Error {
  override readonly name = "CredentialsTimeout";
}

/** What {@link limitedCredentials} takes. */
export interface LimitedCredentialsOptions {
  /** Makes a provider; called again after one has hung, since that would have every later request wait for the same answer. */
  readonly make: () => Provider;
  /** Who is asked, as it reads in a sentence: `profile gpu`, `STS at sts.eu-central-1.amazonaws.com for role arn:...`. */
  readonly source: string;
  /** Where a `credential_process` is configured, as it reads in a sentence: `profile gpu`. */
  readonly processOf: string;
  readonly limitMs?: number;
  readonly clock?: Clock;
}

/**
 * A provider of credentials that answers or fails within its limit, a minute: the SDK waits for ever for a process, and for minutes
 * for a server that accepts and is silent. A process that is still running then is ended.
 *
 * @returns the provider; it fails with {@link CredentialsTimeout}, or as the one that was made does
 */
export function limitedCredentials(of: LimitedCredentialsOptions): Provider {
  const { make, limitMs = CREDENTIALS_LIMIT_MS, clock = systemClock } = of;
  let provider: Provider | undefined;
  return async (...args) => {
    provider ??= make();
    const asked = provider;
    const { result, processes } = trackProcesses(async () => await asked(...args));
    const startedAt = clock.now();
    try {
      return await withinLimit({ work: () => result, limitMs, clock });
    } catch (error) {
      const isSilent = error instanceof Error && error.name === "TimeoutError";
      if (!(error instanceof LimitReached) && !isSilent) {
        throw error;
      }
      provider = undefined;
      const waited = formatDuration(clock.now() - startedAt);
      const unanswered = new CredentialsTimeout(describe(of, processes.any, waited), { cause: error });
      processes.end();
      throw unanswered;
    }
  };
}

function describe({ source, processOf }: LimitedCredentialsOptions, isProcess: boolean, waited: string): string {
  return isProcess
    ? `the credential_process of ${processOf} did not end within ${waited} and was ended. Run it by hand, as the user that Node-RED runs as, to see what it waits for.`
    : `${source} gave no credentials within ${waited}. Check that it can be reached from here, and the endpoint if one is set.`;
}
