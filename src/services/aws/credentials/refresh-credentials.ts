import type { S3Client } from "@aws-sdk/client-s3";
import type { MiddlewareClient } from "../clients/sdk-middleware.ts";
import { readAwsError } from "../errors/aws-error-facts.ts";

type Credentials = Awaited<ReturnType<S3Client["config"]["credentials"]>>;

/** What this needs of an SDK client. */
interface SigningClient extends MiddlewareClient {
  readonly config: {
    readonly credentials: (options?: { readonly forceRefresh?: boolean }) => Promise<Credentials>;
  };
}

const SESSION_OVER = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]);

/**
 * Has a client ask for new credentials when AWS says that those of a request have expired, and send it once more. The SDK refreshes
 * them five minutes before their end, but only where it knows of one and where both clocks agree: a profile's file that somebody
 * renews, or a session that was revoked, would fail every step that waits.
 *
 * Where there are no others, AWS's answer stands.
 *
 * @returns the client itself
 */
export function refreshExpiredCredentials<T extends SigningClient>(client: T): T {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const isOver = SESSION_OVER.has(readAwsError(error).name) && isRepeatable(args.input);
        if (!isOver || !(await hasOthers(client, signedWith(context)))) {
          throw error;
        }
        return await next(args);
      }
    },
    { name: "refreshExpiredCredentials", step: "initialize" },
  );
  return client;
}

/** Another request may have fetched them already. */
async function hasOthers({ config }: SigningClient, used: Credentials | undefined): Promise<boolean> {
  try {
    return !isSame(await config.credentials(), used) || !isSame(await config.credentials({ forceRefresh: true }), used);
  } catch {
    // AWS's answer to the request says more than what is wrong with the source.
    return false;
  }
}

function isSame(one: Credentials, other: Credentials | undefined): boolean {
  return one.accessKeyId === other?.accessKeyId && one.sessionToken === other.sessionToken;
}

/** With whose identity a request was signed, as the SDK notes it in the context of its middleware. */
export function signedWith(context: object): Credentials | undefined {
  const { __smithy_context: notes } = context as {
    __smithy_context?: { selectedHttpAuthScheme?: { identity?: Credentials } };
  };
  return notes?.selectedHttpAuthScheme?.identity;
}

/** Whether a request's input is as it was before it was sent: a stream that was read is empty. */
export function isRepeatable(input: unknown): boolean {
  const { Body: body } = (input ?? {}) as { Body?: unknown };
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}
