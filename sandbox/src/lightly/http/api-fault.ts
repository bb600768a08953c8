/** An error in the format of Lightly's API: an HTTP status, one of its error codes, and a message. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** 404: the resource does not exist. */
export const unknown = (code: string, message: string): ApiFault => new ApiFault(404, code, message);

/** 409: the state of the resource does not allow the request. */
export const conflict = (code: string, message: string): ApiFault => new ApiFault(409, code, message);

/** 400: the request itself is wrong. */
export const invalid = (code: string, message: string): ApiFault => new ApiFault(400, code, message);
