/** Time limits of a client's requests for its `requestHandler`, in milliseconds. */
export interface RequestLimits {
  /** Until the connection is established. Longer than the limit of a proxy, whose error says more. */
  readonly connectionTimeout: number;
  /** From sending to the headers of the response, for one attempt; the SDK makes three. */
  readonly requestTimeout: number;
  /** Longest time without data on a connection. */
  readonly socketTimeout: number;
  /** `requestTimeout` alone only logs a warning. */
  readonly throwOnRequestTimeout: true;
}

/** Requests to S3. The SDK has no limits by default. The limit is long because the upload of a part is one request: 64 MiB take minutes. */
export const REQUEST_LIMITS: RequestLimits = {
  connectionTimeout: 12_000,
  requestTimeout: 900_000,
  socketTimeout: 30_000,
  throwOnRequestTimeout: true,
};

/** Requests to EC2, SSM, Batch and CloudWatch Logs. */
export const CONTROL_LIMITS: RequestLimits = {
  connectionTimeout: 12_000,
  requestTimeout: 30_000,
  socketTimeout: 30_000,
  throwOnRequestTimeout: true,
};

/** Requests for credentials: STS, single sign-on. Three attempts end before {@link CREDENTIALS_LIMIT_MS}. */
export const CREDENTIAL_REQUEST_LIMITS: RequestLimits = {
  connectionTimeout: 12_000,
  requestTimeout: 15_000,
  socketTimeout: 15_000,
  throwOnRequestTimeout: true,
};

/** Limit for obtaining credentials from any source: files, processes, STS, single sign-on, metadata services. */
export const CREDENTIALS_LIMIT_MS = 60_000;
