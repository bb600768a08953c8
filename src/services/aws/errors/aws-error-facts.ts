import { redact } from "../../../errors/redact.ts";
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
  readonly isMalformedResponse: boolean;
  /** The visible text of such a response, shortened. */
  readonly page: string;
}

/** Longest text of a page in a message of ours. */
const PAGE_LIMIT = 200;

/** Reads the {@link AwsErrorFacts} of a thrown value. */
export function readAwsError(error: unknown): AwsErrorFacts {
  const fields = asRecord(error);
  const metadata = asRecord(fields.$metadata);
  const message = withFurtherElements(typeof fields.message === "string" ? fields.message : String(error), error);
  const systemCode = findSystemCode(error);
  const { hostname } = fields;
  // The only mark of errors from the SDK's parsers; an error for a connection that ended within a body has it too.
  const isUnreadable = systemCode === undefined && message.includes("Deserialization error");
  // A page that is well-formed XML is read as an error without a code.
  const elements = fields.name === "Unknown" ? [fields.head, fields.body] : [];
  const isMalformedResponse = isUnreadable || elements.some((element) => element !== undefined);
  return {
    name: typeof fields.name === "string" ? fields.name : "",
    message,
    systemCode,
    httpStatus: typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined,
    host: hostOf(error) ?? (typeof hostname === "string" ? hostname : undefined),
    requestId: typeof metadata.requestId === "string" ? metadata.requestId : undefined,
    isMalformedResponse,
    page: isUnreadable ? visibleText(fields.$responseBodyText) : visibleText(textsIn(elements).join(" ")),
  };
}

/** Whether the code of a response says no more than its status: it has no body, or one without a code. */
export function hasGeneralCode({ name }: Pick<AwsErrorFacts, "name">): boolean {
  return /^(?:Unknown(?:Error)?|NotFound|\d*)$/.test(name);
}

/** An element of the response's error document, such as `Region` or `Header`: the SDK makes properties of them. */
export function responseElement(error: unknown, name: string): string {
  const value = asRecord(error)[name];
  return typeof value === "string" ? value.trim() : "";
}

/** Some stores give the reason outside of the message: Google Cloud Storage in `Details`, AWS the wrong header in `ArgumentName`. */
function withFurtherElements(message: string, error: unknown): string {
  const details = responseElement(error, "Details");
  const argument = responseElement(error, "ArgumentName");
  const text = [message, ...(details === "" || message.includes(details) ? [] : [details])].join(" ");
  return argument === "" || text.includes(argument) ? text : `${text.replace(/\.$/, "")} (${argument})`;
}

/** A header of the response, by its lower-case name. */
export function responseHeader(error: unknown, name: string): string {
  const value = asRecord(asRecord(asRecord(error).$response).headers)[name];
  return typeof value === "string" ? value.trim() : "";
}

/** The text of a gateway's page, up to its first script or style. */
function visibleText(body: unknown): string {
  const [head = ""] = (typeof body === "string" ? body.slice(0, 4000) : "").split(/<(?:script|style)\b/i, 1);
  const text = redact(head.replace(/<[^<>]*>/g, " "))
    // A page may repeat the request, session token included.
    .replace(/[\w+/=%-]{40,}/g, "***")
    .replace(/\s+/g, " ")
    .trim();
  return text.length > PAGE_LIMIT ? `${text.slice(0, PAGE_LIMIT)}…` : text;
}

/** All texts within the elements of a page. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") {
    return [value];
  }
  const visible = Object.entries(asRecord(value)).filter(([name]) => !/^(?:style|script)$/i.test(name));
  return depth > 20 ? [] : visible.flatMap(([, child]) => textsIn(child, depth + 1));
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
