import { PipelineError } from "../../errors/pipeline-error.ts";
import type { AwsClients } from "../../services/aws/clients/aws-clients.ts";
import type { SelectedFrames } from "../../services/results/selected-frames.ts";
import type { LightlyNode } from "../shared/accounts/lightly-node.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { awsAccountFor } from "./aws-account.ts";
import { datasourcesOf } from "./run-datasources.ts";
import { findWantedTag } from "./wanted-tag.ts";

/** The selection whose frames the step reads. */
export interface WantedSelection {
  readonly frames: SelectedFrames;
  /** For titles: `Selected by Lightly: ...`. */
  readonly engine: "Lightly" | "LightlyStudio";
  /** For the checkpoint: a resumed step continues with the same selection. */
  readonly checkpoint: Readonly<Record<string, string>>;
  /** For `msg.lightly.selection`. */
  readonly facts: Readonly<Record<string, string>>;
  /** A name for a folder with its frames. */
  readonly folderName: string;
  /** The account that has read it, if it was an AWS account. */
  readonly clients?: AwsClients;
}

/**
 * Finds the selection of the message: that of LightlyStudio (`msg.lightly.engine` is `studio`), or a tag on Lightly's platform.
 *
 * @throws PipelineError `ACCOUNT_MISSING`, `INPUT_INVALID`, and the errors of the engine's services
 */
export async function findWantedSelection(
  red: NodeAPI,
  node: LightlyNode,
  def: StepDef,
  context: StepContext,
): Promise<WantedSelection> {
  const { engine, manifest } = Object(context.msg.lightly) as { engine?: unknown; manifest?: unknown };
  const saved = savedLocation(context);
  if (saved !== undefined || (engine === "studio" && idOf(context.checkpoint, "tagId") === undefined)) {
    const { runOfManifest } = await import("../../services/studio/run-location.ts");
    return studioSelection(red, def, context, saved ?? runOfManifest(uriOf(manifest)));
  }
  const { client } = await node.lightlyAccount().connect();
  const { platformFrames } = await import("../../services/results/platform-frames.ts");
  const { datasetId, tag } = await findWantedTag(client, context);
  const { tagId, name, selectedCount: total } = tag;
  const sources = datasourcesOf(context, datasetId);
  return {
    frames: platformFrames({ client, datasetId, tagId, name, total, sources }),
    engine: "Lightly",
    checkpoint: { datasetId, tagId },
    facts: { tag: name, tagId, datasetId },
    folderName: tagId,
  };
}

function uriOf(manifest: unknown): string {
  if (typeof manifest !== "string") {
    throw new PipelineError(
      "INPUT_INVALID",
      "The message has no manifest of LightlyStudio. Connect the node to the first output of a studio select node.",
      { details: { field: "lightly.manifest" } },
    );
  }
  return manifest;
}

function savedLocation({ checkpoint }: StepContext) {
  const [output, runId] = [idOf(checkpoint, "output"), idOf(checkpoint, "studioRunId")];
  return output === undefined || runId === undefined ? undefined : { output, runId };
}

async function studioSelection(
  red: NodeAPI,
  def: StepDef,
  { runId, signal }: StepContext,
  location: { readonly output: string; readonly runId: string },
): Promise<WantedSelection> {
  const clients = await awsAccountFor(red, def, { runId, location }).clients();
  const { studioFrames } = await import("../../services/results/studio-frames.ts");
  const { studioObjects } = await import("../../services/studio/studio-request.ts");
  return {
    frames: await studioFrames({ clients, location, signal }),
    engine: "LightlyStudio",
    checkpoint: { output: location.output, studioRunId: location.runId },
    facts: { engine: "studio", runId: location.runId, manifest: studioObjects(location).manifest },
    folderName: location.runId,
    clients,
  };
}
