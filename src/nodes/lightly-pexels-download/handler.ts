import { formatBytes } from "../../records/progress.ts";
import { pickVideo } from "../../services/pexels/pick-video.ts";
import type { PexelsAccountNode } from "../lightly-pexels-account/lightly-pexels-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf, idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { reportTransfer } from "../shared/step/transfer-status.ts";
import { addVideo, type Downloads, partialFile } from "./add-video.ts";
import { fields } from "./fields.ts";
import { pickOf, readFilters } from "./pick-request.ts";

/** Downloads one video, or several, each with its own message. */
export async function download(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { inputs, status } = context;
  const client = await accountOf<PexelsAccountNode>(red, def, "lightly-pexels-account").client();
  const downloads: Downloads = { red, client, context };
  status.show("working", "picking");
  if (await isSequence(inputs, def)) {
    return await (await import("./download-several.ts")).downloadSeveral(downloads);
  }
  const { videoId: picked } = context.checkpoint;
  const pick = typeof picked === "number" ? ({ kind: "id", id: picked } as const) : await pickOf(inputs);
  const video = await pickVideo({ client, ...(await readFilters(inputs)), pick, signal: context.signal });
  await context.saveIntent({ videoId: video.id, ...(await partialFile(downloads, video)) });
  const bytes = await addVideo(downloads, context.msg, video, reportTransfer(context, "downloading"), context.signal);
  status.show("done", bytes === undefined ? "done" : "downloaded", { size: formatBytes(bytes ?? 0) });
  context.send(context.msg);
  const { filename, url } = context.msg;
  return { pexels: video, filename, url };
}

/** One video is not a sequence, unless its number comes from elsewhere: then a join node after the step also waits for one. */
async function isSequence(inputs: Inputs, { countType = "num" }: StepDef): Promise<boolean> {
  const { pick, count } = await inputs.read(fields, "pick", "count");
  return pick !== "id" && (count > 1 || countType !== "num");
}

/** Removes the incomplete files of a run that has ended. */
export async function undo({ checkpoint }: StepContext): Promise<void> {
  const [folder, basename, token] = ["folder", "basename", "part"].map((name) => idOf(checkpoint, name));
  const basenames = idsOf(checkpoint, "basenames") ?? (basename === undefined ? [] : [basename]);
  if (folder !== undefined && token !== undefined) {
    const { discardDownload } = await import("../../services/pexels/download-video.ts");
    await Promise.all(basenames.map((name) => discardDownload({ folder, basename: name, token })));
  }
}
