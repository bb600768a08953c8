import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PexelsPick } from "../../services/pexels/pick-video.ts";
import type { PexelsAccountNode } from "../pexels-account/pexels-account.ts";
import { accountOf } from "../shared/account.ts";
import type { Inputs } from "../shared/inputs.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { present } from "../shared/present.ts";
import { type StepContext, stepNode } from "../shared/step-node.ts";
import { reportTransfer } from "../shared/transfer-status.ts";

export default function pexelsDownload(red: NodeAPI): void {
  red.nodes.registerType("lightly-pexels-download", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    stepNode(red, this, def, { handle: (context) => download(red, def, context) });
  });
}

async function download(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, send, step, signal, inputs, status } = context;
  const client = await accountOf<PexelsAccountNode>(red, def, "lightly-pexels-account").client();
  const { pickVideo } = await import("../../services/pexels/pick-video.ts");
  status.show("working", "picking");
  const video = await pickVideo({ client, ...(await request(inputs)), signal });
  await step.checkpoint({ videoId: video.id });
  msg.pexels = video;

  if ((await inputs.choice("result", ["file", "url"])) === "url") {
    msg.url = video.rendition.url;
    msg.payload = video.rendition.url;
  } else {
    const { downloadVideo, videoBasename } = await import("../../services/pexels/download-video.ts");
    const file = await downloadVideo({
      url: video.rendition.url,
      folder: (await inputs.optionalText("folder")) ?? defaultFolder(red),
      basename: videoBasename(video),
      signal,
      onProgress: reportTransfer(context, "downloading"),
    });
    msg.filename = file.filename;
    msg.payload = file.filename;
  }
  status.show("done", "done");
  send(msg);
  return present({ pexels: video, filename: msg.filename, url: msg.url });
}

async function request(inputs: Inputs) {
  return {
    pick: await pickOf(inputs),
    maxWidth: await inputs.number("maxWidth", { fallback: 1920, min: 1 }),
    ...present({
      seed: await inputs.optionalText("seed"),
      orientation: (await inputs.choice("orientation", ["", "landscape", "portrait", "square"])) || undefined,
      size: (await inputs.choice("size", ["", "large", "medium", "small"])) || undefined,
      minDurationSeconds: await inputs.optionalNumber("minDuration", { min: 0 }),
      maxDurationSeconds: await inputs.optionalNumber("maxDuration", { min: 0 }),
    }),
  };
}

async function pickOf(inputs: Inputs): Promise<PexelsPick> {
  const kind = await inputs.choice("pick", ["popular", "search", "id"]);
  if (kind === "id") {
    return { kind, id: await inputs.number("videoId", { min: 1 }) };
  }
  const paging = present({ page: await inputs.optionalNumber("page", { min: 1 }) });
  return kind === "popular" ? { kind, ...paging } : { kind, query: await inputs.text("query"), ...paging };
}

function defaultFolder(red: NodeAPI): string {
  return join(red.settings.userDir ?? tmpdir(), "lightly-aws", "videos");
}
