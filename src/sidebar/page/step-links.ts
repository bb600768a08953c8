import { ownEntry } from "../../errors/own-entry.ts";
import type { StepRecord } from "../../records/run-record.ts";
import type { AccountPages } from "../parts/requests/requests.ts";

/** A link to a web page about a resource of a step. */
export interface StepLink {
  readonly what: "instance" | "object" | "command" | "job" | "logs" | "dataset" | "lightlyRuns" | "video";
  /** The name of the resource. */
  readonly name: string;
  readonly url: string;
}

/** Links to the resources in the checkpoint and the result of a step. */
export function stepLinks(step: StepRecord, pages: AccountPages = {}): StepLink[] {
  const { checkpoint = {}, result = {} } = step;
  const { consoleRegion, appUrl } = pages;
  const aws = consoleRegion === undefined ? [] : awsLinks(step, consoleRegion);
  const { datasetId = checkpoint.datasetId } = objectIn(result, "lightly");
  const lightly: StepLink[] =
    appUrl === undefined || typeof datasetId !== "string"
      ? []
      : [
          { what: "dataset", name: datasetId, url: `${appUrl}/dataset/${encodeURIComponent(datasetId)}` },
          { what: "lightlyRuns", name: "", url: `${appUrl}/compute/runs` },
        ];
  const { pageUrl: url } = objectIn(result, "pexels");
  const isVideo = typeof url === "string" && url.startsWith("https://www.pexels.com/");
  return [...aws, ...lightly, ...(isVideo ? [{ what: "video", name: "", url } as const] : [])];
}

function awsLinks(step: StepRecord, region: string): StepLink[] {
  const { role, checkpoint = {}, result = {} } = step;
  const at = `https://${region}.console.${awsDomain(region)}`;
  const query = `region=${encodeURIComponent(region)}`;
  const ids = objectIn(result, "ec2").instanceIds ?? checkpoint.instanceIds;
  const instances = (Array.isArray(ids) ? ids : []).map(
    (id): StepLink => ({
      what: "instance",
      name: String(id),
      url: `${at}/ec2/home?${query}#InstanceDetails:instanceId=${encodeURIComponent(String(id))}`,
    }),
  );
  const { commandId = checkpoint.commandId } = objectIn(result, "ssm");
  const commands: StepLink[] =
    typeof commandId === "string"
      ? [
          {
            what: "command",
            name: commandId,
            url: `${at}/systems-manager/run-command/${encodeURIComponent(commandId)}?${query}`,
          },
        ]
      : [];
  const { bucket = checkpoint.bucket, key = checkpoint.key } = objectIn(result, "s3");
  const isObject = role === "upload" && typeof bucket === "string" && typeof key === "string";
  const objects = [...(isObject ? [`s3://${bucket}/${key}`] : []), ...outputObjects(step), ...manifestOf(step)].map(
    (uri): StepLink => ({ what: "object", name: uri, url: objectPage(at, query, uri) }),
  );
  return [...instances, ...commands, ...jobs(step, at, query), ...logs(step, at, query), ...objects];
}

/** The jobs of a step, and the log of their last attempts. Each child of an array has its own log. */
function jobs({ role, checkpoint = {}, result = {} }: StepRecord, at: string, query: string): StepLink[] {
  if (role !== "command") {
    return [];
  }
  const batch = objectIn(result, "batch");
  const { jobId: finalId = checkpoint.finalJobId, ...final } = objectIn(batch, "final");
  const { jobId = checkpoint.jobId } = batch;
  return [
    { ...batch, id: jobId },
    { ...final, id: finalId },
  ].flatMap(({ id, logGroup, logStreams }: Record<string, unknown>): StepLink[] => {
    if (typeof id !== "string") {
      return [];
    }
    const stream: unknown = Array.isArray(logStreams) ? logStreams.at(-1) : undefined;
    const hasLog = typeof logGroup === "string" && typeof stream === "string";
    return [
      { what: "job", name: id, url: `${at}/batch/home?${query}#jobs/detail/${encodeURIComponent(id)}` },
      ...(hasLog
        ? [logPage(at, query, { name: stream, page: `${logGroupPage(logGroup)}/log-events/${part(stream)}` })]
        : []),
    ];
  });
}

/** The complete output of a command in S3. The error of a failed command has the same properties as the result of another one. */
function outputObjects({ result = {}, error }: StepRecord): string[] {
  const { stdoutUri, stderrUri } = { ...error?.details, ...objectIn(result, "ssm") };
  return [stdoutUri, stderrUri].filter((uri): uri is string => typeof uri === "string" && uri.startsWith("s3://"));
}

/** What a step with LightlyStudio has selected. */
function manifestOf({ role, result = {} }: StepRecord): string[] {
  const { engine, manifest } = objectIn(result, "lightly");
  return role === "select" && engine === "studio" && typeof manifest === "string" ? [manifest] : [];
}

function objectPage(at: string, query: string, uri: string): string {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  return `${at}/s3/object/${encodeURIComponent(bucket)}?${query}&prefix=${encodeURIComponent(key)}`;
}

/** The log group of a command, with the streams of this command only. They fill while it runs. */
function logs({ checkpoint = {}, result = {} }: StepRecord, at: string, query: string): StepLink[] {
  const { logGroup = checkpoint.logGroup, commandId = checkpoint.commandId } = objectIn(result, "ssm");
  if (typeof logGroup !== "string" || typeof commandId !== "string") {
    return [];
  }
  const filter = fragment(`?logStreamNameFilter=${encodeURIComponent(commandId)}`);
  return [logPage(at, query, { name: logGroup, page: `${logGroupPage(logGroup)}${filter}` })];
}

function logPage(
  at: string,
  query: string,
  { name, page }: { readonly name: string; readonly page: string },
): StepLink {
  return { what: "logs", name, url: `${at}/cloudwatch/home?${query}#${page}` };
}

function logGroupPage(logGroup: string): string {
  return `logsV2:log-groups/log-group/${part(logGroup)}`;
}

/** A name as a part of the fragment of CloudWatch's console. */
function part(name: string): string {
  return fragment(encodeURIComponent(name));
}

/** CloudWatch's console encodes the parts of its fragment once more, with `$` instead of `%`. */
function fragment(text: string): string {
  return encodeURIComponent(text).replaceAll("%", "$");
}

/** The domain of the console in each AWS partition. */
function awsDomain(region: string): string {
  if (region.startsWith("cn-")) {
    return "amazonaws.cn";
  }
  return region.startsWith("us-gov-") ? "amazonaws-us-gov.com" : "aws.amazon.com";
}

function objectIn(result: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const value = ownEntry(result, name);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
