import { randomUUID } from "node:crypto";
import type { SelectedFrames } from "../../services/results/selected-frames.ts";
import type { LightlyNode } from "../shared/accounts/lightly-node.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { type Destination, destinationOf } from "./destination.ts";
import { reportFrames } from "./frame-status.ts";
import { formatResult, type ResultFrame, type ResultOptions, readResultOptions } from "./result.ts";
import { findWantedSelection } from "./wanted-selection.ts";

/** The lifetime of URLs for downloads. A page of URLs is used within a shorter time. */
const DOWNLOAD_URL_SECONDS = 3600;

/** Reads the selected frames, transfers them if a destination is chosen, and sends them in the chosen format. */
export async function readResults(
  red: NodeAPI,
  node: LightlyNode,
  def: StepDef,
  context: StepContext,
): Promise<Record<string, unknown>> {
  const { msg, send, inputs, status } = context;
  const choice = await readResultOptions(inputs);
  status.show("working", "reading");
  const wanted = await findWantedSelection(red, node, def, context);
  const destination = await destinationOf(red, def, inputs, { wanted, warn: context.warn });
  // Not named "token", because the journal masks names that look like secrets.
  const part = idOf(context.checkpoint, "part") ?? randomUUID();
  await context.saveIntent({ ...wanted.checkpoint, part, ...destination?.checkpoint });

  const { frames, transferred } = await readSelection({ selected: wanted.frames, choice, destination, part }, context);
  const selection = {
    count: frames.length,
    ...wanted.facts,
    format: choice.format,
    ...(destination && transferred && { ...destination.result, bytes: transferred.bytes }),
  };
  msg.lightly = { ...(typeof msg.lightly === "object" ? msg.lightly : {}), selection };
  msg.payload = await formatResult(choice, frames, wanted, destination);
  status.show("done", "done", { count: frames.length });
  send(msg);
  return { lightly: { selection } };
}

interface ReadSelectionOptions {
  readonly selected: SelectedFrames;
  readonly choice: ResultOptions;
  readonly destination: Destination | undefined;
  readonly part: string;
}

/** Reads the selected frames, and transfers them if there is a destination. */
async function readSelection(
  { selected, choice, destination, part }: ReadSelectionOptions,
  context: StepContext,
): Promise<{ frames: ResultFrame[]; transferred?: { bytes: number } }> {
  const { signal } = context;
  const frames: ResultFrame[] = [];
  if (choice.links === "none" && !destination) {
    for await (const page of selected.frames({ namesOnly: choice.format === "list", signal })) {
      // Not `push(...page)`: a page of names may exceed the maximum number of arguments.
      for (const frame of page) {
        frames.push(frame);
      }
    }
    return { frames };
  }
  const withUris = choice.links === "s3" || destination?.kind === "s3";
  const urlSeconds = choice.links === "signed" ? choice.urlSeconds : DOWNLOAD_URL_SECONDS;
  async function* reading() {
    for await (const page of selected.readable({ withUris, urlSeconds, signal })) {
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
  const { addresses, total } = selected;
  const transfer = { frames: reading(), total, signal, onProgress, addresses };
  return {
    frames,
    transferred: await destination.transfer({ ...transfer, token: part, isPaused: () => context.isClosed }),
  };
}

/** Removes the incomplete files of a run that has ended. */
export async function undo({ checkpoint }: StepContext): Promise<void> {
  const [folder, token] = [idOf(checkpoint, "folder"), idOf(checkpoint, "part")];
  if (folder !== undefined && token !== undefined) {
    const { discardFrameDownloads } = await import("../../services/results/download-frames.ts");
    await discardFrameDownloads({ folder, token });
  }
}
