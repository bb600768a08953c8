import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBytes } from "../../runs/records/sizes.ts";
import type { PexelsPick } from "../../services/pexels/pick-video.ts";
import type { PexelsAccountNode } from "../lightly-pexels-account/lightly-pexels-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { allowHostsOfSettings } from "../shared/allowed-hosts.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { Node, NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { stepNode } from "../shared/step/step-node.ts";
import { reportTransfer } from "../shared/step/transfer-status.ts";
import { fields } from "./fields.ts";

export default function pexelsDownload(red: NodeAPI): void {
  red.nodes.registerType("lightly-pexels-download", function (this: Node, def: StepDef) {
    red.nodes.createNode(this, def);
    allowHostsOfSettings(red);
    stepNode(red, this, def, {
      role: "download",
      handle: (context) => download(red, def, context),
      undo,
    });
  });
}

async function download(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { msg, send, signal, inputs, status } = context;
  const client = await accountOf<PexelsAccountNode>(red, def, "lightly-pexels-account").client();
  const { pickVideo } = await import("../../services/pexels/pick-video.ts");
  const { downloadVideo, videoBasename } = await import("../../services/pexels/download-video.ts");
  status.show("working", "picking");
  const { videoId: picked } = context.checkpoint;
  const again = typeof picked === "number" ? { pick: { kind: "id", id: picked } as const } : {};
  const video = await pickVideo({ client, ...(await request(inputs)), ...again, signal });
  // Not named "token", because the journal masks names that look like secrets.
  const token = idOf(context.checkpoint, "part") ?? randomUUID();
  const basename = videoBasename(video);
  const folder = await folderOf(red, inputs);
  await context.saveIntent({ videoId: video.id, part: token, basename, folder });
  msg.pexels = video;

  if ((await inputs.read(fields, "output")).output === "url") {
    msg.url = video.rendition.url;
    msg.payload = video.rendition.url;
    status.show("done", "done");
  } else {
    const { hostEntry } = await import("../../services/http/guard/host-allowlist.ts");
    const file = await downloadVideo({
      isLarge: true,
      url: video.rendition.url,
      folder,
      basename,
      token,
      isPaused: () => context.isClosed,
      ...(await limits(inputs)),
      addresses: { allow: hostEntry(client.apiUrl), through: client.connections },
      signal,
      onProgress: reportTransfer(context, "downloading"),
    });
    msg.filename = file.filename;
    msg.payload = file.filename;
    status.show("done", "downloaded", { size: formatBytes(file.bytes) });
  }
  send(msg);
  return { pexels: video, filename: msg.filename, url: msg.url };
}

async function request(inputs: Inputs) {
  const { orientation, size, ...filters } = await inputs.read(
    fields,
    "maxWidth",
    "seed",
    "orientation",
    "size",
    "minDurationSeconds",
    "maxDurationSeconds",
  );
  return { pick: await pickOf(inputs), orientation: orientation || undefined, size: size || undefined, ...filters };
}

async function pickOf(inputs: Inputs): Promise<PexelsPick> {
  const { pick: kind } = await inputs.read(fields, "pick");
  if (kind === "id") {
    return { kind, id: (await inputs.read(fields, "videoId")).videoId };
  }
  const paging = await inputs.read(fields, "page");
  return kind === "popular" ? { kind, ...paging } : { kind, ...paging, ...(await inputs.read(fields, "query")) };
}

async function limits(inputs: Inputs): Promise<{ maxBytes: number; timeoutMs: number }> {
  const { maxSizeBytes, timeoutMs } = await inputs.read(fields, "maxSizeMib", "timeoutMinutes");
  return { maxBytes: maxSizeBytes, timeoutMs };
}

async function folderOf(red: NodeAPI, inputs: Inputs): Promise<string> {
  const { folder } = await inputs.read(fields, "folder");
  return folder ?? join(red.settings.userDir ?? tmpdir(), "lightly-aws", "videos");
}

/** Removes the incomplete file of a run that has ended. */
async function undo(context: StepContext): Promise<void> {
  const [folder, basename, token] = ["folder", "basename", "part"].map((name) => idOf(context.checkpoint, name));
  if (folder !== undefined && basename !== undefined && token !== undefined) {
    const { discardDownload } = await import("../../services/pexels/download-video.ts");
    await discardDownload({ folder, basename, token });
  }
}
