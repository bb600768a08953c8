/** A failed request: the message of the server, and its code if there is one, otherwise `HTTP_401`. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** Whether the user has to log in, or may not do this. */
  get isRefused(): boolean {
    return this.code === "HTTP_401" || this.code === "HTTP_403";
  }
}

/** What to tell the user about an unknown error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
