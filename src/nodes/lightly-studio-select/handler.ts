import type { StudioProgress } from "../../services/studio/studio-progress.ts";
import type { AwsNode } from "../shared/accounts/aws-node.ts";
import { cancelOwnCommand } from "../shared/command/send-or-find.ts";
import type { NodeAPI } from "../shared/node-red.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { awaitStudio } from "./await-studio.ts";
import { forgetFailed } from "./failed-attempt.ts";
import { showStudioProgress } from "./show-progress.ts";
import { type StudioIds, startStudio } from "./start-studio.ts";

/** The first output sends when frames are selected, the second one when the selection was canceled, the third one its progress. */
export async function selectWithStudio(
  red: NodeAPI,
  node: AwsNode,
  context: StepContext,
): Promise<Record<string, unknown>> {
  const { msg, send, status } = context;
  const clients = await node.awsAccount().clients();
  const ssm = await clients.ssm();
  await forgetFailed(context);
  const { command, ids } = await startStudio(ssm, context);
  const s3 = await clients.s3();
  const end = await awaitStudio(context, {
    s3,
    command,
    ids,
    onProgress: (progress) => sendProgress(red, context, ids, progress),
  });
  msg.lightly = { ...ids, ...end };
  msg.payload = end.state;
  if (end.state === "COMPLETED") {
    status.show("done", "completed", { selected: end.counts.selected, frames: end.counts.frames });
    send(msg);
  } else {
    status.show("aborted", "canceled");
    send(msg, 1);
    context.endAborted();
  }
  return { lightly: msg.lightly };
}

/** Cancels the command of a step that was aborted before it could be resumed. */
export async function undo(node: AwsNode, context: StepContext): Promise<void> {
  await cancelOwnCommand(await (await node.awsAccount().clients()).ssm(), context);
}

function sendProgress(red: NodeAPI, context: StepContext, ids: StudioIds, progress: StudioProgress): void {
  const { msg, notify, elapsedMs } = context;
  const { phase } = progress;
  const state = phase.toUpperCase();
  showStudioProgress(context, progress);
  const news = red.util.cloneMessage(msg);
  notify({ ...news, payload: state, lightly: { ...ids, ...progress, state, elapsedMs } }, 2);
}
