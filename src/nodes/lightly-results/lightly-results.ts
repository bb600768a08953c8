import { randomUUID } from "node:crypto";
import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { SelectionTag } from "../../services/lightly/tags/worker-run-tag.ts";
import type { LightlyAccountNode } from "../lightly-account/lightly-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { LightlyNode } from "../shared/accounts/lightly-node.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { type Destination, destinationOf } from "./destination.ts";
import { reportFrames } from "./frame-status.ts";
import { formatResult, type ResultFrame, type ResultOptions, readResultOptions } from "./result.ts";
import { datasourcesOf } from "./run-datasources.ts";
import { findWantedTag } from "./wanted-tag.ts";

export default function lightlyResults(red: NodeAPI): void {
  red.nodes.registerType("lightly-results", function (this: LightlyNode, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    this.lightlyAccount = () => accountOf<LightlyAccountNode>(red, def, "lightly-account");
    stepNode(red, this, def, {
      role: "results",
      handle: (context) => results(red, this, def, context),
      undo,
    });
  });
}

/** The lifetime of URLs for downloads. A page of URLs is used within a shorter time. */
const DOWNLOAD_URL_SECONDS = 3600;

async function results(
  red: NodeAPI,
  node: LightlyNode,
  def: StepDef,
  context: StepContext,
): Promise<Record<string, unknown>> {
  const { msg, send, inputs, status } = context;
  const { client } = await node.lightlyAccount().connect();
  const choice = await readResultOptions(inputs);
  status.show("working", "reading");
  const { datasetId, tag } = await findWantedTag(client, context);
  const datasources = datasourcesOf(context, datasetId);
  const destination = await destinationOf(red, def, inputs, { tagId: tag.tagId, datasources, warn: context.warn });
  // Not named "token", because the journal masks names that look like secrets.
  const part = idOf(context.checkpoint, "part") ?? randomUUID();
  await context.saveIntent({ datasetId, tagId: tag.tagId, part, ...destination?.checkpoint });

  const { frames, transferred } = await readSelection({ client, datasetId, tag, choice, destination, part }, context);
  const selection = {
    count: frames.length,
    tag: tag.name,
    tagId: tag.tagId,
    datasetId,
    output: choice.output,
    ...(destination && transferred && { ...destination.result, bytes: transferred.bytes }),
  };
  msg.lightly = { ...(typeof msg.lightly === "object" ? msg.lightly : {}), selection };
  msg.payload = await formatResult(choice, frames, selection.tag, destination);
  status.show("done", "done", { count: frames.length });
  send(msg);
  return { lightly: { selection } };
}

interface ReadSelectionOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly tag: SelectionTag;
  readonly choice: ResultOptions;
  readonly destination: Destination | undefined;
  readonly part: string;
}

/** Reads the frames of a tag, and transfers them if there is a destination. */
async function readSelection(
  { client, datasetId, tag, choice, destination, part }: ReadSelectionOptions,
  context: StepContext,
): Promise<{ frames: ResultFrame[]; transferred?: { bytes: number } }> {
  const { signal } = context;
  const place = { client, datasetId, tagId: tag.tagId, signal };
  if (choice.output === "list" && !destination) {
    const { selectedFilenames } = await import("../../services/lightly/tags/selected-filenames.ts");
    return { frames: (await selectedFilenames(place)).map((fileName) => ({ fileName })) };
  }
  const { taggedFrames } = await import("../../services/lightly/frames/tagged-frames.ts");
  const frames: ResultFrame[] = [];
  const withUris = choice.links === "s3" || destination?.kind === "s3";
  const urlSeconds = choice.links === "signed" ? choice.urlSeconds : DOWNLOAD_URL_SECONDS;
  async function* reading() {
    for await (const page of taggedFrames({ ...place, withUris, urlSeconds })) {
      for (const frame of page) {
        const { readUrl, ...facts } = frame;
        frames.push(choice.links === "signed" ? frame : facts);
        yield frame;
      }
    }
  }
  if (!destination) {
    for await (const _frame of reading()) {
      // Only noted.
    }
    return { frames };
  }
  const onProgress = reportFrames(context);
  const { hostEntry } = await import("../../services/http/guard/host-allowlist.ts");
  const addresses = { allow: hostEntry(client.server), through: client.connections };
  const transfer = { frames: reading(), total: tag.selectedCount, signal, onProgress, addresses };
  return {
    frames,
    transferred: await destination.transfer({ ...transfer, token: part, isPaused: () => context.isClosed }),
  };
}

/** Removes the incomplete files of a run that has ended. */
async function undo({ checkpoint }: StepContext): Promise<void> {
  const [folder, token] = [idOf(checkpoint, "folder"), idOf(checkpoint, "part")];
  if (folder !== undefined && token !== undefined) {
    const { discardFrameDownloads } = await import("../../services/results/download-frames.ts");
    await discardFrameDownloads({ folder, token });
  }
}
