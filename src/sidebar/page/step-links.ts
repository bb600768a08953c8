import { ownEntry } from "../../errors/own-entry.ts";
import type { StepRecord, StepRole } from "../../runs/records/run-record.ts";
import type { AccountPages } from "../parts/requests.ts";

/** A link to a web page about a resource of a step. */
export interface StepLink {
  readonly what: "instance" | "object" | "command" | "dataset" | "lightlyRuns" | "video";
  /** The name of the resource. */
  readonly name: string;
  readonly url: string;
}

/** Links to the resources in the checkpoint and the result of a step. */
export function stepLinks({ role, checkpoint = {}, result = {} }: StepRecord, pages: AccountPages = {}): StepLink[] {
  const { consoleRegion, appUrl } = pages;
  const aws = consoleRegion === undefined ? [] : awsLinks(role, checkpoint, result, consoleRegion);
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

function awsLinks(
  role: StepRole,
  checkpoint: Readonly<Record<string, unknown>>,
  result: Readonly<Record<string, unknown>>,
  region: string,
): StepLink[] {
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
  const objects: StepLink[] = isObject
    ? [
        {
          what: "object",
          name: `s3://${bucket}/${key}`,
          url: `${at}/s3/object/${encodeURIComponent(bucket)}?${query}&prefix=${encodeURIComponent(key)}`,
        },
      ]
    : [];
  return [...instances, ...commands, ...objects];
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
