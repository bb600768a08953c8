import type { S3Client } from "@aws-sdk/client-s3";
import type { MiddlewareClient } from "../clients/sdk-middleware.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";

type Credentials = Awaited<ReturnType<S3Client["config"]["credentials"]>>;

/** The part of an SDK client that is used here. */
interface SigningClient extends MiddlewareClient {
  readonly config: {
    readonly credentials: (options?: { readonly forceRefresh?: boolean }) => Promise<Credentials>;
  };
}

const SESSION_OVER = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]);

/**
 * Makes a client refresh its credentials and repeat a request when AWS reports that they have expired. The SDK refreshes them five
 * minutes before they expire, but only if it knows when that is and the clocks agree: with a profile whose file is renewed, or a
 * session that was revoked, every waiting step would fail.
 *
 * If there are no new credentials, the error of AWS is thrown.
 *
 * @returns the same client
 */
export function refreshExpiredCredentials<T extends SigningClient>(client: T): T {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const isOver = SESSION_OVER.has(readAwsError(error).name) && isRepeatable(args.input);
        if (!isOver || !(await hasNewCredentials(client, signedWith(context)))) {
          throw error;
        }
        return await next(args);
      }
    },
    { name: "refreshExpiredCredentials", step: "initialize" },
  );
  return client;
}

/** Another request may have refreshed them already. */
async function hasNewCredentials({ config }: SigningClient, used: Credentials | undefined): Promise<boolean> {
  try {
    return !isSame(await config.credentials(), used) || !isSame(await config.credentials({ forceRefresh: true }), used);
  } catch {
    // The response of AWS to the request says more than the error of the source.
    return false;
  }
}

function isSame(one: Credentials, other: Credentials | undefined): boolean {
  return one.accessKeyId === other?.accessKeyId && one.sessionToken === other.sessionToken;
}

/** The credentials that a request was signed with, from the context of the SDK's middleware. */
export function signedWith(context: object): Credentials | undefined {
  const { __smithy_context: smithy } = context as {
    __smithy_context?: { selectedHttpAuthScheme?: { identity?: Credentials } };
  };
  return smithy?.selectedHttpAuthScheme?.identity;
}

/** Whether a request can be sent again with its input: a stream that was read is empty. */
export function isRepeatable(input: unknown): boolean {
  const { Body: body } = (input ?? {}) as { Body?: unknown };
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}
