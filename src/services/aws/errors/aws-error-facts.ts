import { hostOf } from "../clients/note-host.ts";

/** What is known about an error that an AWS SDK client threw. */
export interface AwsErrorFacts {
  /** The service's code (`InvalidInstanceID.NotFound`), or the JavaScript error's name. */
  readonly name: string;
  readonly message: string;
  /** Node's system error code (`ECONNRESET`), of the error or one of its causes. */
  readonly systemCode: string | undefined;
  readonly httpStatus: number | undefined;
  /** The host that the request was sent to, if it is known. */
  readonly host: string | undefined;
  readonly requestId: string | undefined;
  /** The response violates the protocol: a proxy's page, half a document. */
  readonly isMalformedAnswer: boolean;
}

/** Reads the {@link AwsErrorFacts} of a thrown value. */
export function readAwsError(error: unknown): AwsErrorFacts {
  const fields = asRecord(error);
  const metadata = asRecord(fields.$metadata);
  const message = typeof fields.message === "string" ? fields.message : String(error);
  const systemCode = findSystemCode(error);
  const { hostname } = fields;
  return {
    name: typeof fields.name === "string" ? fields.name : "",
    message,
    systemCode,
    httpStatus: typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined,
    host: hostOf(error) ?? (typeof hostname === "string" ? hostname : undefined),
    requestId: typeof metadata.requestId === "string" ? metadata.requestId : undefined,
    // The only mark of errors from the SDK's parsers; an error for a connection that ended within a body has it too.
    isMalformedAnswer: systemCode === undefined && message.includes("Deserialization error"),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function findSystemCode(error: unknown, depth = 0): string | undefined {
  const { code, cause } = asRecord(error);
  if (typeof code === "string") {
    return code;
  }
  return cause !== undefined && depth < 5 ? findSystemCode(cause, depth + 1) : undefined;
}
