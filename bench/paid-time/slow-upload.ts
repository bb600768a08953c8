import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The size of the video, in MiB: 20 parts of an upload. */
const SIZE_MIB = 120;
const MIB = 2 ** 20;

/** Writes a folder with one video that is large enough for an upload in many parts: a clip, followed by a box that players skip. */
export async function largeVideo(folder: string, clips: string): Promise<string> {
  const [clip = ""] = (await readdir(clips)).filter((name) => name.endsWith(".mp4")).sort();
  const content = await readFile(join(clips, clip));
  const padding = Buffer.alloc(SIZE_MIB * MIB - content.length);
  padding.writeUInt32BE(padding.length);
  padding.write("free", 4);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, clip), Buffer.concat([content, padding]));
  return folder;
}

/** Makes each part of an upload take this long, so that an upload takes longer than the start of an instance. */
export async function slowParts(endpoint: string, latencyMs: number): Promise<void> {
  const fault = { service: "s3", operation: "UploadPart", kind: "latency", latencyMs };
  const response = await fetch(`${endpoint}/_sandbox/faults`, {
    method: "POST",
    headers: { "x-sandbox-control": "yes", "content-type": "application/json" },
    body: JSON.stringify(fault),
  });
  if (!response.ok) {
    throw new Error(`The sandbox refuses the fault: ${await response.text()}`);
  }
}

/** Writes the example flow with its start of the instance beside the upload instead of behind it. */
export async function flowWithEarlyStart(file: string, flow: string): Promise<string> {
  const nodes = JSON.parse(await readFile(flow, "utf8")) as Array<{ id: string; type: string; wires?: string[][] }>;
  const idOf = (type: string): string => nodes.find((node) => node.type === type)?.id ?? "";
  const [upload, start] = [idOf("lightly-s3-upload"), idOf("lightly-ec2-start")];
  const changes: Readonly<Record<string, object>> = {
    "lightly-pexels-download": { wires: [[upload, start]] },
    "lightly-s3-upload": { wires: [[]] },
    "lightly-ec2-start": { startWhen: "upload" },
  };
  await writeFile(file, JSON.stringify(nodes.map((node) => ({ ...node, ...changes[node.type] }))));
  return file;
}
