import { PipelineError } from "../../errors/pipeline-error.ts";
import { formatDuration } from "../../polling/format-duration.ts";

/** AWS's own lists are a few pages long; what claims to be longer than this is not AWS's, or counts in circles. */
const MAX_PAGES = 1000;
/** For all requests together, in milliseconds. */
const MAX_MS = 10 * 60_000;

/**
 * Reads a list of AWS page by page. A service, or what answers in its place, that never ends its list is not followed for ever.
 *
 * @param o.action - the IAM action, for the error
 * @param o.read - asks for the page of a token; none for the first
 * @param o.next - the token of the page after this one; blank or undefined at the end
 * @param o.now - milliseconds; the machine's own monotonic clock unless a test brings another one
 * @throws PipelineError `AWS_SERVICE_FAILED` when a token comes twice, after 1,000 pages, or after 10 min of requests; what `o.read` throws
 */
export async function* awsPages<TPage, TToken>(o: {
  readonly action: string;
  readonly read: (token: TToken | undefined) => Promise<TPage>;
  readonly next: (page: TPage) => TToken | undefined;
  readonly now?: () => number;
}): AsyncGenerator<TPage> {
  const { action, read, next, now = () => performance.now() } = o;
  const seen = new Set<string>();
  let token: TToken | undefined;
  let askedMs = 0;
  for (let count = 1; ; count += 1) {
    const askedAt = now();
    const page = await read(token);
    askedMs += now() - askedAt;
    yield page;
    token = next(page);
    if (token === undefined || token === "") {
      return;
    }
    const name = JSON.stringify(token);
    if (seen.has(name)) {
      throw endless(action, "the same page follows twice");
    }
    if (count >= MAX_PAGES) {
      throw endless(action, `it goes on after ${MAX_PAGES} pages`);
    }
    if (askedMs >= MAX_MS) {
      throw endless(action, `it goes on after ${formatDuration(MAX_MS)}`);
    }
    seen.add(name);
  }
}

function endless(action: string, why: string): PipelineError {
  return new PipelineError(
    "AWS_SERVICE_FAILED",
    `The list that ${action} answers does not end: ${why}. Check the endpoint of the AWS account, and whether a proxy is in between.`,
    { details: { action } },
  );
}
