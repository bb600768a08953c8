import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sandbox } from "lightly-aws-sandbox";
import { AwsClients } from "../../src/services/aws/clients/aws-clients.ts";
import { type StudioFrames, studioFrames } from "../../src/services/results/studio-frames.ts";
import { runOfManifest } from "../../src/services/studio/run-location.ts";
import type { RunOutput, SelectedFrame } from "./selected-frames.ts";

const LIMITS = { size: "full", maxBytes: 64 * 2 ** 20, timeoutMs: 60_000 } as const;

/** Reads the manifest of a run of LightlyStudio, and downloads its pictures into a folder. */
export async function downloadStudioSelected(sandbox: Sandbox, manifest: string, folder: string): Promise<RunOutput> {
  const { region, credentials, endpoints } = sandbox;
  const clients = new AwsClients({
    region,
    endpoint: endpoints.aws,
    credentials: { source: { kind: "keys", ...credentials } },
  });
  const { signal } = new AbortController();
  try {
    const selected = await studioFrames({ clients, location: runOfManifest(manifest), signal });
    await mkdir(folder, { recursive: true });
    const frames: SelectedFrame[] = [];
    for await (const page of selected.frames({ signal })) {
      for (const frame of page) {
        const { fileName: name, timeSeconds = 0 } = frame;
        // Two videos may have the same name, but not the same folder.
        const file = join(folder, name.replaceAll("/", "-"));
        const picture = await selected.open(frame, { ...LIMITS, signal });
        await pipeline(Readable.from(picture.chunks), createWriteStream(file));
        frames.push({ name, seconds: timeSeconds, file, uri: `${selected.sources[0]}${name}` });
      }
    }
    const byName = (one: SelectedFrame, other: SelectedFrame): number => one.name.localeCompare(other.name);
    return { report: reportOf(selected), frames: frames.toSorted(byName) };
  } finally {
    await clients.destroy();
  }
}

function reportOf({ manifest: { frames, counts } }: StudioFrames): RunOutput["report"] {
  const videos = Map.groupBy(frames, ({ video }) => video);
  return {
    framesSeen: counts.frames,
    framesSelected: counts.selected,
    inputs: [...videos].map(([name, picked]) => {
      const selectedFrames = picked.map(({ frame }) => frame);
      return { name, selectedFrames, frames: Math.max(...selectedFrames) + 1 };
    }),
  };
}
