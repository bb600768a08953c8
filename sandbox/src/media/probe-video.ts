import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
import { registerCodecs } from "./codecs.ts";
import { VIDEO_EXTENSIONS } from "./extensions.ts";

/** The properties of a video file. */
export interface VideoFacts {
  /** Display size in pixels, rotation applied. */
  readonly width: number;
  readonly height: number;
  /** Average frames per second, to two decimals. */
  readonly fps: number;
  readonly durationSeconds: number;
  /** Encoded frames (packets of the video track). */
  readonly frames: number;
  /** A codec parameter string such as `avc1.42c016`. */
  readonly codec: string;
}

/**
 * Reads a video file's header and packet table; decodes nothing.
 *
 * @throws Error with the reason why it can't be read, without the file's name
 */
export async function probeVideo(path: string): Promise<VideoFacts> {
  registerCodecs();
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  try {
    return await readFacts(input);
  } finally {
    input.dispose();
  }
}

async function readFacts(input: Input): Promise<VideoFacts> {
  const track = await input.getPrimaryVideoTrack().catch((cause: unknown) => {
    throw new Error(`not a video that can be read (${VIDEO_EXTENSIONS.join(", ")})`, { cause });
  });
  if (track === null) {
    throw new Error("no video track in it");
  }
  const stats = await track.computePacketStats();
  return {
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    fps: Math.round(stats.averagePacketRate * 100) / 100,
    durationSeconds: await input.computeDuration([track]),
    frames: stats.packetCount,
    codec: (await track.getCodecParameterString()) ?? "unknown",
  };
}
