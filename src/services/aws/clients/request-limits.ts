/** Time limits of a client's requests, in milliseconds, for its `requestHandler`. */
export interface RequestLimits {
  /** Until the connection stands. */
  readonly connectionTimeout: number;
  /** From sending to the head of the answer, of one try: the SDK makes three. */
  readonly requestTimeout: number;
  /** Longest silence of a connection. */
  readonly socketTimeout: number;
  /** `requestTimeout` alone only logs a warning. */
  readonly throwOnRequestTimeout: true;
}

/** Requests to S3. The SDK has no limits by default; this one is long because an upload's part is one request: 64 MiB take minutes. */
export const REQUEST_LIMITS: RequestLimits = {
  connectionTimeout: 10_000,
  requestTimeout: 900_000,
  socketTimeout: 30_000,
  throwOnRequestTimeout: true,
};

/** Requests that ask or command: EC2 and SSM. */
export const CONTROL_LIMITS: RequestLimits = {
  connectionTimeout: 10_000,
  requestTimeout: 30_000,
  socketTimeout: 30_000,
  throwOnRequestTimeout: true,
};

/** Requests for credentials: STS, single sign-on. All three tries of one end before {@link CREDENTIALS_LIMIT_MS}. */
export const CREDENTIAL_REQUEST_LIMITS: RequestLimits = {
  connectionTimeout: 5_000,
  requestTimeout: 15_000,
  socketTimeout: 15_000,
  throwOnRequestTimeout: true,
};

/** How long credentials may take, wherever they come from: files, processes, STS, single sign-on, metadata services. */
export const CREDENTIALS_LIMIT_MS = 60_000;
