import type { GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";

/** What the agent or the service puts at the end of a stream that it has cut off. */
const CUT_MARK = /(?:--output truncated--|\n?---(?:Output|Error) truncated-{3,4})\s*$/;
/** Limits of GetCommandInvocation, in bytes and characters. */
const STDOUT_LIMIT = 24_000;
const STDERR_LIMIT = 8_000;

/** Whether AWS has cut the output of a command, and where all of it is: plain JSON. */
export interface CommandOutputLocations {
  /** Whether `stdout` is only the first part. */
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** `s3://bucket/key` of the complete output, if the command had an output bucket. */
  readonly stdoutUri?: string;
  readonly stderrUri?: string;
  /** The CloudWatch log group and its streams, if the command had a log group. */
  readonly logGroup?: string;
  readonly stdoutLogStream?: string;
  readonly stderrLogStream?: string;
}

/** Reads from a response whether the output was cut, and where all of it is. */
export function readOutputLocations(
  response: GetCommandInvocationCommandOutput,
  ids: { readonly commandId: string; readonly instanceId: string },
): CommandOutputLocations {
  const stdoutUri = s3Uri(response.StandardOutputUrl);
  const stderrUri = s3Uri(response.StandardErrorUrl);
  const { CloudWatchOutputEnabled, CloudWatchLogGroupName } = response.CloudWatchOutputConfig ?? {};
  const plugin = (response.PluginName || "aws:runShellScript").replaceAll(":", "-");
  const stream = `${ids.commandId}/${ids.instanceId}/${plugin}`;
  return {
    stdoutTruncated: isCut(response.StandardOutputContent ?? "", STDOUT_LIMIT),
    stderrTruncated: isCut(response.StandardErrorContent ?? "", STDERR_LIMIT),
    ...(stdoutUri !== undefined && { stdoutUri }),
    ...(stderrUri !== undefined && { stderrUri }),
    ...(CloudWatchOutputEnabled &&
      CloudWatchLogGroupName && {
        logGroup: CloudWatchLogGroupName,
        stdoutLogStream: `${stream}/stdout`,
        stderrLogStream: `${stream}/stderr`,
      }),
  };
}

/** Only these properties of a report. */
export function outputLocationsOf(report: CommandOutputLocations): CommandOutputLocations {
  const { stdoutTruncated, stderrTruncated, stdoutUri, stderrUri, logGroup, stdoutLogStream, stderrLogStream } = report;
  return {
    ...{ stdoutTruncated, stderrTruncated },
    ...(stdoutUri !== undefined && { stdoutUri }),
    ...(stderrUri !== undefined && { stderrUri }),
    ...(logGroup !== undefined && { logGroup, stdoutLogStream, stderrLogStream }),
  };
}

/** The output without the mark of a cut. */
export function outputWithoutMark(output: string): string {
  return output.replace(CUT_MARK, "");
}

/**
 * Says where the complete output of a stream is.
 *
 * @returns a phrase such as `in s3://bucket/key and in the CloudWatch log group g, stream s`; undefined when it was not kept
 */
export function describeOutputLocation(
  locations: CommandOutputLocations,
  which: "stdout" | "stderr",
): string | undefined {
  const uri = which === "stdout" ? locations.stdoutUri : locations.stderrUri;
  const stream = which === "stdout" ? locations.stdoutLogStream : locations.stderrLogStream;
  const found = [
    ...(uri === undefined ? [] : [`in ${uri}`]),
    ...(stream === undefined ? [] : [`in the CloudWatch log group ${locations.logGroup}, stream ${stream}`]),
  ];
  return found.length === 0 ? undefined : found.join(" and ");
}

function isCut(text: string, limit: number): boolean {
  return CUT_MARK.test(text) || text.length >= limit || Buffer.byteLength(text) >= limit;
}

/** The `s3://` form of an address of S3: with the bucket in the path, or in the host name. */
function s3Uri(address: string | undefined): string | undefined {
  const url = URL.parse(address ?? "");
  if (url === null) {
    return undefined;
  }
  const [, bucketInHost] = /^(.+)\.s3[.-]/.exec(url.hostname) ?? [];
  const path = url.pathname.slice(1);
  const bucketAndKey = bucketInHost === undefined ? path : `${bucketInHost}/${path}`;
  try {
    return `s3://${decodeURIComponent(bucketAndKey)}`;
  } catch {
    return `s3://${bucketAndKey}`;
  }
}
