import type { S3Client } from "@aws-sdk/client-s3";
import { isRepeatable } from "../credentials/refresh-credentials.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";
import type { MiddlewareClient } from "./sdk-middleware.ts";

/** What this needs of an SDK client. */
interface SigningClient extends MiddlewareClient {
  /** By how many milliseconds the SDK takes this machine's clock to be behind AWS's. */
  readonly config: Pick<S3Client["config"], "systemClockOffset">;
}

/** What the services call a signature of another time; some call a wrong secret the same. */
const WRONG_TIME = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);
/** AWS accepts signatures that are off by five minutes; less than that is no reason for a refusal. */
const JUMP_MS = 4 * 60_000;

/**
 * Has a client send a request once more when it was refused because this machine's date has jumped since the one before. The SDK learns
 * by how much the date is off from each answer, but repeats a refused request only where the date is wrong now
 * (`AwsSdkSigV4Signer.errorHandler` wants an offset of four minutes): when it was wrong and is right again, as when NTP has mended it,
 * the first request of each client fails.
 *
 * @returns the client itself
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
