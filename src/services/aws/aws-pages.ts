import { PipelineError } from "../../errors/pipeline-error.ts";
import { formatDuration } from "../../polling/format-duration.ts";

/** AWS's own lists are a few pages long; a longer one is not from AWS, or repeats itself. */
const MAX_PAGES = 1000;
/** Limit of all requests together, in milliseconds. */
const MAX_MS = 10 * 60_000;

/**
 * Reads a paginated list of AWS page by page, with limits for an endpoint whose list never ends.
 *
 * @param options.action - the IAM action, for the error
 * @param options.read - requests the page for a token; without one, the first page
 * @param options.next - the token of the next page; blank or undefined at the end
 * @param options.maxPages - default 1,000; more for lists of the user's own data
 * @param options.now - milliseconds; default the monotonic clock of the machine
 * @throws PipelineError `AWS_SERVICE_FAILED` when a token comes twice, after `maxPages`, or after 10 min of requests; the errors of `o.read`
 */
export async function* awsPages<TPage, TToken>(options: {
  readonly action: string;
  readonly read: (token: TToken | undefined) => Promise<TPage>;
  readonly next: (page: TPage) => TToken | undefined;
  readonly maxPages?: number;
  readonly now?: () => number;
}): AsyncGenerator<TPage> {
  const { action, read, next, maxPages = MAX_PAGES, now = () => performance.now() } = options;
  const seen = new Set<string>();
  let token: TToken | undefined;
  let requestMs = 0;
  for (let count = 1; ; count += 1) {
    const requestedAt = now();
    const page = await read(token);
    requestMs += now() - requestedAt;
    yield page;
    token = next(page);
    if (token === undefined || token === "") {
      return;
    }
    const name = JSON.stringify(token);
    if (seen.has(name)) {
      throw endless(action, "a page is repeated");
    }
    if (count >= maxPages) {
      throw endless(action, `it has more than ${maxPages} pages`);
    }
    if (requestMs >= MAX_MS) {
      throw endless(action, `it was still being read after ${formatDuration(MAX_MS)}`);
    }
    seen.add(name);
  }
}

function endless(action: string, why: string): PipelineError {
  return new PipelineError(
    "AWS_SERVICE_FAILED",
    `The list returned by ${action} does not end: ${why}. Check the endpoint of the AWS account, and whether there is a proxy in between.`,
    { details: { action } },
  );
}
