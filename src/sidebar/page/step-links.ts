import { ownEntry } from "../../errors/own-entry.ts";
import type { StepRecord } from "../../runs/records/run-record.ts";
import type { Place } from "../parts/requests.ts";

/** A link to a page about what a step has made. */
export interface StepLink {
  readonly what: "instance" | "object" | "command" | "dataset" | "lightlyRuns" | "video";
  /** The thing's own name. */
  readonly name: string;
  readonly url: string;
}

/** All that a step has noted or put on the message, and what it leads to. */
export function stepLinks({ type, checkpoint = {}, result = {} }: StepRecord, place: Place = {}): StepLink[] {
  const { region, app } = place;
  const aws = region === undefined ? [] : awsLinks(type, checkpoint, result, region);
  const { datasetId = checkpoint.datasetId } = objectIn(result, "lightly");
  const lightly: StepLink[] =
    app === undefined || typeof datasetId !== "string"
      ? []
      : [
          { what: "dataset", name: datasetId, url: `${app}/dataset/${encodeURIComponent(datasetId)}` },
          { what: "lightlyRuns", name: "", url: `${app}/compute/runs` },
        ];
  const { pageUrl: url } = objectIn(result, "pexels");
  const isVideo = typeof url === "string" && url.startsWith("https://www.pexels.com/");
  return [...aws, ...lightly, ...(isVideo ? [{ what: "video", name: "", url } as const] : [])];
}

function awsLinks(
  type: string,
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
  const isObject = type === "lightly-s3-upload" && typeof bucket === "string" && typeof key === "string";
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

/** The console of each partition of AWS. */
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
