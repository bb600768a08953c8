import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";
import { LimitReached, withinLimit } from "../../../polling/within-limit.ts";
import { CREDENTIALS_LIMIT_MS } from "../clients/request-limits.ts";
import { trackProcesses } from "./child-processes.ts";

type Provider = Extract<NonNullable<S3ClientConfig["credentials"]>, (...args: never) => unknown>;

export interface LimitedCredentialsOptions {
  /** Creates a provider; called again after one has hung, because that one would let later requests wait for the same response. */
  readonly createProvider: () => Provider;
  /** The source, as a sentence begins with it: `Profile gpu`, `STS at sts.eu-central-1.amazonaws.com`. */
  readonly source: string;
  /** Where a `credential_process` is configured, as part of a sentence: `profile gpu`. */
  readonly processOf: string;
  readonly limitMs?: number;
  readonly clock?: Clock;
}

/**
 * Creates a provider of credentials that responds or fails within a limit, by default a minute: the SDK waits without a limit for a
 * process, and for minutes for a server that does not respond. A process that still runs at the limit is ended.
 *
 * @returns the provider; it fails with `AWS_CREDENTIALS_TIMED_OUT`, or with the error of the created one
 */
export function limitedCredentials(of: LimitedCredentialsOptions): Provider {
  const { createProvider, limitMs = CREDENTIALS_LIMIT_MS, clock = systemClock } = of;
  let provider: Provider | undefined;
  return async (...args) => {
    provider ??= createProvider();
    const current = provider;
    const { result, processes } = trackProcesses(async () => await current(...args));
    const startedAt = clock.now();
    try {
      return await withinLimit({ work: () => result, limitMs, clock });
    } catch (error) {
      if (!(error instanceof LimitReached)) {
        throw error;
      }
      provider = undefined;
      const waited = formatDuration(clock.now() - startedAt);
      const message = describe(of, processes.any, waited);
      processes.end();
      throw new PipelineError("AWS_CREDENTIALS_TIMED_OUT", message, { retryable: true, cause: error });
    }
  };
}

function describe({ source, processOf }: LimitedCredentialsOptions, isProcess: boolean, waited: string): string {
  return isProcess
    ? `The credential_process of ${processOf} did not end within ${waited} and was stopped. Run it yourself, as the user of Node-RED, to see what it waits for.`
    : `${source} did not return credentials within ${waited}. Check that it can be reached from this machine, and the endpoint if one is set.`;
}
