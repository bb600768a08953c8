import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { sendAll } from "../shared/step/messages/send-all.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import { listVideos } from "./list-videos.ts";
import { fillMessage } from "./video-message.ts";

/** Sends one message for each video, and at the end one about all of them. */
export async function sendVideos(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, inputs, status } = context;
  const { runs, maxConcurrency, maxFailures } = await inputs.read(fields, "runs", "maxConcurrency", "maxFailures");
  status.show("working", "listing");
  const videos = await sendAll(context, {
    list: () => listVideos(red, def, context),
    limit: maxConcurrency,
    maxFailures,
    ...(runs === "each" && { hasOwnRuns: true }),
    prepare: async (video, message) => fillMessage(message, video),
  });
  context.send({ ...msg, videos }, 1);
  return { videos };
}
