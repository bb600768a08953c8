import type { S3Client } from "@aws-sdk/client-s3";
import { isRepeatable } from "../credentials/refresh-credentials.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/** The part of an SDK client that is used here. */
interface SigningClient extends MiddlewareClient {
  /** The number of milliseconds by which the SDK assumes the clock of this machine to be behind that of AWS. */
  readonly config: Pick<S3Client["config"], "systemClockOffset">;
}

/** Codes for a signature with a wrong time; some services use them for a wrong secret too. */
const WRONG_TIME = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);
/** AWS accepts signatures that differ by five minutes; a smaller jump is not the reason of a refusal. */
const JUMP_MS = 4 * 60_000;

/**
 * Makes a client repeat a request that was refused because the date of this machine has jumped since the previous one. The SDK learns the
 * offset of the date from each response, but repeats a refused request only if the date is wrong now (`AwsSdkSigV4Signer.errorHandler`
 * requires an offset of four minutes). If it was wrong and is correct again, after NTP has set it, the first request of each client fails.
 *
 * @returns the same client
 */
export function retryClockJumps<T extends SigningClient>(client: T): T {
  const { config } = client;
  client.middlewareStack.add(
    (next) => async (args) => {
      const before = config.systemClockOffset;
      try {
        return await next(args);
      } catch (error) {
        const hasJumped = Math.abs(config.systemClockOffset - before) >= JUMP_MS;
        if (!hasJumped || !WRONG_TIME.has(readAwsError(error).name) || !isRepeatable(args.input)) {
          throw error;
        }
        return await next(args);
      }
    },
    { name: "retryClockJumps", step: "initialize" },
  );
  return client;
}
