import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { AddressRules } from "../../services/http/guard/guard-address.ts";
import type { TransferFramesOptions, TransferredFrames } from "../../services/results/transfer-frames.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { reportRegion } from "../shared/report-region.ts";
import { fields } from "./fields.ts";
import type { WantedSelection } from "./wanted-selection.ts";

/** The options of a transfer that can be continued later. */
export interface TransferOptions extends TransferFramesOptions {
  readonly token: string;
  readonly isPaused: () => boolean;
  /** The addresses that are allowed in addition to public addresses and the administrator's list. */
  readonly addresses?: AddressRules;
}

/** The destination of frames. */
export interface Destination {
  readonly kind: "folder" | "s3";
  /** For the step's checkpoint, so that incomplete files are found after a restart. */
  readonly checkpoint: Readonly<Record<string, string>>;
  /** For the message. */
  readonly result: Readonly<Record<string, string>>;
  /** Returns the path or URI of a transferred frame. */
  locationOf(fileName: string): string;
  transfer(transfer: TransferOptions): Promise<TransferredFrames>;
}

interface DestinationContext {
  readonly wanted: WantedSelection;
  readonly warn: (text: string) => void;
}

/**
 * Returns the destination of the form; `undefined` if frames are not transferred.
 *
 * @param of.wanted - names the folder if the form has none; its account is used if the form has none
 * @param of.warn - shows a warning
 */
export async function destinationOf(
  red: NodeAPI,
  def: StepDef,
  inputs: Inputs,
  { wanted, warn }: DestinationContext,
): Promise<Destination | undefined> {
  switch ((await inputs.read(fields, "destination")).destination) {
    case "folder": {
      const { folder = defaultFolder(red, wanted.folderName) } = await inputs.read(fields, "folder");
      return folderDestination(resolve(folder));
    }
    case "s3":
      return bucketDestination(red, def, inputs, { wanted, warn });
    default:
      return undefined;
  }
}

function defaultFolder(red: NodeAPI, name: string): string {
  return join(red.settings.userDir ?? tmpdir(), "lightly-aws", "frames", name);
}

function folderDestination(folder: string): Destination {
  return {
    kind: "folder",
    checkpoint: { folder },
    result: { folder },
    locationOf: (fileName) => join(folder, fileName),
    transfer: async (transfer) => {
      const { downloadFrames } = await import("../../services/results/download-frames.ts");
      return downloadFrames({ ...transfer, folder });
    },
  };
}

async function bucketDestination(
  red: NodeAPI,
  def: StepDef,
  inputs: Inputs,
  { wanted, warn }: DestinationContext,
): Promise<Destination> {
  const { bucket, prefix = "" } = await inputs.read(fields, "bucket", "prefix");
  const clients =
    wanted.clients ?? (await accountOf<AwsAccountNode>(red, def, "lightly-aws-account", "awsAccount").clients());
  const { sources: datasources } = wanted.frames;
  const { copyFrames, frameUri } = await import("../../services/results/copy-frames.ts");
  const folder = prefix.replace(/^\/+|(?<!\/)\/+$/g, "");
  return {
    kind: "s3",
    checkpoint: { bucket, prefix },
    result: { bucket, prefix: folder, uri: `s3://${bucket}/${folder === "" ? "" : `${folder}/`}` },
    locationOf: (fileName) => frameUri({ bucket, prefix }, fileName),
    transfer: async (transfer) => {
      const s3 = await clients.s3();
      return copyFrames({ ...transfer, s3, bucket, prefix, datasources }).finally(() => reportRegion(warn, s3, bucket));
    },
  };
}
