import type { EmbeddedFrames, Frame } from "../embed-inputs.ts";
import { kindOf } from "../load-inputs.ts";

/** The run's CORRUPTNESS_CHECK_INFORMATION artifact: the inputs that could not be decoded, with the reasons. */
export function corruptnessInformation(broken: EmbeddedFrames["broken"]): unknown {
  const of = (kind: "video" | "photo") =>
    Object.fromEntries(broken.filter(({ name }) => kindOf(name) === kind).map(({ name, reason }) => [name, reason]));
  return { corrupt_samples: of("photo"), corrupt_videos: of("video") };
}

/**
 * The run's SEQUENCE_INFORMATION artifact: the selected sequences of video frames. This worker selects single frames, so
 * each sequence has one. It counts timestamps (`pts`) in microseconds.
 */
export const sequenceInformation = (chosen: readonly Frame[]): unknown =>
  chosen
    .filter(({ input }) => input.kind === "video")
    .map(({ input, name, frameIndex, timestampSeconds }) => ({
      video_name: input.name,
      frame_names: [name],
      frame_timestamps_pts: [Math.round(timestampSeconds * 1e6)],
      frame_timestamps_sec: [timestampSeconds],
      frame_indices: [frameIndex],
    }));
