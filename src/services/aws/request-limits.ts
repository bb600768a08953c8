/**
 * Time limits of every AWS request, in milliseconds, for the `requestHandler` of a client. The SDK has none by default, and
 * `requestTimeout` alone only logs a warning: `throwOnRequestTimeout` makes it fail the request.
 *
 * A silent connection ends after 30 s (`socketTimeout`). The limit of a whole request is long because an upload's part is one
 * request too: 64 MiB on a slow line take minutes.
 */
export const REQUEST_LIMITS: {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly socketTimeout: number;
  readonly throwOnRequestTimeout: true;
} = {
  connectionTimeout: 10_000,
  requestTimeout: 900_000,
  socketTimeout: 30_000,
  throwOnRequestTimeout: true,
};
