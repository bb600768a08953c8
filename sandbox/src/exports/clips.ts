/** `lightly-aws-sandbox/clips`: the generated clips, and the videos of a folder. */
export { hasClips, makeClips } from "../clips/make-clips.ts";
export { createVideoLibrary } from "../pexels/video-library.ts";
