import {
  ALL_FORMATS,
  FilePathSource,
  Input,
  type InputVideoTrack,
  type VideoSample,
  VideoSampleSink,
} from "mediabunny";
import { registerCodecs } from "./codecs.ts";
import { type RgbaImage, readRgba } from "./rgba.ts";

/** One decoded frame. */
export interface DecodedFrame {
  /** Index in the video in order of presentation, from 0. */
  readonly index: number;
  readonly timestampSeconds: number;
  readonly image: RgbaImage;
}

/**
 * Every frame of a video file in order of presentation; decoding runs ahead on FFmpeg's threads.
 *
 * @param longestSide - maximum width and height of the frames, which are scaled down before they reach JavaScript
 * @throws Error with the reason why it can't be decoded, without the file's name
 */
export async function* decodeVideo(path: string, longestSide?: number): AsyncGenerator<DecodedFrame, void> {
  const input = open(path);
  try {
    let index = 0;
    for await (const sample of new VideoSampleSink(await trackOf(input)).samples()) {
      const timestampSeconds = sample.timestamp;
      yield { index, timestampSeconds, image: await takeRgba(sample, longestSide) };
      index += 1;
    }
  } finally {
    input.dispose();
  }
}

/**
 * Some frames of a video in full size.
 *
 * @param timestamps - as {@link decodeVideo} gave them, in ascending order; each frame between is decoded at most once
 */
export async function* readFrames(path: string, timestamps: readonly number[]): AsyncGenerator<RgbaImage, void> {
  const input = open(path);
  try {
    for await (const sample of new VideoSampleSink(await trackOf(input)).samplesAtTimestamps(timestamps)) {
      if (sample === null) {
        throw new Error("a frame that was decoded before was not found again");
      }
      yield await takeRgba(sample);
    }
  } finally {
    input.dispose();
  }
}

/** Reads a sample's pixels and frees its memory. */
async function takeRgba(sample: VideoSample, longestSide?: number): Promise<RgbaImage> {
  try {
    return await readRgba(sample, longestSide);
  } finally {
    sample.close();
  }
}

function open(path: string): Input {
  registerCodecs();
  return new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
}

async function trackOf(input: Input): Promise<InputVideoTrack> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null || !(await track.canDecode())) {
    throw new Error(track === null ? "no video track in it" : `no decoder for its codec (${track.codec ?? "unknown"})`);
  }
  return track;
}
