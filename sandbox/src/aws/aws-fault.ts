/**
 * An error response of a service. Thrown anywhere while a request is handled; the service writes it in its own format.
 */
export class AwsFault extends Error {
  override readonly name = "AwsFault";
  /** The service's own error name, e.g. `NoSuchBucket`. */
  readonly code: string;
  /** The HTTP status that goes with it. */
  readonly status: number;
  /** Further elements of the response, e.g. `BucketName`. Never a secret. */
  readonly details: Readonly<Record<string, string>>;
  /** Further headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    message: string,
    details: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.headers = headers;
  }
}
