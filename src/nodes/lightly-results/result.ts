import type { SelectedFrame } from "../../services/results/selected-frames.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Destination } from "./destination.ts";
import { fields } from "./fields.ts";
import type { WantedSelection } from "./wanted-selection.ts";

/** A frame with the URLs that the result needs. */
export interface ResultFrame extends SelectedFrame {
  readonly readUrl?: string;
  readonly uri?: string;
}

/** The value of `msg.payload`. */
export interface ResultOptions {
  readonly format: "list" | "csv" | "labelStudio" | "coco" | "urls";
  /** The kind of links to the pictures, if any. */
  readonly links: "none" | "s3" | "signed";
  readonly urlSeconds: number;
}

export async function readResultOptions(inputs: Inputs): Promise<ResultOptions> {
  const { format, links: tasksLinks, linkExpiryMs } = await inputs.read(fields, "format", "links", "linkExpiryHours");
  const links = format === "urls" ? "signed" : format === "labelStudio" ? tasksLinks : "none";
  return { format, links, urlSeconds: Math.round(linkExpiryMs / 1000) };
}

/** Converts frames to the chosen format. */
export async function formatResult(
  { format, links, urlSeconds }: ResultOptions,
  frames: readonly ResultFrame[],
  { engine, frames: { name, hasDistances: withDistances } }: WantedSelection,
  destination: Destination | undefined,
): Promise<unknown> {
  const { framesAsCoco, framesAsCsv, framesAsTasks } = await import("../../services/results/formats.ts");
  switch (format) {
    case "list":
      return frames.map(({ fileName }) => fileName);
    case "csv":
      return framesAsCsv(frames, { withDistances });
    case "coco":
      return framesAsCoco(frames, `Selected by ${engine}: ${name}`);
    case "urls": {
      const expiresAt = new Date(Date.now() + urlSeconds * 1000).toISOString();
      return frames.map(({ fileName, readUrl }) => ({ fileName, readUrl, expiresAt }));
    }
    case "labelStudio":
      return framesAsTasks(frames, ({ fileName, readUrl = "", uri = "" }) => {
        const copied = destination?.kind === "s3" ? destination.locationOf(fileName) : uri;
        return links === "signed" ? readUrl : copied;
      });
  }
}
